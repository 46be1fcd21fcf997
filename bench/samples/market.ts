import type { Bar } from "../../src/domain/bar.ts";
import type { SeriesAt } from "../../src/engine/rules/conditions/market-reading.ts";
import type { JudgeMarket } from "../../src/engine/rules/judging/judge.ts";
import { FEATURE_NAMES } from "./rulebook.ts";

const BAR_CLOSE = Date.UTC(2024, 0, 15, 12);
const HOUR_MS = 3_600_000;
const BAR: Bar = { openTime: BAR_CLOSE - HOUR_MS, open: 100, high: 101, low: 99, close: 100, volume: 1 };
const SLOTS: ReadonlyMap<string, number> = new Map(FEATURE_NAMES.map((name, slot) => [name, slot]));

/**
 * A symbol with these values of the rulebook's features, on a series long enough for all of them.
 */
export function marketOf(symbol: string, values: Float64Array): JudgeMarket {
  const series: SeriesAt = {
    bars: 100_000,
    settled: true,
    bar: () => BAR,
    close: () => BAR.close,
    value: (indicator) => values[SLOTS.get(indicator.name) ?? -1] ?? Number.NaN,
  };
  return { symbol, reading: { seriesAt: () => series }, barClose: BAR_CLOSE };
}
