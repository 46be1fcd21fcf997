import { describe, expect, it } from "vitest";
import type { EvaluateQuery } from "../../src/engine/api.ts";
import { type CompiledStrategy, compileStrategy } from "../../src/engine/rules/conditions/compiled-strategy.ts";
import { RequiredSeriesIndex } from "../../src/engine/rules/conditions/required-series.ts";
import { barsFrom } from "../scripted-feed.ts";
import { startRig, T0 } from "./rig.ts";
import { accepted, conditionsOf, draftOf } from "./validation/drafts.ts";

function inline(conditions: string): EvaluateQuery["strategy"] {
  const entryIndicators = conditionsOf(conditions);
  return { config: draftOf({ entryIndicators, timeframe: "1h", side: "LONG" }) };
}

function compiled(strategyId: string, conditions: string): CompiledStrategy {
  const { config } = accepted(draftOf({ strategyId, side: "LONG", entryIndicators: conditionsOf(conditions) }));
  return compileStrategy({ ...config, version: 1, createdAt: 0, updatedAt: 0 });
}

describe("expressions in Evaluate", () => {
  it("say what they came to, what they lack, and what they read (R53)", async () => {
    const rig = await startRig({ symbols: [] });
    const strategy = inline("CLOSE-CLOSE[2] > 3; SMA_2(CLOSE-OPEN)/CLOSE@2h < 0.5; SMA_5[3] > 1");
    const bars = barsFrom(T0, "1h", [100, 101, 103, 106]);
    const { conditions, indicators, explanation } = await rig.evaluate({ strategy, bars });
    expect(conditions).toEqual([
      expect.objectContaining({ condition: "CLOSE - CLOSE[2] > 3", left: 5, right: 3, met: true, missingBars: 0 }),
      expect.objectContaining({ condition: "SMA_2(CLOSE - OPEN)/CLOSE@2h < 0.5", left: 2.5 / 106, met: true }),
      { condition: "SMA_5[3] > 1", timeframe: "1h", right: 1, missingBars: 4 },
    ]);
    expect(indicators).toEqual({
      CLOSE: 106,
      "CLOSE[2]": 101,
      "CLOSE@2h": 106,
      "SMA_2(CLOSE - OPEN)": 2.5,
    });
    expect(explanation).toContain("CLOSE - CLOSE[2] is 5, holds (> 3)");
    expect(explanation).toContain("SMA_5[3] > 1 lacks 4 more bars");
  });

  it("take values given for what they read, by its canonical name, in no source and for no other lag (R53)", async () => {
    const rig = await startRig({ symbols: [] });
    const bars = barsFrom(T0, "1h", [100, 101, 103, 106]);
    const read = async (conditions: string, indicators: Record<string, number>) => {
      const { conditions: results } = await rig.evaluate({ strategy: inline(conditions), bars, indicators });
      return results.map(({ left }) => left);
    };
    expect(await read("CLOSE-CLOSE[2] > 3", { "close [2]": 1 })).toEqual([105]);
    expect(await read("CLOSE-CLOSE[1] > 3", { "CLOSE[2]": 1 })).toEqual([3]);
    expect(await read("SMA_2(CLOSE) > 3", { CLOSE: 1 })).toEqual([104.5]);
    expect(await read("SMA_2(CLOSE) > 3", { "sma_2(close)@1h": 1 })).toEqual([1]);
    expect(await read("RSI@4h*2 > 3", { "RSI_14@4h": 21 })).toEqual([42]);
    // Without bars, values for all that is read are enough.
    const strategy = inline("2*RSI[1] > 3; SMA_20(VOLUME) > 1 on 4h");
    const indicators = { "RSI[1]": 20, "SMA_20(VOLUME)@4h": 5 };
    const given = await rig.evaluate({ strategy, indicators, price: 10 });
    expect(given.outcome).toBe("DECIDED");
    expect(given.indicators).toEqual({ "RSI_14[1]": 20, "SMA_20(VOLUME)@4h": 5 });
  });

  it("refuse values of whole expressions, and such as cannot be", async () => {
    const rig = await startRig({ symbols: [] });
    const refused = async (indicators: Record<string, number>) =>
      rig.evaluate({ strategy: inline("CLOSE > 1"), indicators }).then(
        () => [],
        ({ violations }) => violations.map(({ description }: { description: string }) => description),
      );
    expect(await refused({ "CLOSE - OPEN": 1 })).toEqual([
      expect.stringContaining("is an expression: give the values"),
    ]);
    expect(await refused({ "SMA_3(RSI)": 101 })).toEqual(["is 101; SMA_3(RSI_14) is from 0 to 100"]);
    expect(await refused({ "RSI[1]": 1, "RSI_14[1]@1h": 2 })).toEqual([
      expect.stringContaining("names the same indicator"),
    ]);
  });

  it("cross by the bar before of the condition's timeframe, whatever they read (R56)", async () => {
    const rig = await startRig({ symbols: [] });
    const met = async (closes: readonly number[]) => {
      const bars = barsFrom(T0, "1h", closes);
      const { conditions } = await rig.evaluate({ strategy: inline("CLOSE crosses_above CLOSE@2h"), bars });
      return conditions[0]?.met;
    };
    // At 03:00 the bar of 2h is that of 02:00; an hour before it was the same one, just closed.
    expect(await met([100, 100, 101])).toBe(true);
    expect(await met([100, 101, 101])).toBe(false);
    // At 04:00 both closed; an hour before, the bar of 2h was that of 02:00.
    expect(await met([100, 100, 99, 101])).toBe(false);
    expect(await met([100])).toBeUndefined();
  });
});

describe("what expressions read", () => {
  it("is computed once for all that read it, and no longer than somebody does", () => {
    const index = new RequiredSeriesIndex();
    const names = () => index.required.get("1h")?.indicators.map(({ name }) => name) ?? [];
    const one = compiled("a", "EMA_9(RSI_14)-RSI_14 > 3");
    const other = compiled("b", "CLOSE > 5; 2*EMA_9(RSI) < RSI[3]");
    index.add(one);
    index.add(other);
    const both = names();
    expect(both).toEqual([...new Set(both)]);
    expect(both).toEqual(expect.arrayContaining(["EMA_9(RSI_14)", "RSI_14", "RSI_14[3]", "CLOSE"]));
    index.remove(one);
    expect(names()).toContain("EMA_9(RSI_14)");
    expect(names()).not.toContain("RSI_14");
    index.remove(other);
    expect(names()).toEqual([]);
  });

  it("settles on as many bars of each timeframe as it takes, one more for a cross", () => {
    const { reads } = compiled("a", "SMA_10(SMA_300)[5] > 3; CLOSE crosses_above SMA_500@4h");
    expect(reads.requiredBars.get("1h")).toBe(518);
    expect(reads.requiredBars.get("4h")).toBe(501);
    expect(compiled("a", "SMA_100(SMA_500)[5] > 3").reads.requiredBars.get("1h")).toBe(604);
  });
});
