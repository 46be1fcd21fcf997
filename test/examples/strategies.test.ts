import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "../../examples/client.ts";
import { exampleStrategies } from "../../examples/example-strategies.ts";
import { startService } from "../../examples/service.ts";
import { Side, StrategyConfigSchema } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { EXAMPLE_LIMIT, ROOT } from "./run-example.ts";

const FOLDER = join(ROOT, "examples", "strategies");

describe("the example strategies", EXAMPLE_LIMIT, () => {
  it("are accepted by the service without a warning, each with the side that its conditions speak for", async () => {
    const service = await startService();
    const client = connect(service.address);
    onTestFinished(async () => {
      client.close();
      await service.close();
    });

    const { results } = await client.strategies.batchSaveStrategies({ strategies: [...exampleStrategies()] });

    const sides = Object.fromEntries(
      results.map(({ strategyId, result }) => [
        strategyId,
        result.case === "strategy" ? result.value.side : result.value,
      ]),
    );
    expect(results.flatMap(({ warnings }) => warnings)).toEqual([]);
    expect(sides).toEqual({
      bollinger_fade_1m: Side.SHORT,
      donchian_breakdown_1m: Side.SHORT,
      donchian_breakout_1m: Side.LONG,
      macd_turn_5m: Side.LONG,
      momentum_burst_1m: Side.SHORT,
      oversold_any_5m: Side.LONG,
      pullback_in_uptrend_1m: Side.LONG,
      rsi_dip_1m: Side.LONG,
      vwap_reclaim_5m: Side.LONG,
    });
  });

  it("are in files named by their id, on 1m and 5m, one of them across timeframes", () => {
    for (const name of readdirSync(FOLDER)) {
      const json = JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
      expect(`${fromJson(StrategyConfigSchema, json).strategyId}.json`).toBe(name);
    }
    const strategies = exampleStrategies();
    expect(new Set(strategies.map(({ timeframe }) => timeframe))).toEqual(new Set(["1m", "5m"]));
    const across = strategies.filter(({ entryIndicators }) =>
      entryIndicators.some(({ timeframe }) => timeframe !== ""),
    );
    expect(across.map(({ strategyId }) => strategyId)).toEqual(["pullback_in_uptrend_1m"]);
  });
});
