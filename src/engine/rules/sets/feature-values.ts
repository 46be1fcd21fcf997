import { lastClose, type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import { metOn } from "../conditions/conditions.ts";
import { computedValue, ReadingList, type SeriesAt } from "../conditions/market-reading.ts";
import type { JudgeMarket } from "../judging/judge.ts";
import { type Feature, type FeatureValues, type HeldFeature, isRead, type SeriesFeature } from "./features.ts";

/**
 * Features of one series that stand side by side, with the list by which the series finds them.
 * Computed ones may stand between them.
 */
interface Run {
  readonly timeframe: Timeframe;
  readonly step: Timeframe | undefined;
  readonly first: number;
  readonly features: readonly (SeriesFeature | undefined)[];
  readonly list: ReadingList;
}

/** What is read of the series, in order, and what else is read of the market. */
interface Steps {
  readonly count: number;
  readonly runs: readonly Run[];
  readonly held: readonly { readonly feature: HeldFeature; readonly id: number }[];
}

/** By table; made again where features were added. */
const STEPS = new WeakMap<readonly Feature[], Steps>();

/**
 * What every feature that is read is on the symbol at `place`, into `values`; NaN where it is not
 * ready, or the symbol has no market data. Expressions are computed from these by columns, once all
 * symbols were read.
 */
export function readFeatures(
  features: readonly Feature[],
  { reading, barClose, unavailable }: JudgeMarket,
  { symbols, values }: FeatureValues,
  place: number,
): void {
  const { runs, held } = stepsOf(features);
  for (const run of runs) {
    const from = run.first * symbols + place;
    if (barClose === undefined || unavailable !== undefined) {
      fillWithout(run, values, from, symbols);
      continue;
    }
    const series = reading.seriesAt(run.timeframe, closeOf(run, barClose));
    if (series?.readAll === undefined) {
      readEach(run, series, values, from, symbols);
    } else {
      series.readAll(run.list, values, from, symbols);
    }
  }
  for (const { feature, id } of held) {
    const isThere = barClose !== undefined && unavailable === undefined;
    const met = isThere ? metOn(feature.held, reading, barClose) : undefined;
    values[id * symbols + place] = met === undefined ? Number.NaN : met ? 1 : 0;
  }
}

/** R56: the bar before may be that of another timeframe. */
function closeOf({ timeframe, step }: Run, barClose: number): number {
  return lastClose(step === undefined ? barClose : lastClose(barClose, step) - timeframeMs(step), timeframe);
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
  features.forEach((feature, i) => {
    values[from + i * step] =
      feature === undefined ? Number.NaN : computedValue(series, feature.indicator, feature.back);
  });
}

function stepsOf(features: readonly Feature[]): Steps {
  const known = STEPS.get(features);
  if (known !== undefined && known.count === features.length) {
    return known;
  }
  const held = features.flatMap((feature, id) => ("held" in feature ? [{ feature, id }] : []));
  const steps = { count: features.length, runs: runsOf(features), held };
  STEPS.set(features, steps);
  return steps;
}

function runsOf(features: readonly Feature[]): readonly Run[] {
  const runs: Run[] = [];
  let first = 0;
  let of: SeriesFeature | undefined;
  const end = (place: number) => {
    if (of !== undefined) {
      runs.push(runOf(of, first, features.slice(first, place)));
    }
    first = place;
    of = undefined;
  };
  features.forEach((feature, place) => {
    if (!isRead(feature)) {
      return;
    }
    if (of !== undefined && (feature.timeframe !== of.timeframe || feature.step !== of.step)) {
      end(place);
    }
    of ??= feature;
  });
  end(features.length);
  return runs;
}

function runOf({ timeframe, step }: SeriesFeature, first: number, features: readonly Feature[]): Run {
  // On the bar before of another timeframe, the series is read as of its own last bar.
  const read = features.map((feature) =>
    !isRead(feature) ? undefined : step === undefined ? feature : { ...feature, back: 0 as const },
  );
  return { timeframe, step, first, features: read, list: new ReadingList(read) };
}
