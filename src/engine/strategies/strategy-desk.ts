import { errorText, invalid, RuntimeError } from "../../domain/errors.ts";
import {
  type Status,
  type StoredStrategy,
  type StrategyConfig,
  type StrategyDraft,
  toDraft,
} from "../../domain/strategy.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StrategyRepository } from "../../ports/strategy-repository.ts";
import type { SaveResult, StrategyDesk } from "../api.ts";
import { Pace } from "../concurrency/pace.ts";
import { type ValidationOptions, validateStrategy } from "../validation/validate-strategy.ts";
import { loadStored } from "./strategy-book.ts";
import { unfollowedWarnings } from "./unfollowed.ts";

/** How often a save over any version tries again where another writer came between. */
const ATTEMPTS = 5;

export interface StrategyDeskOptions {
  readonly repository: StrategyRepository;
  readonly validation: ValidationOptions;
  readonly clock: Clock;
  /** Symbols that are judged at every close. */
  readonly followed: () => ReadonlySet<string>;
  /** Writes and brings the outcome in force, in one turn: no reload may come between the two. */
  readonly inTurn: <T>(write: () => Promise<T>, stored: (result: T) => readonly StoredStrategy[]) => Promise<T>;
}

interface Pending {
  readonly index: number;
  readonly config: StrategyConfig;
  readonly warnings: readonly string[];
  readonly expectedVersion: number | undefined;
}

type Saved = SaveResult | { readonly error: RuntimeError };

/** Keeps strategies: validates, decides on equality in canonical form (R42), writes by compare-and-set, brings in force. */
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

  const saveMany: StrategyDesk["saveMany"] = async (drafts) => {
    const results: (SaveResult | { error: string })[] = [];
    const pending: Pending[] = [];
    // A wrong name takes its time: the nearest one is looked for. A thousand strategies may have many of them.
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

  return { save, saveMany, get, list: (page) => repository.list(page), setStatus };
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

/** Groups without an id twice, later ones in later groups: the last one given wins. */
function wavesOf(pending: readonly Pending[]): Pending[][] {
  const waves: Pending[][] = [];
  const times = new Map<string, number>();
  for (const each of pending) {
    const wave = times.get(each.config.strategyId) ?? 0;
    times.set(each.config.strategyId, wave + 1);
    waves[wave] ??= [];
    waves[wave].push(each);
  }
  return waves;
}

async function rehearse(repository: StrategyRepository, pending: Pending): Promise<Saved> {
  const { config, warnings } = pending;
  const existing = (await repository.get([config.strategyId])).get(config.strategyId);
  const conflict = versionConflict(pending, existing);
  if (conflict !== undefined) {
    return { error: conflict };
  }
  const kept = existing ?? { version: 0, createdAt: 0, updatedAt: 0 };
  return { strategy: { ...kept, strategyId: config.strategyId, draft: toDraft(config) }, warnings };
}

/** Compare-and-set for all, again for those that another writer came between. */
async function saveAll(options: StrategyDeskOptions, all: readonly Pending[]): Promise<readonly Saved[]> {
  const done = new Map<Pending, Saved>();
  const unchanged: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS && done.size < all.length; attempt++) {
    const open = all.filter((pending) => !done.has(pending));
    const existing = await options.repository.get(open.map((pending) => pending.config.strategyId));
    const toWrite: Pending[] = [];
    for (const pending of open) {
      const saved = withoutWrite(pending, existing.get(pending.config.strategyId), options.validation);
      if (saved === undefined) {
        toWrite.push(pending);
      } else {
        done.set(pending, saved);
        unchanged.push(...("error" in saved ? [] : [pending.config.strategyId]));
      }
    }
    const written = await write(options, toWrite, existing);
    toWrite.forEach((pending, i) => {
      const stored = written[i];
      if (stored !== undefined) {
        done.set(pending, { strategy: stored, warnings: pending.warnings });
      }
    });
  }
  if (unchanged.length > 0) {
    // Others may have stored it, so that it is not in force here yet.
    await options.inTurn(
      () => options.repository.get(unchanged),
      (found) => [...found.values()],
    );
  }
  return all.map((pending) => done.get(pending) ?? { error: contested(pending) });
}

/** What a save comes to where nothing has to be written: a conflict, or what is stored already (R42). */
function withoutWrite(
  pending: Pending,
  existing: StoredStrategy | undefined,
  validation: ValidationOptions,
): Saved | undefined {
  const conflict = versionConflict(pending, existing);
  if (conflict !== undefined) {
    return { error: conflict };
  }
  if (existing === undefined) {
    return undefined;
  }
  const loaded = loadStored(existing, validation);
  if ("rejected" in loaded) {
    return undefined;
  }
  const { version, createdAt, updatedAt, lastExecutedAt, ...config } = loaded.compiled.strategy;
  return sameConfig(config, pending.config)
    ? { strategy: { ...existing, draft: toDraft(config) }, warnings: pending.warnings }
    : undefined;
}

async function write(
  options: StrategyDeskOptions,
  toWrite: readonly Pending[],
  existing: ReadonlyMap<string, StoredStrategy>,
): Promise<readonly (StoredStrategy | undefined)[]> {
  if (toWrite.length === 0) {
    return [];
  }
  const writes = toWrite.map(({ config }) => ({
    config,
    expectedVersion: existing.get(config.strategyId)?.version ?? 0,
  }));
  const results = await options.inTurn(
    () => options.repository.save(writes, options.clock.now()),
    (written) => written.flatMap((result) => ("stored" in result ? [result.stored] : [])),
  );
  return results.map((result) => ("stored" in result ? result.stored : undefined));
}

function versionConflict(pending: Pending, existing: StoredStrategy | undefined): RuntimeError | undefined {
  const found = existing?.version ?? 0;
  if (pending.expectedVersion === undefined || pending.expectedVersion === found) {
    return undefined;
  }
  const is = found === 0 ? "it is not stored" : `version ${found} is stored`;
  return new RuntimeError(
    "aborted",
    `strategy ${JSON.stringify(pending.config.strategyId)}: expected_version is ${pending.expectedVersion}, but ${is}; read it again and retry`,
  );
}

function contested(pending: Pending): RuntimeError {
  const id = JSON.stringify(pending.config.strategyId);
  return new RuntimeError("aborted", `strategy ${id} was changed by others ${ATTEMPTS} times meanwhile; retry`);
}

/** Whether two canonical configs are equal; the order of labels does not matter. */
function sameConfig(a: StrategyConfig, b: StrategyConfig): boolean {
  return canonicalText(a) === canonicalText(b);
}

function canonicalText(config: StrategyConfig): string {
  const ordered = Object.entries({ ...config, labels: Object.entries(config.labels).sort() }).sort();
  return JSON.stringify(ordered);
}
