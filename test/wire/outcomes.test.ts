import type { MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../gen/strategyruntime/v1/performance_service_pb.ts";
import { RiskMode } from "../../gen/strategyruntime/v1/policy_pb.ts";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { Side, type StrategyConfigSchema, StrategyStatus, Trigger } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { SignalEvaluator } from "../../src/ports/signal-evaluator.ts";
import { history, type RigOptions, T0 } from "../engine/rig.ts";
import { OUTCOME_NAMES, type ServedRig, serveRig } from "./serve-engine.ts";

const HISTORY: RigOptions = {
  prepare(feed) {
    history(feed, "BTC", "1m", [100, 101, 102]);
    history(feed, "ETH", "1m", [10, 11, 12]);
  },
};

interface Case {
  readonly outcome: string;
  readonly config?: MessageInitShape<typeof StrategyConfigSchema>;
  readonly options?: RigOptions;
  readonly before?: (served: ServedRig) => Promise<unknown>;
}

const condition = (name: string, value: number) => ({
  name,
  operator: ">",
  operand: { case: "value" as const, value },
});
const hour = { seconds: 3_600n, nanos: 0 };
const veto: SignalEvaluator = { name: "news", evaluate: () => ({ veto: "earnings today" }) };
const policy = PolicyService.method;
const time = { seconds: BigInt(T0 / 1_000), nanos: 0 };

const CASES: readonly Case[] = [
  { outcome: "DECIDED" },
  {
    outcome: "HALTED",
    before: ({ client }) => client.call(policy.setTradingHalt, { halted: true, reason: "maintenance" }),
  },
  {
    outcome: "POLICY_UNAVAILABLE",
    async before({ rig }) {
      rig.stores.policy.plant({ riskMode: "YOLO" });
      await rig.pass(0);
    },
  },
  { outcome: "NOT_ACTIVE", config: { status: StrategyStatus.CANDIDATE } },
  { outcome: "NOT_ALLOWED", before: ({ client }) => client.call(policy.setAllowedStrategies, { strategyIds: ["t"] }) },
  { outcome: "SYMBOL_NOT_COVERED", config: { symbols: ["ETH"] } },
  { outcome: "REGIME_UNKNOWN", config: { allowedRegimes: ["bull"] } },
  {
    outcome: "REGIME_NOT_ALLOWED",
    config: { allowedRegimes: ["bull"] },
    before: ({ client }) => client.call(policy.setCurrentRegime, { regime: "bear" }),
  },
  {
    outcome: "MARKET_DATA_UNAVAILABLE",
    async before({ rig }) {
      rig.feed.priceFault = new RuntimeError("unavailable", "no trades");
    },
  },
  { outcome: "INDICATOR_NOT_READY", config: { entryIndicators: [condition("SMA_200", 1)] } },
  { outcome: "CONDITIONS_NOT_MET", config: { entryIndicators: [condition("CLOSE", 1_000)] } },
  { outcome: "NOT_TRIGGERED", config: { trigger: Trigger.EDGE } },
  {
    outcome: "LOW_CONFIDENCE",
    before: ({ client }) => client.call(policy.setGlobalMinConfidence, { minConfidence: 1 }),
  },
  { outcome: "VETOED", options: { evaluators: [veto] } },
  { outcome: "ALREADY_DECIDED", before: ({ sweep }) => sweep() },
  {
    outcome: "COOLDOWN",
    config: { cooldown: hour },
    async before({ sweep, rig }) {
      await sweep();
      await rig.close({ BTC: 103 });
    },
  },
  {
    outcome: "MAX_POSITIONS",
    config: { maxPositions: 1 },
    before: ({ client }) =>
      client.call(PerformanceService.method.reportPositionOpened, {
        position: {
          positionId: "p",
          strategyId: "s",
          symbol: "BTC",
          side: Side.LONG,
          sizeUsd: 1,
          entryPrice: 1,
          openedAt: time,
        },
      }),
  },
  {
    outcome: "FAILED",
    config: { baseSizeUsd: Number.MAX_VALUE },
    before: ({ client }) => client.call(policy.setRiskMode, { riskMode: RiskMode.AGGRESSIVE }),
  },
  { outcome: "LEVELS_INVALID", config: { stopLossPct: 0, stopLossAt: "CLOSE" } },
];

describe("R26 through the wire", () => {
  it.each(CASES)("reaches $outcome, by Evaluate and by a sweep", async ({ outcome, config, options, before }) => {
    const served = await serveRig({ ...HISTORY, ...options });
    await served.save(config);
    await before?.(served);
    const evaluated = await served.evaluate();
    expect(evaluated.outcome).toBe(outcome);
    expect(evaluated.explanation).not.toBe("");
    const messages = await served.sweep({ dryRun: true, strategyIds: ["s"], includeSuppressions: true });
    const { summary } = messages.at(-1) ?? {};
    expect(summary?.outcomes).toStrictEqual({ [outcome]: 1n });
    expect(summary?.evaluations).toBe(1n);
    const all = messages.flatMap((message) => message.suppressions);
    expect(all.map((each) => OUTCOME_NAMES[each.outcome])).toStrictEqual(outcome === "DECIDED" ? [] : [outcome]);
  });

  it("reaches every one of them", () => {
    expect(CASES.map(({ outcome }) => outcome).toSorted()).toStrictEqual(OUTCOME_NAMES.slice(1).toSorted());
  });
});

describe("custom evaluators through the wire", () => {
  it("one that throws fails that evaluation alone", async () => {
    const evaluator: SignalEvaluator = {
      name: "flaky",
      evaluate({ symbol }) {
        if (symbol === "BTC") {
          throw new Error("boom");
        }
        return { strength: 0.9, metadata: { checked: "yes" } };
      },
    };
    const served = await serveRig({ ...HISTORY, evaluators: [evaluator] });
    await served.save();
    const messages = await served.sweep({ symbols: ["BTC", "ETH"], includeSuppressions: true });
    expect(messages.at(-1)?.summary?.outcomes).toStrictEqual({ FAILED: 1n, DECIDED: 1n });
    const [decision] = messages.flatMap(({ decisions }) => decisions);
    expect(decision).toMatchObject({ symbol: "ETH", strength: 0.9, confidence: 0.9, metadata: { checked: "yes" } });
    expect(messages.flatMap(({ suppressions }) => suppressions)).toMatchObject([
      { symbol: "BTC", explanation: expect.stringContaining("flaky threw: boom") },
    ]);
  });
});
