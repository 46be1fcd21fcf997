import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import {
  type EvaluateRequestSchema,
  type GenerateSignalsRequestSchema,
  type GenerateSignalsResponse,
  StrategyRuntimeService,
} from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import {
  EntryLogic,
  Side,
  type StrategyConfig,
  StrategyConfigSchema,
  StrategyStatus,
  Trigger,
} from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { StrategyService } from "../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { LongWorks } from "../../src/engine/concurrency/long-work.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { contractServices } from "../../src/rpc/contract.ts";
import { startGrpcServer } from "../../src/rpc/grpc/grpc-server.ts";
import { type Rig, type RigOptions, startRig } from "../engine/rig.ts";
import { collect, connect, type TestClient } from "../rpc/client.ts";

/** The whole engine behind a real server, over a scripted market, with a stock client before it. */
export interface ServedRig {
  readonly rig: Rig;
  readonly client: TestClient;
  save(config?: MessageInitShape<typeof StrategyConfigSchema>): Promise<void>;
  /** Evaluates strategy "s" on BTC, unless told otherwise. */
  evaluate(request?: MessageInitShape<typeof EvaluateRequestSchema>): Promise<{ outcome: string; explanation: string }>;
  /** One sweep of BTC, unless told otherwise. */
  sweep(request?: MessageInitShape<typeof GenerateSignalsRequestSchema>): Promise<readonly GenerateSignalsResponse[]>;
}

/** "CLOSE > 1" on 1m, LIVE and LONG. */
export function aStrategy(changes: MessageInitShape<typeof StrategyConfigSchema> = {}): StrategyConfig {
  return create(StrategyConfigSchema, {
    strategyId: "s",
    name: "Test",
    status: StrategyStatus.LIVE,
    entryIndicators: [{ name: "CLOSE", operator: ">", operand: { case: "value", value: 1 } }],
    entryLogic: EntryLogic.ALL,
    trigger: Trigger.LEVEL,
    baseSizeUsd: 1_000,
    stopLossPct: 0.02,
    takeProfitPct: 0.05,
    side: Side.LONG,
    timeframe: "1m",
    minConfidence: 0,
    maxPositions: 100,
    cooldown: { seconds: 0n, nanos: 0 },
    ...(changes as object),
  });
}

export async function serveRig(options: RigOptions = {}): Promise<ServedRig> {
  const rig = await startRig({ symbols: [], ...options });
  const server = await startGrpcServer({
    address: "127.0.0.1:0",
    services: contractServices(rig.engine, { version: "1.2.3", adapters: {} }),
    ready: () => true,
    log: () => {},
    longWorks: new LongWorks(systemClock),
  });
  const client = connect(server.address);
  onTestFinished(() => {
    client.close();
    server.close();
  });
  return {
    rig,
    client,
    async save(config) {
      await client.call(StrategyService.method.saveStrategy, { strategy: aStrategy(config) });
    },
    async evaluate(request) {
      const asked = { strategy: { case: "strategyId" as const, value: "s" }, symbol: "BTC", ...request };
      const { evaluation } = await client.call(StrategyRuntimeService.method.evaluate, asked);
      return { outcome: OUTCOME_NAMES[evaluation?.outcome ?? 0] ?? "", explanation: evaluation?.explanation ?? "" };
    },
    async sweep(request) {
      const { messages, error } = await collect(
        client.stream(StrategyRuntimeService.method.generateSignals, { symbols: ["BTC"], ...request }),
      );
      if (error !== undefined) {
        throw error;
      }
      return messages;
    },
  };
}

/** The contract's numbers of outcomes, written down a second time. */
export const OUTCOME_NAMES: readonly string[] = [
  "UNSPECIFIED",
  "DECIDED",
  "HALTED",
  "POLICY_UNAVAILABLE",
  "NOT_ACTIVE",
  "NOT_ALLOWED",
  "SYMBOL_NOT_COVERED",
  "REGIME_UNKNOWN",
  "REGIME_NOT_ALLOWED",
  "MARKET_DATA_UNAVAILABLE",
  "INDICATOR_NOT_READY",
  "CONDITIONS_NOT_MET",
  "NOT_TRIGGERED",
  "LOW_CONFIDENCE",
  "VETOED",
  "ALREADY_DECIDED",
  "COOLDOWN",
  "MAX_POSITIONS",
  "FAILED",
  "LEVELS_INVALID",
];
