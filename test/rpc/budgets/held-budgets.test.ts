import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { RiskMode } from "../../../gen/strategyruntime/v1/policy_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { UNLIMITED } from "../../../src/rpc/budgets/account.ts";
import { StreamLimit } from "../../../src/rpc/calls/stream-limit.ts";
import * as sample from "../samples.ts";
import { as, type Reached, reach, refusalOf, WIRES } from "./wires.ts";

/** An engine whose policy is read, and changed, when the test says so. */
function held() {
  const waiting: PromiseWithResolvers<void>[] = [];
  const wait = async () => {
    const one = Promise.withResolvers<void>();
    waiting.push(one);
    await one.promise;
  };
  return {
    answers: {
      policy: {
        get: async () => {
          await wait();
          return sample.POLICY;
        },
        change: async () => {
          await wait();
          return { policy: sample.POLICY, pending: false };
        },
      },
    },
    reached: (count: number) => vi.waitFor(() => expect(waiting.length).toBe(count)),
    finish() {
      for (const one of waiting.splice(0)) {
        one.resolve();
      }
    },
    fail() {
      for (const one of waiting.splice(0)) {
        one.reject(new RuntimeError("unavailable", "the store is away"));
      }
    },
  };
}

/** An engine whose streams say one thing and then nothing, until they are left. */
const silent = {
  performance: {
    async *watch(_: unknown, signal: AbortSignal) {
      yield { resumeToken: "0" };
      await once(signal, "abort");
    },
  },
  runtime: {
    async *follow(_: unknown, signal: AbortSignal) {
      yield sample.aBatch();
      await once(signal, "abort");
    },
  },
};

/** Opens a stream and waits for its first message; what it fails with, where it does. */
async function opened<T>(stream: AsyncIterable<T>): Promise<AsyncIterator<T>> {
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  return iterator;
}

describe.each(WIRES)("over %s, calls under way", (wire) => {
  it("are refused beyond the caller's most, which is named, with a time to come back; others are served", async () => {
    const engine = held();
    const { client } = await reach(wire, engine.answers, { limits: { ...UNLIMITED, calls: 2 } });
    const policy = client(PolicyService);
    const calls = [policy.getPolicy({}, as("viewer-1")), policy.getPolicy({}, as("viewer-1"))];
    await engine.reached(2);
    expect(await refusalOf(policy.getPolicy({}, as("viewer-1")))).toEqual({
      code: "ResourceExhausted",
      message:
        "viewer-1 has 2 of 2 calls under way, which is CALLS_PER_CALLER: wait until one has ended, or come back in 1 s",
      retryAfterMs: 1_000,
    });
    calls.push(policy.getPolicy({}, as("viewer-2")));
    await engine.reached(3);
    engine.finish();
    await Promise.all(calls);
    const again = [policy.getPolicy({}, as("viewer-1")), policy.getPolicy({}, as("viewer-1"))];
    await engine.reached(2);
    engine.finish();
    await Promise.all(again);
  });

  it("keep no order of the same caller waiting, and orders have a most of their own", async () => {
    const engine = held();
    const { client } = await reach(wire, engine.answers, { limits: { ...UNLIMITED, calls: 1, orders: 1 } });
    const policy = client(PolicyService);
    const read = policy.getPolicy({}, as("controller-1"));
    await engine.reached(1);
    expect((await refusalOf(policy.getPolicy({}, as("controller-1")))).code).toBe("ResourceExhausted");
    const order = policy.setTradingHalt({ halted: true, reason: "test" }, as("controller-1"));
    await engine.reached(2);
    expect(await refusalOf(policy.setRiskMode({ riskMode: RiskMode.DEFENSIVE }, as("controller-1")))).toEqual({
      code: "ResourceExhausted",
      message:
        "controller-1 has 1 of 1 orders under way, which is ORDERS_PER_CALLER: wait until one has ended, or come back in 1 s",
      retryAfterMs: 1_000,
    });
    engine.finish();
    await Promise.all([read, order]);
    const next = policy.setTradingHalt({ halted: false }, as("controller-1"));
    await engine.reached(1);
    engine.finish();
    await next;
  });

  const ends: readonly (readonly [string, (reached: Reached, engine: ReturnType<typeof held>) => Promise<void>])[] = [
    [
      "an error",
      async ({ client }, engine) => {
        const call = client(PolicyService).getPolicy({}, as("viewer-1"));
        await engine.reached(1);
        engine.fail();
        expect((await refusalOf(call)).code).toBe("Unavailable");
      },
    ],
    [
      "a cancel",
      async ({ client }, engine) => {
        const left = new AbortController();
        const call = client(PolicyService).getPolicy({}, as("viewer-1", { signal: left.signal }));
        await engine.reached(1);
        left.abort();
        expect((await refusalOf(call)).code).toBe("Canceled");
        engine.finish();
      },
    ],
    [
      "a deadline",
      async ({ client }, engine) => {
        const call = client(PolicyService).getPolicy({}, as("viewer-1", { timeoutMs: 800 }));
        await engine.reached(1);
        expect((await refusalOf(call)).code).toBe("DeadlineExceeded");
        engine.finish();
      },
    ],
    [
      "a cut of the connection",
      async ({ cuttable }, engine) => {
        const { client, cut } = cuttable(PolicyService);
        const call = client.getPolicy({}, as("viewer-1"));
        await engine.reached(1);
        cut();
        await refusalOf(call);
        engine.finish();
      },
    ],
    [
      "a request that is none",
      async ({ client }) => {
        const call = client(StrategyService).getStrategy({}, as("viewer-1"));
        expect((await refusalOf(call)).code).toBe("InvalidArgument");
      },
    ],
  ];

  it.each(ends)("are given back after %s", async (_, end) => {
    const engine = held();
    const reached = await reach(wire, engine.answers, { limits: { ...UNLIMITED, calls: 1 } });
    await end(reached, engine);
    await vi.waitFor(() => expect(reached.budgets.callers).toBe(0));
    const call = reached.client(PolicyService).getPolicy({}, as("viewer-1"));
    await engine.reached(1);
    engine.finish();
    await call;
  });

  it("count until their work has ended, though the caller has left", async () => {
    const engine = held();
    const { client } = await reach(wire, engine.answers, { limits: { ...UNLIMITED, calls: 1 } });
    const policy = client(PolicyService);
    const left = new AbortController();
    const first = policy.getPolicy({}, as("viewer-1", { signal: left.signal }));
    await engine.reached(1);
    left.abort();
    expect((await refusalOf(first)).code).toBe("Canceled");
    for (let attempt = 0; attempt < 3; attempt++) {
      expect((await refusalOf(policy.getPolicy({}, as("viewer-1")))).message).toContain("CALLS_PER_CALLER");
    }
    engine.finish();
    await vi.waitFor(async () => {
      const call = policy.getPolicy({}, as("viewer-1"));
      await Promise.race([engine.reached(1), call]);
      engine.finish();
      await call;
    });
  });
});

describe.each(WIRES)("over %s, streams", (wire) => {
  it("are refused beyond the caller's most; others open theirs", async () => {
    const { client } = await reach(wire, silent, { limits: { ...UNLIMITED, streams: 2 } });
    const performance = client(PerformanceService);
    await opened(performance.watchPerformance({}, as("viewer-1")));
    await opened(performance.watchPerformance({}, as("viewer-1")));
    expect(await refusalOf(opened(performance.watchPerformance({}, as("viewer-1"))))).toEqual({
      code: "ResourceExhausted",
      message: "viewer-1 has 2 of 2 open streams, which is STREAMS_PER_CALLER: close one, or come back in 5 s",
      retryAfterMs: 5_000,
    });
    await opened(performance.watchPerformance({}, as("viewer-2")));
  });

  it.each(["a cancel", "a deadline", "a cut of the connection", "an error", "its end"])(
    "are given back after %s",
    async (end) => {
      const short = {
        performance: {
          async *watch() {
            yield { resumeToken: "0" };
            if (end === "an error") {
              throw new RuntimeError("unavailable", "the store is away");
            }
          },
        },
      };
      const answers = end === "an error" || end === "its end" ? short : silent;
      const { cuttable, budgets, streams } = await reach(wire, answers, { limits: { ...UNLIMITED, streams: 1 } });
      const { client, cut } = cuttable(PerformanceService);
      const left = new AbortController();
      const timeoutMs = end === "a deadline" ? { timeoutMs: 800 } : {};
      const stream = await opened(client.watchPerformance({}, as("viewer-1", { signal: left.signal, ...timeoutMs })));
      if (end === "a cancel") {
        left.abort();
      } else if (end === "a cut of the connection") {
        cut();
      }
      await stream.next().catch(() => {});
      await vi.waitFor(() => expect([budgets.callers, streams.open]).toEqual([0, 0]));
    },
  );

  it("of watchers leave the places that are kept for signals, and those of signals take any", async () => {
    const streams = new StreamLimit(4, 2);
    const { client } = await reach(wire, silent, { streams });
    const performance = client(PerformanceService);
    const runtime = client(StrategyRuntimeService);
    for (let count = 0; count < 2; count++) {
      await opened(performance.watchPerformance({}, as("viewer-1")));
    }
    expect(await refusalOf(opened(performance.watchPerformance({}, as("viewer-2"))))).toEqual({
      code: "ResourceExhausted",
      message:
        "2 streams are open, which is MAX_STREAMS without the 2 that KEPT_STREAMS keeps for GenerateSignals: close one, or raise it",
      retryAfterMs: 5_000,
    });
    for (let count = 0; count < 2; count++) {
      await opened(runtime.generateSignals({ follow: true }, as("executor-1")));
    }
    expect((await refusalOf(opened(runtime.generateSignals({ follow: true }, as("executor-1"))))).message).toBe(
      "4 streams are open, which is MAX_STREAMS: close one, or raise it",
    );
  });

  it("that are refused for want of a place among all cost their caller nothing", async () => {
    const streams = new StreamLimit(1);
    const { client, budgets } = await reach(wire, silent, { streams, limits: { ...UNLIMITED, streams: 1 } });
    const performance = client(PerformanceService);
    const left = new AbortController();
    await opened(performance.watchPerformance({}, as("viewer-1", { signal: left.signal })));
    for (let count = 0; count < 3; count++) {
      const { message } = await refusalOf(opened(performance.watchPerformance({}, as("viewer-2"))));
      expect(message).toContain("MAX_STREAMS");
    }
    left.abort();
    await vi.waitFor(() => expect(budgets.callers).toBe(0));
    await opened(performance.watchPerformance({}, as("viewer-2")));
  });
});

describe.each(WIRES)("over %s, a program on this machine that needs no token", (wire) => {
  it("has no budgets, and leaves the places that are kept for signals", async () => {
    const streams = new StreamLimit(10, 5);
    const limits = { calls: 1, orders: 1, streams: 1, bytes: 1, order_bytes: 1, processor: 1, openings: 1 };
    const { client } = await reach(wire, silent, { streams, limits, withoutTokens: true });
    const performance = client(PerformanceService);
    await Promise.all(Array.from({ length: 5 }, () => opened(performance.watchPerformance({}))));
    expect((await refusalOf(opened(performance.watchPerformance({})))).message).toContain("KEPT_STREAMS");
    const runtime = client(StrategyRuntimeService);
    await Promise.all(Array.from({ length: 5 }, () => opened(runtime.generateSignals({ follow: true }))));
    const policy = client(PolicyService);
    await Promise.all(Array.from({ length: 20 }, () => policy.getPolicy({})));
  });
});
