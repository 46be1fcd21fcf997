import { lastClose, type Timeframe } from "../../../domain/timeframe.ts";
import { computedValue, ReadingList, type SeriesAt } from "../conditions/market-reading.ts";
import type { JudgeMarket } from "../judging/judge.ts";
import type { Feature } from "./condition-table.ts";
import type { FeatureValues } from "./masks.ts";

/**
 * Features of one timeframe that stand side by side, with the list by which a series finds them.
 */
interface Run {
  readonly timeframe: Timeframe;
  readonly first: number;
  readonly features: readonly Feature[];
  readonly list: ReadingList;
}

/** By table; made again where features were added. */
const RUNS = new WeakMap<readonly Feature[], { readonly count: number; readonly runs: readonly Run[] }>();

/**
 * What every feature is on the symbol at `place`, into `values`; NaN where it is not ready, or the
 * symbol has no market data.
 */
export function readFeatures(
  features: readonly Feature[],
  { reading, barClose, unavailable }: JudgeMarket,
  { symbols, values }: FeatureValues,
  place: number,
): void {
  for (const run of runsOf(features)) {
    const from = run.first * symbols + place;
    if (barClose === undefined || unavailable !== undefined) {
      fillWithout(run, values, from, symbols);
      continue;
    }
    const series = reading.seriesAt(run.timeframe, lastClose(barClose, run.timeframe));
    if (series?.readAll === undefined) {
      readEach(run, series, values, from, symbols);
    } else {
      series.readAll(run.list, values, from, symbols);
    }
  }
}

function fillWithout({ features }: Run, values: Float64Array, from: number, step: number): void {
  for (let i = 0; i < features.length; i++) {
    values[from + i * step] = Number.NaN;
  }
}

function readEach(
  { features }: Run,
  series: SeriesAt | undefined,
  values: Float64Array,
  from: number,
  step: number,
): void {
  features.forEach(({ indicator, back }, i) => {
    values[from + i * step] = computedValue(series, indicator, back);
  });
}

function runsOf(features: readonly Feature[]): readonly Run[] {
  const known = RUNS.get(features);
  if (known !== undefined && known.count === features.length) {
    return known.runs;
  }
  const runs: Run[] = [];
  let first = 0;
  for (let end = 1; end <= features.length; end++) {
    const timeframe = features[first]?.timeframe as Timeframe;
    if (features[end]?.timeframe !== timeframe) {
      const own = features.slice(first, end);
      runs.push({ timeframe, first, features: own, list: new ReadingList(own) });
      first = end;
    }
  }
  RUNS.set(features, { count: features.length, runs });
  return runs;
}
