import { TIMEFRAMES, type Timeframe } from "../../../domain/timeframe.ts";
import { deepestOf } from "../../../indicators/deepened.ts";
import type { Indicator } from "../../../indicators/indicator.ts";

import type { CompiledStrategy, Reads } from "./compiled-strategy.ts";

/** What the loaded strategies read on one timeframe. */
export interface SeriesRequirement {
  readonly indicators: readonly Indicator[];
  /** Bars that make all of them settled (R10). */
  readonly requiredBars: number;
}

export type RequiredSeries = ReadonlyMap<Timeframe, SeriesRequirement>;

/** What is read on one timeframe, and by how many. */
interface Counts {
  readonly indicators: Map<Indicator, number>;
  /** By number of bars that are needed. */
  readonly bars: Map<number, number>;
}

/**
 * What many strategies read, by timeframe, kept as they come and go: one of a hundred thousand
 * costs no look at the others.
 */
export class RequiredSeriesIndex {
  /** How many strategies read so. */
  readonly #readers = new Map<Reads, number>();
  readonly #counts = new Map<Timeframe, Counts>();
  #required: RequiredSeries | undefined;

  add({ reads }: CompiledStrategy): void {
    if (changeCount(this.#readers, reads, 1)) {
      this.#count(reads, 1);
    }
  }

  remove({ reads }: CompiledStrategy): void {
    if (changeCount(this.#readers, reads, -1)) {
      this.#count(reads, -1);
    }
  }

  /** As of now. The same object as long as nothing else is read. */
  get required(): RequiredSeries {
    this.#required ??= new Map(
      TIMEFRAMES.flatMap((timeframe) => {
        const counts = this.#counts.get(timeframe);
        return counts === undefined || counts.indicators.size === 0 ? [] : [[timeframe, sumOf(counts)] as const];
      }),
    );
    return this.#required;
  }

  #count({ indicators, requiredBars }: Reads, by: 1 | -1): void {
    let changed = false;
    for (const [timeframe, read] of indicators) {
      const counts = this.#counts.get(timeframe) ?? { indicators: new Map(), bars: new Map() };
      this.#counts.set(timeframe, counts);
      for (const indicator of read) {
        changed = changeCount(counts.indicators, indicator, by) || changed;
      }
      changed = changeCount(counts.bars, requiredBars.get(timeframe) ?? 0, by) || changed;
    }
    if (changed) {
      this.#required = undefined;
    }
  }
}

/** Whether the key came with it, or went. */
function changeCount<K>(counts: Map<K, number>, key: K, by: 1 | -1): boolean {
  const before = counts.get(key) ?? 0;
  const after = before + by;
  if (after === 0) {
    counts.delete(key);
  } else {
    counts.set(key, after);
  }
  return before === 0 || after === 0;
}

function sumOf({ indicators, bars }: Counts): SeriesRequirement {
  return { indicators: deepestOf(indicators.keys()), requiredBars: Math.max(0, ...bars.keys()) };
}

/** What two groups of strategies read together. */
export function requiredByBoth(a: RequiredSeries, b: RequiredSeries): RequiredSeries {
  return new Map(
    TIMEFRAMES.flatMap((timeframe) => {
      const [one, other] = [a.get(timeframe), b.get(timeframe)];
      const both = one && other ? joined(one, other) : (one ?? other);
      return both === undefined ? [] : [[timeframe, both] as const];
    }),
  );
}

function joined(a: SeriesRequirement, b: SeriesRequirement): SeriesRequirement {
  const indicators = deepestOf([...a.indicators, ...b.indicators]);
  return { indicators, requiredBars: Math.max(a.requiredBars, b.requiredBars) };
}

/** What these strategies read, by timeframe: every indicator, and the bars that settle them all. */
export function requiredBy(strategies: Iterable<CompiledStrategy>): RequiredSeries {
  const index = new RequiredSeriesIndex();
  for (const compiled of strategies) {
    index.add(compiled);
  }
  return index.required;
}

const REQUIRED = new WeakMap<CompiledStrategy, RequiredSeries>();

/** The same of one strategy, which calls ask for again and again. */
export function requiredSeriesOf(compiled: CompiledStrategy): RequiredSeries {
  const known = REQUIRED.get(compiled);
  if (known !== undefined) {
    return known;
  }
  const required = requiredBy([compiled]);
  REQUIRED.set(compiled, required);
  return required;
}
