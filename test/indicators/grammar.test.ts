import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseIndicator } from "../../src/indicators/grammar.ts";
import { DEFINITIONS } from "../../src/indicators/registry.ts";
import { indicator, USUAL_NAMES } from "./series.ts";

function fault(text: string): string {
  const parsed = parseIndicator(text);
  return "fault" in parsed ? parsed.fault : `accepted as ${parsed.indicator.name}`;
}

describe("names that are accepted, with their canonical form (R8)", () => {
  it.each([
    ["RSI", "RSI_14"],
    ["rsi_7", "RSI_7"],
    ["Macd", "MACD_12_26_9"],
    ["MACD_5_35", "MACD_5_35_9"],
    ["macd_signal_5_35_5", "MACD_SIGNAL_5_35_5"],
    ["MACD_HIST", "MACD_HIST_12_26_9"],
    ["STOCH_K_5", "STOCH_K_5_3_3"],
    ["SMA_CROSS", "SMA_CROSS_20_50"],
    ["SMA_CROSS_5", "SMA_CROSS_5_50"],
    ["SMA_1", "SMA_1"],
    ["SMA_500", "SMA_500"],
    ["BB_UPPER", "BB_UPPER_20_2"],
    ["BB_UPPER_20_2.50", "BB_UPPER_20_2.5"],
    ["BB_UPPER_20_2.000", "BB_UPPER_20_2"],
    ["BB_LOWER_20_0.5", "BB_LOWER_20_0.5"],
    ["BB_LOWER_20_0.001", "BB_LOWER_20_0.001"],
    ["BB_WIDTH_20_10", "BB_WIDTH_20_10"],
    ["PRICE", "CLOSE"],
    ["price", "CLOSE"],
    ["VWAP", "VWAP"],
    ["VOLUME_SMA_5", "VOLUME_SMA_5"],
    ["max_20", "MAX_20"],
    ["T3_5_1", "T3_5_1"],
    ["LINEARREG_SLOPE", "LINEARREG_SLOPE_14"],
  ])("%s is %s", (text, canonical) => {
    expect(indicator(text).name).toBe(canonical);
  });
});

describe("names that are refused (R8, R9)", () => {
  it.each([
    ["RSY", 'unknown indicator "RSY": did you mean RSI_14?'],
    ["RSY_9", 'unknown indicator "RSY_9": did you mean RSI_9?'],
    ["EMMA_20", 'unknown indicator "EMMA_20": did you mean EMA_20?'],
    ["SMA_CROS", 'unknown indicator "SMA_CROS": did you mean SMA_CROSS_20_50?'],
    ["MACDSIGNAL", 'unknown indicator "MACDSIGNAL": did you mean MACD_SIGNAL_12_26_9?'],
    ["SOTCH_K", 'unknown indicator "SOTCH_K": did you mean STOCH_K_14_3_3?'],
    ["DI", 'unknown indicator "DI": did you mean PLUS_DI_14 or MINUS_DI_14?'],
    ["OBV", "indicator OBV is not offered: its level depends on where history starts"],
    ["obv_20", "indicator OBV is not offered"],
    ["RSI_1", '"RSI_1": n is "1", must be a whole number from 2 to 500'],
    ["RSI_501", 'n is "501", must be a whole number from 2 to 500'],
    ["SMA_0", 'n is "0", must be a whole number from 1 to 500'],
    ["RSI_014", 'n is "014"'],
    ["RSI_+14", 'n is "+14"'],
    ["RSI_-14", 'n is "-14"'],
    ["RSI_14.0", 'n is "14.0"'],
    ["RSI_1e1", 'n is "1E1"'],
    ["RSI_", 'n is ""'],
    ["RSI__14", "RSI takes at most 1 (n), 2 given"],
    ["RSI_14_3", "RSI takes at most 1 (n), 2 given"],
    ["CLOSE_5", "CLOSE takes no parameters, 1 given"],
    ["SMA_CROSS_50", "fast is 50 and slow 50, fast must be below slow"],
    ["MACD_26_12", "fast is 26 and slow 12, fast must be below slow"],
    ["STOCH_K_0_0_0", 'k is "0", must be a whole number from 1 to 500; s is "0"'],
    ["BB_UPPER_20_0", 'k is "0", must be a number above 0 and at most 10'],
    ["BB_UPPER_20_10.001", 'k is "10.001"'],
    ["BB_UPPER_20_02.5", 'k is "02.5"'],
    ["BB_UPPER_20_.5", 'k is ".5"'],
    ["BB_UPPER_20_2.", 'k is "2."'],
    ["BB_UPPER_20_2.0001", 'k is "2.0001"'],
    ["T3_5_1.1", 'v is "1.1", must be a number above 0 and at most 1 with at most three decimals'],
    ["MAX", '"MAX": n is missing, must be a whole number from 1 to 500, as in MAX_20'],
    ["SUM", '"SUM": n is missing'],
    ["RSI 14", "may hold only letters"],
    [" RSI", "may hold only letters"],
    ["RSI_14\n", "may hold only letters"],
    ["ſMA", "may hold only letters"],
    ["RSI_١٤", "may hold only letters"],
    ["", "indicator name is empty"],
    ["_14", "unknown indicator"],
    ["X".repeat(65), "has 65 characters, at most 64"],
  ])("%j: %s", (text, reason) => {
    expect(fault(text)).toContain(reason);
  });
});

describe("parseIndicator", () => {
  const definitions = fc.constantFrom(...DEFINITIONS);
  const names = definitions.chain((definition) =>
    fc
      .tuple(
        ...definition.parameters.map((parameter) =>
          parameter.kind === "period"
            ? fc.integer({ min: parameter.least, max: parameter.most })
            : fc.integer({ min: 1, max: 1_000 * parameter.most }).map((thousandths) => thousandths / 1_000),
        ),
      )
      .filter(([fast = 0, slow = 0]) => definition.parameters[1]?.name !== "slow" || fast < slow)
      .map((values) => [definition.base, ...values].join("_")),
  );

  it("reads a canonical name as itself, in any case", () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(indicator(name).name).toBe(name);
        expect(indicator(name.toLowerCase()).name).toBe(name);
      }),
    );
  });

  it("never throws, and never accepts what does not read back as the same indicator", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), mangled(names)), (text) => {
        const parsed = parseIndicator(text);
        if ("fault" in parsed) {
          expect(parsed.fault).not.toBe("");
        } else {
          expect(indicator(parsed.indicator.name)).toEqual(parsed.indicator);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("suggests only names that are accepted", () => {
    fc.assert(
      fc.property(mangled(names), (text) => {
        const suggested = /did you mean (.*?)\?/.exec(fault(text))?.[1]?.split(/, | or /) ?? [];
        for (const name of suggested) {
          expect(indicator(name).name).toBe(name);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("answers the same text with the same object", () => {
    expect(parseIndicator("rsi_9")).toBe(parseIndicator("rsi_9"));
  });

  it("still answers rightly after more names than it remembers", () => {
    const before = parseIndicator("RSI_9");
    for (let n = 0; n < 10_000; n++) {
      parseIndicator(`NOISE_${n}`);
    }
    expect(parseIndicator("RSI_9")).toEqual(before);
    expect(parseIndicator("RSI_9"), "it has been forgotten in between: the memory is bounded").not.toBe(before);
  });

  it("marks VWAP, its bands and pivots alone as having no meaning from 1d on", () => {
    const marked = USUAL_NAMES.filter((name) => indicator(name).intradayOnly);
    expect(new Set(marked.map((name) => name.split("_")[0]))).toEqual(new Set(["VWAP", "PIVOT"]));
    expect(marked).toHaveLength(10);
  });
});

/** A good name with one character dropped, doubled or replaced. */
function mangled(names: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(names, fc.nat(), fc.constantFrom("", "_", "0", "X", ".", "-"))
    .map(([name, at, by]) => name.slice(0, at % name.length) + by + name.slice((at % name.length) + 1));
}
