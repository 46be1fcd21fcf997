import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { definitionOf } from "../../src/indicators/registry.ts";
import { markets, SOME_OF_EACH } from "./markets.ts";
import { indicator, readBars } from "./series.ts";

/** The same closes in bars that differ in all else. */
function otherBars(bars: readonly Bar[]): readonly Bar[] {
  return bars.map(({ openTime, close, high, low }, i) => ({
    openTime,
    open: (high + low) / 2,
    high: high * (2 + ((i * 5) % 7)),
    low: low / (2 + ((i * 3) % 5)),
    close,
    volume: (i * 7) % 11,
  }));
}

/** Whether another series may stand in place of the closes. */
function takesSource(name: string): boolean {
  return definitionOf(indicator(name).base)?.takesSource === true;
}

describe("an indicator takes a source exactly where it reads the closes alone", () => {
  it("so that other opens, highs, lows and volumes change nothing", () => {
    fc.assert(
      fc.property(markets(60), (bars) => {
        for (const name of SOME_OF_EACH.filter(takesSource)) {
          const values = computeIndicator(indicator(name), bars);
          expect(computeIndicator(indicator(name), otherBars(bars)), name).toEqual(values);
        }
      }),
      { numRuns: 20 },
    );
  });

  // Most candle patterns are too rare to be among so few bars.
  const more = SOME_OF_EACH.filter((name) => !takesSource(name) && name !== "CLOSE" && !name.startsWith("CDL_"));
  it.each(more)("and %s reads more", (name) => {
    const bars = readBars("BTCUSD-30m", 200);
    expect(computeIndicator(indicator(name), otherBars(bars))).not.toEqual(computeIndicator(indicator(name), bars));
  });

  it.each([
    ..."SMA EMA WMA BB_UPPER BB_MIDDLE BB_LOWER BB_PERCENT BB_WIDTH RSI MACD MACD_SIGNAL MACD_HIST".split(" "),
    ..."SMA_CROSS EMA_CROSS ROC MOM STDDEV MAX_5 MIN_5 SUM_5".split(" "),
  ])("among them %s", (name) => {
    expect(takesSource(name)).toBe(true);
  });
});
