import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barWalk } from "../../../../bench/samples/bars.ts";
import type { Timeframe } from "../../../../src/domain/timeframe.ts";
import { Series } from "../../../../src/engine/market/series.ts";
import { computedValue } from "../../../../src/engine/rules/conditions/market-reading.ts";
import type { JudgeMarket } from "../../../../src/engine/rules/judging/judge.ts";
import { readFeatures } from "../../../../src/engine/rules/sets/feature-values.ts";
import type { FeatureValues, SeriesFeature } from "../../../../src/engine/rules/sets/features.ts";
import { indicatorNamed } from "../../../../src/indicators/grammar.ts";

const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 1);
const NAMES = ["CLOSE", "SMA_3", "EMA_2", "RSI_2", "VWAP", "BB_UPPER_3_2"];

function seriesOf(
  seed: number,
  timeframe: Timeframe,
  bars: number,
  names: readonly string[],
  settled: boolean,
): Series {
  const series = new Series({ symbol: "S", timeframe }, names.map(indicatorNamed), { capacity: 500, settled });
  const next = barWalk(seed, START, timeframe === "1m" ? MINUTE : 5 * MINUTE);
  for (let i = 0; i < bars; i++) {
    series.accept(next(), false);
  }
  return series;
}

const features: fc.Arbitrary<readonly SeriesFeature[]> = fc.array(
  fc
    .tuple(fc.constantFrom(...NAMES), fc.constantFrom<Timeframe>("1m", "5m"), fc.constantFrom<0 | 1>(0, 1))
    .map(([name, timeframe, back]) => ({ timeframe, indicator: indicatorNamed(name), back })),
  { minLength: 1, maxLength: 12 },
);

/** Of all features on all symbols, as a sweep reads them. */
function featureValues(wanted: readonly SeriesFeature[], markets: readonly JudgeMarket[]): FeatureValues {
  const symbols = markets.length;
  const features = wanted.length;
  const values = new Float64Array(features * symbols);
  markets.forEach((market, place) => {
    readFeatures(wanted, market, { features, symbols, values }, place);
  });
  return { features, symbols, values };
}

describe("the features of a sweep", () => {
  it("are what each is by itself, ready or not, computed or not, as of the last bar or one before, with data or without", () => {
    const markets = fc.array(
      fc.record({
        bars: fc.nat(45),
        names: fc.subarray(NAMES),
        settled: fc.boolean(),
        ago: fc.nat(2),
        isUnavailable: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(features, markets, (wanted, drawn) => {
        const sides = drawn.map(({ bars, names, settled, ago, isUnavailable }, seed) => {
          const series = new Map<Timeframe, Series>([
            ["1m", seriesOf(seed, "1m", 5 * bars, names, settled)],
            ["5m", seriesOf(seed, "5m", bars, names, settled)],
          ]);
          const barClose = START + (5 * bars - ago) * MINUTE;
          const reading = { seriesAt: (timeframe: Timeframe, time: number) => series.get(timeframe)?.at(time) };
          return { symbol: `S${seed}`, reading, barClose, ...(isUnavailable && { unavailable: "it is down" }) };
        });
        const { values, symbols } = featureValues(wanted, sides);
        const each = wanted.flatMap(({ timeframe, indicator, back }) =>
          sides.map(({ reading, barClose, unavailable }) => {
            const length = timeframe === "1m" ? MINUTE : 5 * MINUTE;
            const series = reading.seriesAt(timeframe, Math.floor(barClose / length) * length);
            return unavailable === undefined ? computedValue(series, indicator, back) : Number.NaN;
          }),
        );
        expect(symbols).toBe(sides.length);
        expect([...values]).toEqual(each);
      }),
    );
  });

  it("may grow in number", () => {
    const series = seriesOf(1, "1m", 60, NAMES, false);
    const market = {
      symbol: "S",
      barClose: START + 60 * MINUTE,
      reading: { seriesAt: (_: Timeframe, time: number) => series.at(time) },
    };
    const wanted: SeriesFeature[] = [{ timeframe: "1m", indicator: indicatorNamed("CLOSE"), back: 0 }];
    const [first] = featureValues(wanted, [market]).values;
    wanted.push({ timeframe: "1m", indicator: indicatorNamed("SMA_3"), back: 0 });
    const { values } = featureValues(wanted, [market]);
    expect(values[0]).toBe(first);
    expect(values[1]).toBe(series.at(market.barClose)?.value(indicatorNamed("SMA_3"), 0));
  });
});
