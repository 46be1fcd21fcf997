import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { Side } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { collect, failureOf } from "../client.ts";
import { fieldsOf } from "../google-rpc.ts";
import * as sample from "../samples.ts";
import { serve } from "../serve.ts";

const rpc = PerformanceService.method;
const at = (ms: number, nanos = 0) => ({ seconds: BigInt(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1e6 + nanos });
const opened = {
  positionId: "p-1",
  strategyId: "dip",
  symbol: "BTCUSDT",
  side: Side.SHORT,
  sizeUsd: 1_000,
  entryPrice: 100,
  openedAt: at(sample.BAR_CLOSE, 999),
};

describe("ReportPositionOpened", () => {
  it("hands the report on, finer times cut to the millisecond, and answers without profit", async () => {
    const { engine, client } = await serve();
    const report = { ...opened, decisionId: "d", feesUsd: 1, pnl: 5 };
    const { position } = await client.call(rpc.reportPositionOpened, { position: report });
    expect(engine.argsOf("opened")).toEqual([
      {
        positionId: "p-1",
        strategyId: "dip",
        symbol: "BTCUSDT",
        side: "SHORT",
        decisionId: "d",
        sizeUsd: 1_000,
        entryPrice: 100,
        openedAt: sample.BAR_CLOSE,
        feesUsd: 1,
      },
    ]);
    expect(position).toMatchObject({ positionId: "p-1", side: Side.SHORT, openedAt: at(sample.BAR_CLOSE) });
    expect([position?.pnl, position?.exitPrice, position?.closedAt]).toEqual([undefined, undefined, undefined]);
  });

  it("needs everything that no decision says for it", async () => {
    const { client } = await serve();
    const fields = ["position_id", "strategy_id", "symbol", "side", "size_usd", "entry_price", "opened_at"];
    const error = await failureOf(client.call(rpc.reportPositionOpened, { position: {} }));
    expect(fieldsOf(error)).toEqual(fields.map((field) => `position.${field}`));
    expect(fieldsOf(await failureOf(client.call(rpc.reportPositionOpened, {})))).toEqual(["position"]);
  });

  it("leaves what is missing beside a decision to the engine", async () => {
    const { engine, client } = await serve();
    await client.call(rpc.reportPositionOpened, { position: { positionId: "p", decisionId: "d" } });
    expect(engine.argsOf("opened")).toEqual([{ positionId: "p", decisionId: "d" }]);
  });

  it("refuses at once all that is wrong by itself", async () => {
    const { client } = await serve();
    const position = {
      positionId: "x".repeat(129),
      strategyId: "a b",
      symbol: "?",
      side: 9 as never,
      decisionId: "x".repeat(129),
      sizeUsd: -1,
      entryPrice: Number.NaN,
      openedAt: { seconds: 0n, nanos: -1 },
      feesUsd: -0.5,
      exitPrice: 1,
      closedAt: at(0),
    };
    const error = await failureOf(client.call(rpc.reportPositionOpened, { position }));
    expect(fieldsOf(error)).toEqual(
      [
        "position_id",
        "strategy_id",
        "symbol",
        "side",
        "decision_id",
        "size_usd",
        "entry_price",
        "opened_at",
        "fees_usd",
        "exit_price",
        "closed_at",
      ].map((field) => `position.${field}`),
    );
  });
});

describe("ReportPositionClosed", () => {
  it("takes the id with price and time alone, and answers with profit and totals (R45)", async () => {
    const { engine, client } = await serve();
    const position = { positionId: "p-1", exitPrice: 90, closedAt: at(sample.BAR_CLOSE + 1_500) };
    const answer = await client.call(rpc.reportPositionClosed, { position });
    expect(engine.argsOf("closed")).toEqual([{ positionId: "p-1", exitPrice: 90, closedAt: sample.BAR_CLOSE + 1_500 }]);
    expect(answer.position).toMatchObject({ pnl: 10, pnlPct: 0.1, pnlUsd: 99, exitPrice: 90 });
    expect(answer.performance).toMatchObject({ closedPositions: 1n, wins: 1n, totalPnlUsd: 99, openPositions: 0n });
    expect(answer.performance?.meanHoldTime).toMatchObject({ seconds: 1n, nanos: 500_000_000 });
    expect(answer.performance?.profitFactor).toBeUndefined();
  });

  it("needs an id, a price and a time, and no closing before the opening (R46)", async () => {
    const { client } = await serve();
    const missing = await failureOf(client.call(rpc.reportPositionClosed, { position: {} }));
    expect(fieldsOf(missing)).toEqual(["position.position_id", "position.exit_price", "position.closed_at"]);
    const early = { ...opened, exitPrice: 0, closedAt: at(sample.BAR_CLOSE, 998) };
    const error = await failureOf(client.call(rpc.reportPositionClosed, { position: early }));
    expect(fieldsOf(error)).toEqual(["position.exit_price", "position.closed_at"]);
    expect(fieldsOf(await failureOf(client.call(rpc.reportPositionClosed, {})))).toEqual(["position"]);
  });
});

describe("ReportDecisionRejected", () => {
  it("hands id and reason on", async () => {
    const { engine, client } = await serve();
    await client.call(rpc.reportDecisionRejected, { decisionId: "d", reason: "risk" });
    expect(engine.argsOf("rejected")).toEqual(["d", "risk"]);
    const wrong = failureOf(client.call(rpc.reportDecisionRejected, { reason: "x".repeat(1_001) }));
    expect(fieldsOf(await wrong)).toEqual(["decision_id", "reason"]);
  });
});

describe("GetStrategyPerformance", () => {
  it("asks for a range that lets through what the timestamps would", async () => {
    const { engine, client } = await serve();
    const request = { strategyId: "dip", startTime: at(1_000, 1), endTime: at(2_000) };
    const { performance } = await client.call(rpc.getStrategyPerformance, request);
    expect(engine.argsOf("performance")).toEqual(["dip", 1_001, 2_000]);
    expect(performance?.strategyId).toBe("dip");
  });

  it("reports all faults at once", async () => {
    const { client } = await serve();
    const time = { seconds: 0n, nanos: -1 };
    const error = await failureOf(client.call(rpc.getStrategyPerformance, { startTime: time, endTime: time }));
    expect(fieldsOf(error)).toEqual(["strategy_id", "start_time", "end_time"]);
  });
});

describe("WatchPerformance", () => {
  it("streams closings with totals, and heartbeats without", async () => {
    const closed = { position: sample.CLOSED_POSITION, performance: sample.PERFORMANCE };
    const { engine, client } = await serve({
      performance: {
        async *watch() {
          yield { resumeToken: "0" };
          yield { closed, resumeToken: "1" };
        },
      },
    });
    const stream = client.stream(rpc.watchPerformance, { strategyIds: ["dip"], resumeToken: "start" });
    const { messages } = await collect(stream);
    expect(engine.argsOf("watch")[0]).toEqual({ strategyIds: ["dip"], resumeToken: "start" });
    expect(messages[0]?.position).toBeUndefined();
    expect(messages[1]).toMatchObject({ position: { pnlUsd: 99 }, performance: { wins: 1n }, resumeToken: "1" });
  });

  it("refuses what is no strategy id", async () => {
    const { client } = await serve();
    const { error } = await collect(client.stream(rpc.watchPerformance, { strategyIds: ["ok", " "] }));
    expect(error && fieldsOf(error)).toEqual(["strategy_ids[1]"]);
  });
});
