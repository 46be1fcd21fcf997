import { describe, expect, it } from "vitest";
import { strategyOf } from "./strategy-of.ts";

describe("parameters beside the indicator's name", async () => {
  const told = "is unknown, for parameters are part of the name";
  it.each([
    [{ name: "RSI", params: { length: 21 } }, "RSI_21", ["params"]],
    [{ name: "MACD_SIGNAL", slow: 35, fast: 5, signal: 5 }, "MACD_SIGNAL_5_35_5", ["slow", "fast", "signal"]],
    [{ name: "STOCH_K", params: { k: 14, d: 5, smooth_k: 3 } }, "STOCH_K_14_3_5", ["params"]],
    [{ name: "bollinger lower", length: "20", std: 2.5 }, "BB_LOWER_20_2.5", ["length", "std"]],
  ])("%j is %s", async (condition, name, keys) => {
    const { read, faults } = await strategyOf({ entry_indicators: [condition] });
    expect(read).toMatchObject({ entry_indicators: [{ name }] });
    expect(faults).toEqual(
      keys.map((key) => `entry_indicators[0].${key}: ${told}: leave it out, and write "name": "${name}"`),
    );
  });

  it("are to be written there where they fit no name, or no single one", async () => {
    for (const condition of [{ name: "RSI", period: 1_000 }, { name: "AROON", period: 14 }, { period: 14 }]) {
      expect((await strategyOf({ entry_indicators: [condition] })).faults).toEqual([
        `entry_indicators[0].period: ${told}: write them there, such as RSI_21`,
      ]);
    }
  });

  it("are none where a timeframe stands there", async () => {
    expect((await strategyOf({ entry_indicators: [{ name: "RSI", period: "4h" }] })).faults).toEqual([
      "entry_indicators[0].period: is unknown: call it timeframe",
    ]);
  });
});
