import { errorText, invalid, RuntimeError } from "../../domain/errors.ts";
import type { Status, StoredStrategy, StrategyConfig, StrategyDraft } from "../../domain/strategy.ts";
import type { SaveResult, StrategyDesk } from "../api.ts";
import { Pace } from "../concurrency/pace.ts";
import { type ValidationOptions, validateStrategy } from "../validation/validate-strategy.ts";
import { type CompareAndSetOptions, type Pending, rehearse, saveAll, wavesOf } from "./compare-and-set.ts";
import { loadStored } from "./strategy-book.ts";
import { unfollowedWarnings } from "./unfollowed.ts";

export interface StrategyDeskOptions extends CompareAndSetOptions {
  /** Symbols that are judged at every close. */
  readonly followed: () => ReadonlySet<string>;
  /** How many positions of a strategy are open. */
  readonly openPositions: (strategyId: string) => number;
}

/**
 * Keeps strategies: validates, decides on equality in canonical form (R42), writes by
 * compare-and-set, brings in force.
 */
export function strategyDesk(options: StrategyDeskOptions): StrategyDesk {
  const { repository, validation } = options;

  const save: StrategyDesk["save"] = async (draft, { expectedVersion, validateOnly }) => {
    const checked = check(draft, options);
    if ("error" in checked) {
      throw checked.error;
    }
    const pending: Pending = { index: 0, ...checked, expectedVersion };
    const [saved] = validateOnly ? [await rehearse(repository, pending)] : await saveAll(options, [pending]);
    if (saved === undefined || "error" in saved) {
      throw saved?.error ?? new RuntimeError("internal", "the save had no result");
    }
    return saved;
  };

  const get: StrategyDesk["get"] = async (strategyId) => {
    const stored = (await repository.get([strategyId])).get(strategyId);
    if (stored === undefined) {
      throw noSuchStrategy([strategyId]);
    }
    return stored;
  };

  const setStatus: StrategyDesk["setStatus"] = async (strategyId, status, reason) => {
    mayBecome(await get(strategyId), status, validation);
    const stored = await options.inTurn(
      () => repository.setStatus(strategyId, status, reason, options.clock.now()),
      (result) => (result === undefined ? [] : [result]),
    );
    if (stored === undefined) {
      throw noSuchStrategy([strategyId]);
    }
    return stored;
  };

  return {
    save,
    saveMany: (drafts) => saveMany(options, drafts),
    get,
    list: (page) => repository.list(page),
    setStatus,
    delete: (strategyId, reason) => deleteStrategy(options, strategyId, reason),
  };
}

/** Each on its own; what is wrong with one does not keep the others from being saved. */
async function saveMany(
  options: StrategyDeskOptions,
  drafts: readonly StrategyDraft[],
): ReturnType<StrategyDesk["saveMany"]> {
  const results: (SaveResult | { error: string })[] = [];
  const pending: Pending[] = [];
  // A wrong name takes its time: the nearest one is looked for. A thousand strategies may have many
  // of them.
  const pace = new Pace(options.clock);
  for (const [index, draft] of drafts.entries()) {
    const checked = check(draft, options);
    if ("error" in checked) {
      results[index] = { error: checked.error.message };
    } else {
      pending.push({ index, ...checked, expectedVersion: undefined });
    }
    if (pace.isLate()) {
      await pace.rest();
    }
  }
  for (const wave of wavesOf(pending)) {
    const saved = await saveAll(options, wave);
    wave.forEach(({ index }, i) => {
      const one = saved[i];
      results[index] = one === undefined || "error" in one ? { error: errorText(one?.error) } : one;
    });
  }
  return results;
}

async function deleteStrategy(
  { repository, clock, inTurn, openPositions }: StrategyDeskOptions,
  strategyId: string,
  reason: string,
): Promise<void> {
  const named = `strategy ${JSON.stringify(strategyId)}`;
  const open = openPositions(strategyId);
  if (open > 0) {
    const positions = open === 1 ? "an open position" : `${open} open positions`;
    throw new RuntimeError("failed_precondition", `${named} has ${positions}: report the end of each, then delete it`);
  }
  const fate = await inTurn(
    () => repository.delete(strategyId, reason, clock.now()),
    () => [],
  );
  if (fate === undefined) {
    throw noSuchStrategy([strategyId]);
  }
  if (fate === "active") {
    throw new RuntimeError(
      "failed_precondition",
      `${named} is LIVE or SHADOW: set its status to DISABLED, then delete it`,
    );
  }
}

export function noSuchStrategy(ids: readonly string[]): RuntimeError {
  const named = ids.map((id) => JSON.stringify(id)).join(", ");
  return new RuntimeError(
    "not_found",
    `no strategy ${named} is stored; save it first, or list the strategies for their ids`,
  );
}

type Checked =
  | { readonly config: StrategyConfig; readonly warnings: readonly string[] }
  | { readonly error: RuntimeError };

function check(draft: StrategyDraft, { validation, followed }: StrategyDeskOptions): Checked {
  const validated = validateStrategy(draft, validation);
  if ("violations" in validated) {
    return { error: invalid(validated.violations) };
  }
  const { config, warnings } = validated;
  return { config, warnings: [...warnings, ...unfollowedWarnings(config.symbols, followed())] };
}

/** A strategy that cannot be evaluated may be switched off, not on (R44). */
function mayBecome(stored: StoredStrategy, status: Status, validation: ValidationOptions): void {
  if (status !== "LIVE" && status !== "SHADOW") {
    return;
  }
  const draft = stored.draft && { ...stored.draft, status };
  const loaded = loadStored({ ...stored, ...(draft && { draft }) }, validation);
  if ("rejected" in loaded) {
    throw new RuntimeError(
      "failed_precondition",
      `strategy ${JSON.stringify(stored.strategyId)} is not valid and cannot become ${status}: ${loaded.rejected.explanation}; save it anew first`,
    );
  }
}
