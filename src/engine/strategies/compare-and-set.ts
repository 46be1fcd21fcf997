import { RuntimeError } from "../../domain/errors.ts";
import { type StoredStrategy, type StrategyConfig, toDraft } from "../../domain/strategy.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StrategyRepository } from "../../ports/strategy-repository.ts";
import type { SaveResult } from "../api.ts";
import type { ValidationOptions } from "../validation/validate-strategy.ts";
import { removalWarnings } from "./removals.ts";
import { loadStored } from "./strategy-book.ts";

/** How often a save over any version tries again where another writer came between. */
const ATTEMPTS = 5;

export interface CompareAndSetOptions {
  readonly repository: StrategyRepository;
  readonly validation: ValidationOptions;
  readonly clock: Clock;
  /** Writes and brings the outcome in force, in one turn: no reload may come between the two. */
  readonly inTurn: <T>(write: () => Promise<T>, stored: (result: T) => readonly StoredStrategy[]) => Promise<T>;
}

/** A checked strategy that is still to be saved. */
export interface Pending {
  readonly index: number;
  readonly config: StrategyConfig;
  readonly warnings: readonly string[];
  readonly expectedVersion: number | undefined;
}

export type Saved = SaveResult | { readonly error: RuntimeError };

/** Groups without an id twice, later ones in later groups: the last one given wins. */
export function wavesOf(pending: readonly Pending[]): Pending[][] {
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

/** What a save would come to; nothing is written. */
export async function rehearse(repository: StrategyRepository, pending: Pending): Promise<Saved> {
  const { config } = pending;
  const existing = (await repository.get([config.strategyId])).get(config.strategyId);
  const conflict = versionConflict(pending, existing);
  if (conflict !== undefined) {
    return { error: conflict };
  }
  const kept = existing ?? { version: 0, createdAt: 0, updatedAt: 0 };
  return {
    strategy: { ...kept, strategyId: config.strategyId, draft: toDraft(config) },
    warnings: warningsOf(pending, existing),
  };
}

/** Compare-and-set for all, again for those that another writer came between. */
export async function saveAll(options: CompareAndSetOptions, all: readonly Pending[]): Promise<readonly Saved[]> {
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
        const before = existing.get(pending.config.strategyId);
        done.set(pending, { strategy: stored, warnings: warningsOf(pending, before) });
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

function warningsOf({ config, warnings }: Pending, existing: StoredStrategy | undefined): readonly string[] {
  return [...warnings, ...removalWarnings(existing?.draft, config)];
}

/**
 * What a save comes to where nothing has to be written: a conflict, or what is stored already
 * (R42).
 */
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
  options: CompareAndSetOptions,
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
