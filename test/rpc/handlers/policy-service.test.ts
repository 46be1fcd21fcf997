import { describe, expect, it } from "vitest";
import { RiskMode } from "../../../gen/strategyruntime/v1/policy_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { failureOf } from "../client.ts";
import { fieldsOf } from "../google-rpc.ts";
import { BAR_CLOSE } from "../samples.ts";
import { serve } from "../serve.ts";

const rpc = PolicyService.method;
const wire = {
  riskMode: RiskMode.DEFENSIVE,
  globalMinConfidence: 0.6,
  allowedStrategies: ["a", "b"],
  halted: true,
  haltReason: "maintenance",
  currentRegime: "bull",
  readAt: { seconds: BigInt(BAR_CLOSE / 1000), nanos: 0 },
};

describe("PolicyService", () => {
  it("answers with the policy", async () => {
    const { client } = await serve();
    expect((await client.call(rpc.getPolicy, {})).policy).toMatchObject(wire);
  });

  it("changes one part at a time, and answers with the whole", async () => {
    const { engine, client } = await serve();
    const answers = [
      await client.call(rpc.setRiskMode, { riskMode: RiskMode.AGGRESSIVE }),
      await client.call(rpc.setGlobalMinConfidence, { minConfidence: 0 }),
      await client.call(rpc.setAllowedStrategies, { strategyIds: ["b", "a"] }),
      await client.call(rpc.setAllowedStrategies, {}),
      await client.call(rpc.setTradingHalt, { halted: true, reason: "flash crash" }),
      await client.call(rpc.setTradingHalt, { reason: "all clear" }),
      await client.call(rpc.setCurrentRegime, { regime: "bear" }),
      await client.call(rpc.setCurrentRegime, {}),
    ];
    expect(engine.calls.map(({ args }) => args[0])).toEqual([
      { riskMode: "AGGRESSIVE" },
      { globalMinConfidence: 0 },
      { allowedStrategies: ["a", "b"] },
      { allowedStrategies: [] },
      { halted: true, haltReason: "flash crash" },
      { halted: false, haltReason: "" },
      { currentRegime: "bear" },
      { currentRegime: null },
    ]);
    for (const { policy } of answers) {
      expect(policy).toMatchObject(wire);
    }
  });

  it("refuses what is no policy, and changes nothing", async () => {
    const { engine, client } = await serve();
    const refused = [
      [client.call(rpc.setRiskMode, {}), ["risk_mode"]],
      [client.call(rpc.setRiskMode, { riskMode: 42 as never }), ["risk_mode"]],
      [client.call(rpc.setGlobalMinConfidence, {}), ["min_confidence"]],
      [client.call(rpc.setGlobalMinConfidence, { minConfidence: 1.01 }), ["min_confidence"]],
      [client.call(rpc.setGlobalMinConfidence, { minConfidence: Number.NaN }), ["min_confidence"]],
      [client.call(rpc.setAllowedStrategies, { strategyIds: ["a", "", "a"] }), ["strategy_ids[1]", "strategy_ids[2]"]],
      [client.call(rpc.setTradingHalt, { halted: true, reason: " " }), ["reason"]],
      [client.call(rpc.setCurrentRegime, { regime: "" }), ["regime"]],
      [client.call(rpc.setCurrentRegime, { regime: "x".repeat(65) }), ["regime"]],
    ] as const;
    const failures = await Promise.all(refused.map(([call]) => failureOf(call)));
    expect(failures.map(fieldsOf)).toEqual(refused.map(([, fields]) => fields));
    expect(engine.calls).toEqual([]);
  });
});
