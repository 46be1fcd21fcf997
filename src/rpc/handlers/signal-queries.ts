import type { GenerateSignalsRequest } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { FollowQuery, OneShotQuery } from "../../engine/api.ts";
import { Faults } from "../faults.ts";

const MOST_SYMBOLS = 5_000;

/** A one-shot request as the engine takes it; throws `invalid` with all that is wrong with it. */
export function oneShotQuery(request: GenerateSignalsRequest): OneShotQuery {
  const { symbols, currentRegime, resumeToken, strategyIds } = request;
  const faults = new Faults();
  checkSymbols(faults, symbols, 1);
  faults.regime("current_regime", currentRegime);
  faults.note("resume_token", resumeToken === "" ? undefined : "is only for follow: leave it out, or set follow");
  faults.strategyIds("strategy_ids", strategyIds);
  faults.raise();
  return {
    symbols,
    ...(currentRegime !== undefined && { currentRegime }),
    includeShadow: request.includeShadow,
    strategyIds,
    includeSuppressions: request.includeSuppressions,
    dryRun: request.dryRun,
    includeEmitted: request.includeEmitted,
  };
}

/** A follow request as the engine takes it; throws `invalid` with all that is wrong with it. */
export function followQuery(request: GenerateSignalsRequest): FollowQuery {
  const { symbols, resumeToken, includeShadow, strategyIds } = request;
  const faults = new Faults();
  checkSymbols(faults, symbols, 0);
  faults.strategyIds("strategy_ids", strategyIds);
  if (request.currentRegime !== undefined) {
    faults.note("current_regime", "is refused with follow, which always uses the policy's: leave it out");
  }
  const refused = {
    include_suppressions: request.includeSuppressions,
    dry_run: request.dryRun,
    include_emitted: request.includeEmitted,
  };
  for (const [field, set] of Object.entries(refused)) {
    faults.note(field, set ? "is refused with follow: leave out one of the two" : undefined);
  }
  faults.raise();
  return { symbols, resumeToken, includeShadow, strategyIds };
}

function checkSymbols(faults: Faults, symbols: readonly string[], least: number): void {
  if (symbols.length < least || symbols.length > MOST_SYMBOLS) {
    faults.note("symbols", `has ${symbols.length} symbols, must have ${least} to ${MOST_SYMBOLS}`);
  }
  faults.symbols("symbols", symbols.slice(0, MOST_SYMBOLS));
}
