import { toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { StrategyConfigSchema } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { StrategyService } from "../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { failureOf } from "../rpc/client.ts";
import { detailsOf } from "../rpc/google-rpc.ts";
import { aStrategy, serveRig } from "./serve-engine.ts";
import { serveWebRig } from "./serve-web-rig.ts";

const FINE = {
  name: "Buy the dip",
  status: "LIVE",
  side: "LONG",
  entry_indicators: [{ name: "RSI", operator: "<", value: 30 }],
  base_size_usd: 500,
  stop_loss_pct: 0.02,
  take_profit_pct: 0.05,
};

describe("a batch as JSON", () => {
  it("saves all but those with a fault, of reading or of the rules, and names all faults of each", async () => {
    const { post, rig } = await serveWebRig();
    const { status, json } = await post("StrategyService/BatchSaveStrategies", {
      strategies: [
        { ...FINE, strategy_id: "a" },
        { ...FINE, id: "b", base_size_usd: "500", stop_loss_pct: 2 },
        { ...FINE, strategy_id: "c", stop_loss_pct: 2 },
        { ...FINE, strategy_id: "d" },
      ],
    });
    expect(status).toBe(200);
    const results = json.results as readonly { strategyId: string; strategy?: object; error?: string }[];
    expect(results.map(({ strategyId, strategy }) => [strategyId, strategy !== undefined])).toEqual([
      ["a", true],
      ["b", false],
      ["c", false],
      ["d", true],
    ]);
    expect(results[1]?.error).toMatch(
      /^id: is unknown: call it strategy_id; base_size_usd: is the text "500", .*; stop_loss_pct: is 2, must be/,
    );
    const stored = await rig.engine.strategies.list({ limit: 10 });
    expect(stored.map(({ strategyId }) => strategyId)).toEqual(["a", "d"]);
  });

  it("with a fault outside of the strategies saves none, and names all faults", async () => {
    const { post, rig } = await serveWebRig();
    const strategies = [
      { ...FINE, strategy_id: "a" },
      { ...FINE, id: "b" },
    ];
    const { status, violations } = await post("StrategyService/BatchSaveStrategies", { strategies, atomic: true });
    expect([status, violations.map(({ field }) => field)]).toEqual([400, ["atomic", "strategies[1].id"]]);
    expect(await rig.engine.strategies.list({ limit: 10 })).toEqual([]);
  });
});

describe("a batch that is wrong throughout", () => {
  it("is told of some hundred faults, and of how many there are more", async () => {
    const { post } = await serveWebRig();
    const strategies = Array.from({ length: 1_000 }, () => ({ id: "x", name: 7 }));
    const { violations } = await post("StrategyService/BatchSaveStrategies", { strategies, atomic: true });
    expect(violations).toHaveLength(301);
    expect(violations.at(-1)?.description).toBe("and 1701 more faults from here on: mend these first");
  });
});

describe("a strategy as JSON with faults of reading", () => {
  it("is refused with the faults of the rules beside them, none of them said twice", async () => {
    const { post, rig } = await serveWebRig();
    const { violations } = await post("StrategyService/SaveStrategy", {
      expected_version: -3,
      validate_onyl: false,
      strategy: {
        ...FINE,
        strategy_id: "has blanks",
        status: "active",
        base_size_usd: [],
        entry_indicators: [5, { name: "RSI", operator: "<", value: "EMA_9", indicator: null }],
        symbols: ["X", "X"],
      },
    });
    expect(violations.map(({ field }) => field)).toEqual([
      "validate_onyl",
      "expected_version",
      "status",
      "entry_indicators[0]",
      "entry_indicators[1].value",
      "base_size_usd",
      "strategy_id",
      "symbols[1]",
    ]);
    expect(await rig.engine.strategies.list({ limit: 10 })).toEqual([]);
  });

  it("is not evaluated either, and its faults are told with those of the request", async () => {
    const { post } = await serveWebRig();
    const config = { ...FINE, strategy_id: "a", stop_loss_pct: "2%" };
    const asked = await post("StrategyRuntimeService/Evaluate", { config, symbol: "B T C" });
    expect([asked.status, asked.violations.map(({ field }) => field)]).toEqual([
      400,
      ["symbol", "config.stop_loss_pct"],
    ]);
    const misspelt = await post("StrategyRuntimeService/Evaluate", { config, symbol: "B T C", prize: 1 });
    expect(misspelt.violations.map(({ field }) => field)).toEqual(["prize", "symbol", "config.stop_loss_pct"]);
  });
});

describe("the faults of a strategy", () => {
  it("are told in the same words on gRPC and as JSON", async () => {
    const strategy = aStrategy({
      strategyId: "no blanks please",
      status: 9 as never,
      side: 7 as never,
      trigger: -1 as never,
      entryIndicators: [
        { name: "RSI", operator: "less_than", operand: { case: "value", value: Number.NaN } },
        { name: "BBL_20_2.0", operator: "≤", operand: { case: "indicator", value: "30" } },
        { name: "RSI", operator: "", operand: { case: undefined } },
      ],
      timeframe: "60m",
      baseSizeUsd: Number.POSITIVE_INFINITY,
      stopLossPct: 2,
      cooldown: { seconds: -1n },
      maxPositions: 0,
      symbols: ["A B", ""],
    });
    const { client } = await serveRig();
    const { post } = await serveWebRig();
    const onGrpc = detailsOf(
      await failureOf(client.call(StrategyService.method.saveStrategy, { strategy })),
    ).violations;
    const asJson = await post("StrategyService/SaveStrategy", { strategy: toJson(StrategyConfigSchema, strategy) });
    expect(onGrpc.length).toBeGreaterThan(14);
    expect(asJson.violations).toEqual(onGrpc);
  });
});
