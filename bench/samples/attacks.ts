import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { WatchPerformanceRequestSchema } from "../../gen/strategyruntime/v1/performance_service_pb.ts";
import {
  EvaluateRequestSchema,
  GetRuntimeStatusRequestSchema,
  ListDecisionsRequestSchema,
} from "../../gen/strategyruntime/v1/runtime_service_pb.ts";

const RUNTIME = "/strategyruntime.v1.StrategyRuntimeService";
const POLICY = "/strategyruntime.v1.PolicyService";
const PERFORMANCE = "/strategyruntime.v1.PerformanceService";

/** One wave of calls that a hostile viewer makes at once, again and again. */
export interface Attack {
  readonly name: string;
  /** "stream": left open, and opened again where it ends. "half": connections that ask nothing. */
  readonly way: "grpc" | "json" | "gzip" | "stream" | "half";
  readonly path: string;
  /** How many at once. */
  readonly count: number;
  readonly body: () => Buffer;
}

/** What one caller did to others, by the sizes that were found. `share` makes them small. */
export function attacksOf(share: number): readonly Attack[] {
  const of = (full: number): number => Math.max(1, Math.round(full * share));
  return [
    { name: "900 GetPolicy", way: "grpc", path: `${POLICY}/GetPolicy`, count: of(900), body: () => Buffer.alloc(0) },
    { name: "large Evaluates", way: "grpc", path: `${RUNTIME}/Evaluate`, count: 4, body: () => evaluate(of(20_000)) },
    {
      name: "averages of an unknown symbol",
      way: "grpc",
      path: `${RUNTIME}/Evaluate`,
      count: 4,
      body: () => evaluate(0),
    },
    { name: "long lists", way: "grpc", path: `${RUNTIME}/ListDecisions`, count: 4, body: () => longList(of(400_000)) },
    {
      name: "empty bars",
      way: "gzip",
      path: `${RUNTIME}/Evaluate`,
      count: 2,
      body: () => Buffer.alloc(2 * of(8_000_000), Buffer.from([0x2a, 0])),
    },
    {
      name: "a million {}",
      way: "json",
      path: `${RUNTIME}/Evaluate`,
      count: 2,
      body: () => Buffer.from(`{"symbol":"X","bars":[${"{},".repeat(of(1_000_000))}{}]}`),
    },
    {
      name: "200 WatchPerformance",
      way: "stream",
      path: `${PERFORMANCE}/WatchPerformance`,
      count: of(200),
      body: () => bytesOf(WatchPerformanceRequestSchema, { resumeToken: "start" }),
    },
    { name: "half requests", way: "half", path: "/", count: of(1_000), body: () => Buffer.alloc(0) },
    {
      name: "statuses",
      way: "grpc",
      path: `${RUNTIME}/GetRuntimeStatus`,
      count: of(100),
      body: () => bytesOf(GetRuntimeStatusRequestSchema, {}),
    },
  ];
}

function bytesOf<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Buffer {
  return Buffer.from(toBinary(schema, create(schema, init)));
}

/**
 * 32 indicators of the longest periods, over bars of the caller's own, or over those of a symbol
 * that nobody has.
 */
function evaluate(bars: number): Buffer {
  const unknown = `NOBODYHAS${Math.floor(performance.now())}`;
  return bytesOf(EvaluateRequestSchema, {
    strategy: {
      case: "config",
      value: {
        strategyId: "hostile",
        name: "Hostile",
        side: 1,
        timeframe: "1m",
        baseSizeUsd: 1,
        stopLossPct: 0.02,
        takeProfitPct: 0.05,
        entryIndicators: Array.from({ length: 30 }, (_, i) => ({
          name: `WMA_${471 + i}`,
          operator: ">",
          operand: { case: "value" as const, value: i + 1 },
        })),
      },
    },
    symbol: unknown,
    bars: Array.from({ length: bars }, (_, i) => ({
      openTime: { seconds: BigInt(1_700_000_040 + i * 60) },
      open: 100,
      high: 101 + (i % 7),
      low: 99,
      close: 100 + (i % 2),
      volume: 5,
    })),
  });
}

function longList(ids: number): Buffer {
  return bytesOf(ListDecisionsRequestSchema, { strategyIds: Array.from({ length: ids }, (_, i) => `id-${i}`) });
}
