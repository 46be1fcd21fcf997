import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { Side, StrategyStatus } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { StrategyService } from "../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import { history, MINUTE, type RigOptions, T0 } from "../engine/rig.ts";
import { collect, failureOf } from "../rpc/client.ts";
import { fieldsOf } from "../rpc/google-rpc.ts";
import { aStrategy, serveRig } from "./serve-engine.ts";

const HISTORY: RigOptions = { prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]) };
const runtime = StrategyRuntimeService.method;
const time = (ms: number) => ({ seconds: BigInt(ms / 1_000), nanos: 0 });

describe("INVALID_ARGUMENT", () => {
  it("of a strategy lists every fault at once", async () => {
    const { client } = await serveRig(HISTORY);
    const strategy = aStrategy({
      strategyId: "no spaces allowed",
      name: " ",
      status: StrategyStatus.UNSPECIFIED,
      baseSizeUsd: -5,
      stopLossPct: 2,
      timeframe: "7m",
      entryIndicators: [
        { name: "RSX", operator: "<", operand: { case: "value", value: 30 } },
        { name: "RSI", operator: "=<", operand: { case: "value", value: 30 } },
      ],
      symbols: ["B T C"],
    });
    const error = await failureOf(client.call(StrategyService.method.saveStrategy, { strategy }));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    const fields = fieldsOf(error);
    for (const field of [
      "strategy_id",
      "name",
      "status",
      "base_size_usd",
      "stop_loss_pct",
      "timeframe",
      "entry_indicators[0].name",
      "entry_indicators[1].operator",
      "symbols[0]",
    ]) {
      expect(fields).toContain(field);
    }
  });

  it("of Evaluate lists every fault at once, of the request and of what is in it", async () => {
    const { client } = await serveRig(HISTORY);
    const error = await failureOf(
      client.call(runtime.evaluate, {
        strategy: { case: "config", value: aStrategy({ baseSizeUsd: 0, timeframe: "1m" }) },
        symbol: "B T C",
        currentRegime: "",
        price: -1,
        indicators: { RSI: Number.NaN, NOPE: 1 },
        bars: [{ openTime: time(T0), open: 1, high: 1, low: 2, close: 1, volume: 1 }],
      }),
    );
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    const fields = fieldsOf(error);
    for (const field of ["symbol", "current_regime", "price", "config.base_size_usd", 'indicators["RSI"]', "bars[0]"]) {
      expect(fields).toContain(field);
    }
  });

  it("of a position report lists every fault at once", async () => {
    const { client } = await serveRig(HISTORY);
    const error = await failureOf(client.call(PerformanceService.method.reportPositionOpened, { position: {} }));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(fieldsOf(error)).toStrictEqual(
      ["position_id", "strategy_id", "symbol", "side", "size_usd", "entry_price", "opened_at"].map(
        (name) => `position.${name}`,
      ),
    );
  });
});

describe("NOT_FOUND", () => {
  it("is said of strategies that are not stored, and of decisions that are not kept", async () => {
    const { client, sweep } = await serveRig(HISTORY);
    const evaluate = client.call(runtime.evaluate, { strategy: { case: "strategyId", value: "nope" }, symbol: "BTC" });
    const calls = [
      evaluate,
      client.call(StrategyService.method.getStrategy, { strategyId: "nope" }),
      client.call(StrategyService.method.setStrategyStatus, { strategyId: "nope", status: StrategyStatus.LIVE }),
      client.call(PerformanceService.method.getStrategyPerformance, { strategyId: "nope" }),
      sweep({ strategyIds: ["nope"] }),
      client.call(PerformanceService.method.reportDecisionRejected, { decisionId: "nope", reason: "risk" }),
    ];
    // All at once: one that fails while another is waited for would be a rejection that nobody hears.
    for (const failure of await Promise.all(calls.map((call) => failureOf(call)))) {
      expect(failure).toMatchObject({
        code: status.NOT_FOUND,
        details: expect.stringContaining('"nope"'),
      });
    }
  });
});

describe("ABORTED", () => {
  it("is said where another version is stored than the one expected", async () => {
    const { client, save } = await serveRig(HISTORY);
    await save();
    for (const expectedVersion of [0n, 7n]) {
      const call = client.call(StrategyService.method.saveStrategy, {
        strategy: aStrategy({ name: "x" }),
        expectedVersion,
      });
      expect((await failureOf(call)).code).toBe(status.ABORTED);
    }
    const fine = await client.call(StrategyService.method.saveStrategy, {
      strategy: aStrategy({ name: "x" }),
      expectedVersion: 1n,
    });
    expect(fine.strategy?.version).toBe(2n);
  });
});

describe("ALREADY_EXISTS", () => {
  it("is said of a report that contradicts an earlier one", async () => {
    const { client, save, sweep } = await serveRig(HISTORY);
    const opened = (entryPrice: number) =>
      client.call(PerformanceService.method.reportPositionOpened, {
        position: {
          positionId: "p",
          strategyId: "s",
          symbol: "BTC",
          side: Side.LONG,
          sizeUsd: 1,
          entryPrice,
          openedAt: time(T0),
        },
      });
    await opened(100);
    await opened(100);
    expect((await failureOf(opened(101))).code).toBe(status.ALREADY_EXISTS);
    await save();
    const decisionId = (await sweep()).flatMap(({ decisions }) => decisions)[0]?.decisionId ?? "";
    const rejected = (reason: string) =>
      client.call(PerformanceService.method.reportDecisionRejected, { decisionId, reason });
    await rejected("risk");
    await rejected("risk");
    expect((await failureOf(rejected("other"))).code).toBe(status.ALREADY_EXISTS);
  });
});

describe("FAILED_PRECONDITION", () => {
  it("is said of a token of other data, and of a stored strategy that is not valid", async () => {
    const { client, rig, save } = await serveRig(HISTORY);
    const { error } = await collect(client.stream(runtime.generateSignals, { follow: true, resumeToken: "d1.99" }));
    expect(error?.code).toBe(status.FAILED_PRECONDITION);
    await save({ status: StrategyStatus.CANDIDATE });
    const { draft, ...row } = await rig.engine.strategies.get("s");
    if (draft === undefined) {
      throw new Error("no draft");
    }
    rig.stores.strategies.plant({ ...row, version: 2, draft: { ...draft, baseSizeUsd: -1 } });
    const promote = client.call(StrategyService.method.setStrategyStatus, {
      strategyId: "s",
      status: StrategyStatus.LIVE,
    });
    expect((await failureOf(promote)).code).toBe(status.FAILED_PRECONDITION);
  });

  it("is said of a policy in the store that cannot be read", async () => {
    const { client, rig } = await serveRig(HISTORY);
    rig.stores.policy.plant({ riskMode: "YOLO" });
    const error = await failureOf(client.call(PolicyService.method.getPolicy, {}));
    expect(error).toMatchObject({ code: status.FAILED_PRECONDITION, details: expect.stringContaining("YOLO") });
  });
});

describe("RESOURCE_EXHAUSTED", () => {
  it("ends a stream whose reader is too far behind", async () => {
    const { client, rig, save } = await serveRig({ ...HISTORY, symbols: ["BTC"], streamQueue: 1, completes: true });
    await save();
    // Nobody reads while decisions of more than the socket takes are made.
    const labels = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`label-${i}`, "x".repeat(256)]));
    for (let i = 0; i < 200; i++) {
      await rig.save(`s${i}`, "CLOSE > 1", { labels });
    }
    const stream = client.stream(runtime.generateSignals, { follow: true });
    await new Promise((resolve) => stream.once("data", resolve));
    stream.pause();
    for (let i = 0; i < 30; i++) {
      await rig.close({ BTC: 100 + i });
    }
    const { error } = await collect(stream);
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
  });
});

describe("UNAVAILABLE", () => {
  it("is said where the journal cannot be written, or the stores cannot be reached", async () => {
    const journal = memoryJournal();
    const away = async () => {
      throw new RuntimeError("unavailable", "the database is away", { cause: new Error("password=hunter2") });
    };
    const { client, sweep, save, rig } = await serveRig({
      ...HISTORY,
      stores: { journal: { ...journal, append: away } },
    });
    await save();
    const error = await failureOf(sweep());
    expect(error).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining("the database is away") });
    expect(error.details).not.toContain("hunter2");
    Object.assign(rig.stores.strategies, { get: away, changedSince: away });
    expect((await failureOf(client.call(StrategyService.method.getStrategy, { strategyId: "s" }))).code).toBe(
      status.UNAVAILABLE,
    );
    expect((await failureOf(client.call(runtime.refreshStrategies, {}))).code).toBe(status.UNAVAILABLE);
  });
});

describe("in force", () => {
  it("is a saved strategy, and a policy, for the next evaluation", async () => {
    const { client, evaluate, save } = await serveRig(HISTORY);
    await save();
    expect((await evaluate()).outcome).toBe("DECIDED");
    await save({ entryIndicators: [{ name: "CLOSE", operator: ">", operand: { case: "value", value: 1_000 } }] });
    expect((await evaluate()).outcome).toBe("CONDITIONS_NOT_MET");
    await client.call(StrategyService.method.setStrategyStatus, { strategyId: "s", status: StrategyStatus.DISABLED });
    expect((await evaluate()).outcome).toBe("NOT_ACTIVE");
    await client.call(PolicyService.method.setTradingHalt, { halted: true, reason: "stop" });
    expect((await evaluate()).outcome).toBe("HALTED");
    await client.call(PolicyService.method.setTradingHalt, { halted: false });
    await client.call(StrategyService.method.setStrategyStatus, { strategyId: "s", status: StrategyStatus.LIVE });
    await save();
    expect((await evaluate()).outcome).toBe("DECIDED");
  });

  it("is what others wrote to the store, after RefreshStrategies", async () => {
    const changes = (signal: AbortSignal) => neverUntil(signal);
    const { rig, save } = await serveRig(HISTORY);
    await save();
    await rig.stop();
    Object.assign(rig.stores.strategies, { changes });
    const served = await serveRig({ ...HISTORY, stores: rig.stores });
    const { draft, ...row } = await rig.engine.strategies.get("s");
    if (draft === undefined) {
      throw new Error("no draft");
    }
    rig.stores.strategies.plant({ ...row, strategyId: "theirs", draft: { ...draft, strategyId: "theirs" } });
    rig.stores.strategies.plant({
      ...row,
      strategyId: "broken",
      draft: { ...draft, strategyId: "broken", timeframe: "9m" },
    });
    const before = (await served.sweep({ dryRun: true })).at(-1)?.summary;
    expect(before?.evaluations).toBe(1n);
    const refreshed = await served.client.call(runtime.refreshStrategies, {});
    expect(refreshed).toMatchObject({
      liveStrategies: 2,
      shadowStrategies: 0,
      rejectedStrategies: [{ strategyId: "broken" }],
    });
    expect((await served.sweep({ dryRun: true })).at(-1)?.summary?.outcomes).toStrictEqual({ DECIDED: 2n });
  });
});

describe("a follow stream through the wire", () => {
  it("resumes behind its token, without gap or double", async () => {
    const { client, rig, save } = await serveRig({ ...HISTORY, symbols: ["BTC"], completes: true });
    await save();
    const seen: bigint[] = [];
    let token = "start";
    for (let round = 0; round < 4; round++) {
      await rig.close({ BTC: 100 + round });
      const stream = client.stream(runtime.generateSignals, { follow: true, resumeToken: token });
      for await (const message of stream) {
        seen.push(...message.decisions.map(({ sequence }: { sequence: bigint }) => sequence));
        token = message.resumeToken;
        if (seen.length > round) {
          break;
        }
      }
      stream.cancel();
    }
    expect(seen).toStrictEqual([1n, 2n, 3n, 4n]);
    expect(rig.clock.now()).toBe(T0 + 4 * MINUTE);
  });
});

async function* neverUntil(signal: AbortSignal): AsyncGenerator<void> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
