import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import type { SignalBatch } from "../../../src/engine/api.ts";
import { systemClock } from "../../../src/process/system-clock.ts";
import { UNLIMITED } from "../../../src/rpc/budgets/account.ts";
import { Turns } from "../../../src/rpc/budgets/turns.ts";
import * as sample from "../samples.ts";
import { as, reach, refusalOf, WIRES, type Wire } from "./wires.ts";

/** A machine whose processor time passes when the engine says so. */
async function machine(wire: Wire, processor: number) {
  let cpuMs = 0;
  let now = 0;
  const turns = new Turns(() => cpuMs);
  const clock = turns.clock(systemClock);
  const rest = () => new Promise<void>((resolve) => clock.after(0, resolve));
  const compute = (ms: number) => {
    cpuMs += ms;
  };
  const spent: [number, string][] = [];
  const answers = {
    runtime: {
      // A slice, a rest, and another slice.
      evaluate: async () => {
        compute(2_000);
        await Promise.resolve();
        compute(1_000);
        await rest();
        compute(3_000);
        return sample.anEvaluation();
      },
      async *generate(): AsyncGenerator<SignalBatch> {
        await rest();
        compute(6_000);
        yield sample.aBatch({ summary: sample.SUMMARY });
        compute(6_000);
      },
      async *follow(_: unknown, signal: AbortSignal): AsyncGenerator<SignalBatch> {
        compute(60_000);
        yield sample.aBatch();
        await once(signal, "abort");
      },
      decisions: async () => {
        // As a store does that answers by a socket: nothing of that is seen here.
        await new Promise((resolve) => setImmediate(resolve));
        return [sample.aDecision()];
      },
    },
    policy: {
      get: async () => {
        compute(60_000);
        return sample.POLICY;
      },
    },
  };
  const reached = await reach(wire, answers, {
    limits: { ...UNLIMITED, processor },
    turns,
    now: () => now,
    onSpent: (ms, caller) => spent.push([ms, caller]),
  });
  const used = () => Math.round(spent.reduce((sum, [ms]) => sum + ms, 0));
  return { ...reached, spent, used, pass: (ms: number) => (now += ms) };
}

const evaluate = { symbol: "X", strategy: { case: "strategyId", value: "s" } } as const;

describe.each(WIRES)("over %s, processor time", (wire) => {
  it("that is used up refuses what takes more, until it is forgotten; others, orders and reads go on", async () => {
    const { client, used, pass } = await machine(wire, 10_000);
    const runtime = client(StrategyRuntimeService);
    await runtime.evaluate(evaluate, as("viewer-1"));
    await vi.waitFor(() => expect(used()).toBe(6_000));
    await runtime.evaluate(evaluate, as("viewer-1"));
    await vi.waitFor(() => expect(used()).toBe(12_000));
    const refusal = {
      code: "ResourceExhausted",
      message:
        "viewer-1 has used 12 of 10 s of processor time a minute, which is PROCESSOR_PER_CALLER: ask for less, or come back in 12 s",
      retryAfterMs: 12_000,
    };
    expect(await refusalOf(runtime.evaluate(evaluate, as("viewer-1")))).toEqual(refusal);
    expect(await refusalOf(runtime.listDecisions({}, as("viewer-1")))).toEqual(refusal);
    expect(await refusalOf(client(StrategyService).listStrategies({}, as("viewer-1")))).toEqual(refusal);
    const performance = client(PerformanceService).getStrategyPerformance({ strategyId: "s" }, as("viewer-1"));
    expect(await refusalOf(performance)).toEqual(refusal);
    await client(PolicyService).getPolicy({}, as("viewer-1"));
    await runtime.evaluate(evaluate, as("viewer-2"));
    pass(11_000);
    expect(await refusalOf(runtime.evaluate(evaluate, as("viewer-1")))).toMatchObject({ retryAfterMs: 1_000 });
    pass(1_001);
    await runtime.evaluate(evaluate, as("viewer-1"));
  });

  it("goes by one-shot calls, and neither by streams that follow nor by orders", async () => {
    const { client, used } = await machine(wire, 10_000);
    const runtime = client(StrategyRuntimeService);
    const first = async (follow: boolean) => {
      const symbols = follow ? [] : ["X"];
      const stream = runtime.generateSignals({ symbols, follow }, as("executor-1"))[Symbol.asyncIterator]();
      await stream.next();
      return stream;
    };
    await first(true);
    expect(used()).toBe(0);
    const stream = await first(false);
    await stream.next();
    await vi.waitFor(() => expect(used()).toBe(12_000));
    expect(await refusalOf(first(false))).toMatchObject({
      code: "ResourceExhausted",
      message: expect.stringMatching(/^executor-1 has used 12 of 10 s of processor time/),
      retryAfterMs: 12_000,
    });
    await first(true);
    await client(PerformanceService).reportDecisionRejected({ decisionId: "d", reason: "" }, as("executor-1"));
  });

  it("that is not limited is not measured", async () => {
    const { client, spent } = await machine(wire, Number.POSITIVE_INFINITY);
    await client(StrategyRuntimeService).evaluate(evaluate, as("viewer-1"));
    expect(spent).toEqual([]);
  });
});
