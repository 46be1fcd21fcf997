import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { banner } from "../../src/process/banner.ts";

function strategyOf(env: Record<string, string>): unknown {
  const status = { liveStrategies: 0, shadowStrategies: 0, ready: true, whyNot: [] };
  const text = banner({ address: "127.0.0.1:50051", symbols: ["A"], status }, readConfig(env));
  return JSON.parse(/-d '(\{"strategy".*\})' /.exec(text)?.[1] ?? "{}").strategy;
}

describe("the strategy that is printed to try next", () => {
  it("closes a bar every second on simulated prices", () => {
    expect(strategyOf({})).toMatchObject({ timeframe: "1m" });
  });

  it("is on bars that the bundled recordings can give", () => {
    expect(strategyOf({ MARKET_DATA: "replay" })).toMatchObject({ timeframe: "1h" });
  });
});
