import type { Status, StoredStrategy, Strategy } from "../domain/strategy.ts";
import type { Timeframe } from "../domain/timeframe.ts";
import type { Indicator } from "../indicators/indicator.ts";
import type { StrategyChanges } from "../ports/strategy-repository.ts";
import type { RejectedStrategy } from "./api.ts";
import { type CompiledStrategy, compareStrategies, compileStrategy } from "./compile.ts";
import type { Wanted } from "./tracked-series.ts";
import { requiredBars } from "./validation/required-bars.ts";
import { type ValidationOptions, validateStrategy } from "./validation/validate-strategy.ts";

const ACTIVE: readonly Status[] = ["LIVE", "SHADOW"];

/** Strategies of one timeframe that read the same timeframes: they wait for the same bars. */
export interface Cohort {
  readonly timeframe: Timeframe;
  /** The own timeframe included. */
  readonly reads: readonly Timeframe[];
  readonly strategies: readonly CompiledStrategy[];
}

/** A stored strategy that may be judged, or why it may not. */
export type Loadable = { readonly compiled: CompiledStrategy } | { readonly rejected: RejectedStrategy };

/** Validates and compiles what a repository holds (R44). */
export function loadStored(stored: StoredStrategy, options: ValidationOptions): Loadable {
  const { strategyId, draft, fault = "it cannot be read" } = stored;
  if (draft === undefined) {
    return { rejected: { strategyId, explanation: fault } };
  }
  const validated = validateStrategy(draft, options);
  if ("violations" in validated) {
    const explanation = validated.violations.map((v) => `${v.field}: ${v.description}`).join("; ");
    return { rejected: { strategyId, explanation } };
  }
  const { version, createdAt, updatedAt, lastExecutedAt } = stored;
  const strategy: Strategy = {
    ...validated.config,
    version,
    createdAt,
    updatedAt,
    ...(lastExecutedAt !== undefined && { lastExecutedAt }),
  };
  return { compiled: compileStrategy(strategy) };
}

function isSame({ strategy }: CompiledStrategy, stored: StoredStrategy): boolean {
  return strategy.version === stored.version && strategy.updatedAt === stored.updatedAt;
}

/** The LIVE and SHADOW strategies in force, compiled; and those that cannot be. */
export class StrategyBook {
  readonly #options: ValidationOptions;
  #loaded = new Map<string, CompiledStrategy>();
  #rejected = new Map<string, RejectedStrategy>();
  #sorted: readonly CompiledStrategy[] | undefined;
  #cohorts: ReadonlyMap<Timeframe, readonly Cohort[]> | undefined;
  #liveCohorts: ReadonlyMap<Timeframe, readonly Cohort[]> | undefined;
  #wanted: ReadonlyMap<Timeframe, Wanted> | undefined;

  constructor(options: ValidationOptions) {
    this.#options = options;
  }

  get(strategyId: string): CompiledStrategy | undefined {
    return this.#loaded.get(strategyId);
  }

  /** All loaded ones, by id. */
  get strategies(): readonly CompiledStrategy[] {
    this.#sorted ??= [...this.#loaded.values()].sort(compareStrategies);
    return this.#sorted;
  }

  get rejected(): readonly RejectedStrategy[] {
    return [...this.#rejected.values()];
  }

  count(status: Status): number {
    return this.strategies.filter(({ strategy }) => strategy.status === status).length;
  }

  /** Takes what has changed in the repository; answers whether that is anything. What has not changed is not compiled again. */
  update({ complete, strategies, gone }: Pick<StrategyChanges, "complete" | "strategies" | "gone">): boolean {
    if (complete) {
      this.#replaceAll(strategies);
      return true;
    }
    const changed = strategies.filter((stored) => this.replace(stored));
    const left = gone.filter((strategyId) => this.#drop(strategyId));
    if (left.length > 0) {
      this.#forget();
    }
    return changed.length + left.length > 0;
  }

  /**
   * Takes one strategy as it is stored now; one that is neither LIVE nor SHADOW any more is no longer in force. Answers whether that
   * changes anything.
   */
  replace(stored: StoredStrategy): boolean {
    if (this.#isKnown(stored)) {
      return false;
    }
    const wasThere = this.#drop(stored.strategyId);
    this.#take(stored);
    const isThere = this.#loaded.has(stored.strategyId) || this.#rejected.has(stored.strategyId);
    if (wasThere || isThere) {
      this.#forget();
    }
    return wasThere || isThere;
  }

  #replaceAll(stored: readonly StoredStrategy[]): void {
    const before = this.#loaded;
    this.#loaded = new Map();
    this.#rejected = new Map();
    for (const each of stored) {
      const known = before.get(each.strategyId);
      if (known !== undefined && isSame(known, each)) {
        this.#loaded.set(each.strategyId, known);
      } else {
        this.#take(each);
      }
    }
    this.#forget();
  }

  #isKnown(stored: StoredStrategy): boolean {
    const known = this.#loaded.get(stored.strategyId);
    return known !== undefined && isSame(known, stored);
  }

  /** Whether it was there. */
  #drop(strategyId: string): boolean {
    const wasLoaded = this.#loaded.delete(strategyId);
    return this.#rejected.delete(strategyId) || wasLoaded;
  }

  #take(stored: StoredStrategy): void {
    if (!ACTIVE.includes(stored.draft?.status as Status) && stored.draft !== undefined) {
      return;
    }
    const loaded = loadStored(stored, this.#options);
    if ("compiled" in loaded) {
      this.#loaded.set(stored.strategyId, loaded.compiled);
    } else {
      this.#rejected.set(stored.strategyId, loaded.rejected);
    }
  }

  #forget(): void {
    this.#sorted = undefined;
    this.#cohorts = undefined;
    this.#liveCohorts = undefined;
    this.#wanted = undefined;
  }

  /** The loaded strategies by timeframe, short to long. */
  get cohorts(): ReadonlyMap<Timeframe, readonly Cohort[]> {
    this.#cohorts ??= cohortsOf(this.strategies);
    return this.#cohorts;
  }

  /** The same of the LIVE ones alone. */
  get liveCohorts(): ReadonlyMap<Timeframe, readonly Cohort[]> {
    this.#liveCohorts ??= cohortsOf(this.strategies.filter(({ strategy }) => strategy.status === "LIVE"));
    return this.#liveCohorts;
  }

  /** What the loaded strategies read, by timeframe. */
  get wanted(): ReadonlyMap<Timeframe, Wanted> {
    this.#wanted ??= wantedBy(this.#loaded.values());
    return this.#wanted;
  }
}

/** What these strategies read, by timeframe: every indicator, and the bars that settle them all. */
export function wantedBy(strategies: Iterable<CompiledStrategy>): ReadonlyMap<Timeframe, Wanted> {
  const indicators = new Map<Timeframe, Map<string, Indicator>>();
  const required = new Map<Timeframe, number>();
  for (const { strategy, reads } of strategies) {
    for (const [timeframe, read] of reads) {
      const known = indicators.get(timeframe) ?? new Map<string, Indicator>();
      indicators.set(timeframe, known);
      for (const indicator of read) {
        known.set(indicator.name, indicator);
      }
    }
    for (const [timeframe, bars] of requiredBars(strategy)) {
      required.set(timeframe, Math.max(required.get(timeframe) ?? 0, bars));
    }
  }
  return new Map(
    [...indicators].map(([timeframe, known]) => [
      timeframe,
      { indicators: [...known.values()], requiredBars: required.get(timeframe) ?? 0 },
    ]),
  );
}

const WANTED = new WeakMap<CompiledStrategy, ReadonlyMap<Timeframe, Wanted>>();

/** The same of one strategy, which calls ask for again and again. */
export function wantedOf(compiled: CompiledStrategy): ReadonlyMap<Timeframe, Wanted> {
  const known = WANTED.get(compiled);
  if (known !== undefined) {
    return known;
  }
  const wanted = wantedBy([compiled]);
  WANTED.set(compiled, wanted);
  return wanted;
}

export function cohortsOf(strategies: readonly CompiledStrategy[]): ReadonlyMap<Timeframe, readonly Cohort[]> {
  const byTimeframe = new Map<
    Timeframe,
    Map<string, { reads: readonly Timeframe[]; strategies: CompiledStrategy[] }>
  >();
  for (const compiled of strategies) {
    const { timeframe } = compiled.strategy;
    const reads = [...compiled.reads.keys()];
    const key = reads.join(",");
    const cohorts = byTimeframe.get(timeframe) ?? new Map();
    byTimeframe.set(timeframe, cohorts);
    const cohort = cohorts.get(key) ?? { reads, strategies: [] };
    cohorts.set(key, cohort);
    cohort.strategies.push(compiled);
  }
  return new Map(
    [...byTimeframe].map(([timeframe, cohorts]) => [
      timeframe,
      [...cohorts.values()].map((c) => ({ ...c, timeframe })),
    ]),
  );
}
