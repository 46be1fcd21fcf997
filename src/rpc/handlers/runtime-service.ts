import { create } from "@bufbuild/protobuf";
import {
  EvaluateExitResponseSchema,
  EvaluateResponseSchema,
  type GenerateSignalsRequest,
  type GenerateSignalsResponseSchema,
  type StrategyRuntimeService,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { Engine, FollowQuery, OneShotQuery, RuntimeDesk, SignalBatch } from "../../engine/api.ts";
import { textFault } from "../../engine/validation/texts.ts";
import { evaluationEncoder, signalsEncoder } from "../encode/answers.ts";
import { Faults } from "../faults.ts";
import { type CallContext, type Handlers, Prepared } from "../service.ts";
import { toEvaluation, toExitEvaluation } from "../translate/decision.ts";
import { toRefreshed, toRuntimeStatus, toSignals } from "../translate/runtime.ts";
import { evaluateQuery } from "./evaluate-query.ts";
import { listDecisions } from "./list-decisions.ts";

const MOST_SYMBOLS = 5_000;

export interface RuntimeOptions {
  /** Version of the software. */
  readonly version: string;
  /**
   * Where the stores and the feed point, without secrets: `{ strategies: "postgres", market_data:
   * "binance" }`.
   */
  readonly adapters: Readonly<Record<string, string>>;
}

/** StrategyRuntimeService of the contract. */
export function runtimeHandlers(
  engine: Pick<Engine, "runtime">,
  options: RuntimeOptions,
): Handlers<typeof StrategyRuntimeService> {
  const { runtime } = engine;
  const evaluationBytes = evaluationEncoder();
  const signalsBytes = signalsEncoder();
  return {
    async evaluate(request, context) {
      const evaluation = await runtime.evaluate(evaluateQuery(request), context);
      return new Prepared<typeof EvaluateResponseSchema>(
        () => evaluationBytes(evaluation),
        () => create(EvaluateResponseSchema, { evaluation: toEvaluation(evaluation) }),
      );
    },

    async evaluateExit({ positionId }) {
      const faults = new Faults();
      faults.note("position_id", textFault(positionId, { least: 1, most: 128 }));
      faults.raise();
      return create(EvaluateExitResponseSchema, {
        evaluation: toExitEvaluation(await runtime.evaluateExit(positionId)),
      });
    },

    async *generateSignals(request, context) {
      for await (const batch of batches(runtime, request, context)) {
        yield new Prepared<typeof GenerateSignalsResponseSchema>(
          () => signalsBytes(batch),
          () => toSignals(batch),
        );
      }
    },

    async refreshStrategies() {
      return toRefreshed(await runtime.refresh());
    },

    listDecisions: (request, context) => listDecisions(runtime, request, context),

    async getRuntimeStatus() {
      return toRuntimeStatus(runtime.status(), options);
    },
  };
}

function batches(
  runtime: RuntimeDesk,
  request: GenerateSignalsRequest,
  context: CallContext,
): AsyncIterable<SignalBatch> {
  if (!request.follow) {
    const steps = runtime.generate(oneShotQuery(request), context.signal);
    return context.costly?.(steps) ?? steps;
  }
  const query = followQuery(request);
  context.endless?.();
  return runtime.follow(query, context.signal);
}

/** A one-shot request as the engine takes it; throws `invalid` with all that is wrong with it. */
function oneShotQuery(request: GenerateSignalsRequest): OneShotQuery {
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
    includeExits: request.includeExits,
  };
}

/** A follow request as the engine takes it; throws `invalid` with all that is wrong with it. */
function followQuery(request: GenerateSignalsRequest): FollowQuery {
  const { symbols, resumeToken, includeShadow, strategyIds, includeExits } = request;
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
  return { symbols, resumeToken, includeShadow, strategyIds, includeExits };
}

function checkSymbols(faults: Faults, symbols: readonly string[], least: number): void {
  if (symbols.length < least || symbols.length > MOST_SYMBOLS) {
    faults.note("symbols", `has ${symbols.length} symbols, must have ${least} to ${MOST_SYMBOLS}`);
  }
  faults.symbols("symbols", symbols.slice(0, MOST_SYMBOLS));
}
