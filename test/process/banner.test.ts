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

it("says whose time market time is", () => {
  const status = { liveStrategies: 0, shadowStrategies: 0, ready: true, whyNot: [] };
  const facts = { address: "127.0.0.1:50051", marketTime: 0, symbols: ["A"], status };
  expect(banner(facts, readConfig({ MARKET_DATA: "replay" }))).toContain(
    "market time 1970-01-01T00:00:00.000Z, the time of the recording, which stands still until something is judged or followed\n",
  );
});
