import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { CANDLE_PATTERNS } from "../../src/indicators/patterns/all.ts";
import { markets } from "./markets.ts";
import { patternParities } from "./pattern-parity.ts";
import { indicator } from "./series.ts";

const NAMES = CANDLE_PATTERNS.map(({ base }) => base);
const all = patternParities();

describe("TA-Lib's 61 candle patterns", () => {
  it("are all here, one name each", () => {
    expect(new Set(NAMES).size).toBe(61);
    const compared = new Set(all.map(({ name }) => indicator(name).base));
    expect(compared).toEqual(new Set(NAMES));
  });

  it.each([...Map.groupBy(all, ({ name }) => name)])("%s has TA-Lib's value on every row of every series", (_, own) => {
    expect(own.flatMap(({ series, differ }) => differ.slice(0, 3).map((one) => `${series}, ${one}`))).toEqual([]);
  });

  it.each(CANDLE_PATTERNS)("$base fires each of its values three times and more", ({ base, values = [] }) => {
    const usual = indicator(base).name;
    const rich = all.find(({ series, name }) => series === "rich" && name === usual);
    expect([...(rich?.fired.keys() ?? []), 0].sort((a, b) => a - b)).toEqual(values);
    expect(Math.min(...(rich?.fired.values() ?? []))).toBeGreaterThanOrEqual(3);
  });
});

describe("a candle pattern", () => {
  const reach = 16;

  it("is one of the few values that it says, and nothing before its first index", () => {
    fc.assert(
      fc.property(markets(60), (bars) => {
        for (const name of NAMES) {
          const { values = [], firstIndex } = indicator(name);
          const computed = [...computeIndicator(indicator(name), bars)];
          expect(computed.findIndex((value) => !Number.isNaN(value))).toBe(firstIndex < bars.length ? firstIndex : -1);
          expect(computed.slice(firstIndex).filter((value) => !values.includes(value))).toEqual([]);
        }
      }),
    );
  });

  it("depends on nothing but the last 16 bars, so that a series which begins later has the same (R41)", () => {
    fc.assert(
      fc.property(markets(60), fc.nat(), (bars, at) => {
        const end = 1 + (at % bars.length);
        const part = bars.slice(Math.max(0, end - reach), end);
        for (const name of NAMES) {
          expect(computeIndicator(indicator(name), part).at(-1)).toBe(computeIndicator(indicator(name), bars)[end - 1]);
        }
      }),
    );
  });
});
