import { describe, expect, it, vi } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { UNLIMITED } from "../../../src/rpc/budgets/account.ts";
import { BytesInFlight } from "../../../src/rpc/intake/bytes-in-flight.ts";
import * as sample from "../samples.ts";
import { as, reach, refusalOf, WIRES } from "./wires.ts";

/** A list of 3 to 5 kB, whatever it is written in. */
const LARGE = { symbols: Array.from({ length: 500 }, (_, index) => `SYM${index}`) };

/** An engine whose lists come when the test says so. */
function held() {
  const waiting: PromiseWithResolvers<void>[] = [];
  const decisions = async () => {
    const one = Promise.withResolvers<void>();
    waiting.push(one);
    await one.promise;
    return [sample.aDecision()];
  };
  return {
    answers: { runtime: { decisions } },
    reached: (count: number) => vi.waitFor(() => expect(waiting.length).toBe(count)),
    finish(error?: Error) {
      for (const one of waiting.splice(0)) {
        error === undefined ? one.resolve() : one.reject(error);
      }
    },
  };
}

describe.each(WIRES)("over %s, bytes in flight", (wire) => {
  const limits = { ...UNLIMITED, bytes: 6_000, order_bytes: 3_000 };

  it("are refused beyond the caller's most, with a time to come back; others, and its own orders, are served", async () => {
    const engine = held();
    const { client } = await reach(wire, engine.answers, { limits });
    const runtime = client(StrategyRuntimeService);
    const first = runtime.listDecisions(LARGE, as("admin-1"));
    await engine.reached(1);
    expect(await refusalOf(runtime.listDecisions(LARGE, as("admin-1")))).toEqual({
      code: "ResourceExhausted",
      message: expect.stringMatching(
        /^admin-1 has [345]\d\d\d of 6000 bytes of requests in flight and would have \d+ more, which is BYTES_PER_CALLER: send less at a time, or come back in 1 s$/,
      ),
      retryAfterMs: 1_000,
    });
    const other = runtime.listDecisions(LARGE, as("admin-2"));
    await engine.reached(2);
    const halt = { halted: true, reason: "x".repeat(1_000) };
    await client(PolicyService).setTradingHalt(halt, as("admin-1"));
    engine.finish();
    await Promise.all([first, other]);
    const again = runtime.listDecisions(LARGE, as("admin-1"));
    await engine.reached(1);
    engine.finish();
    await again;
  });

  it.each(["an answer", "an error", "a cancel", "a deadline", "a cut of the connection"])(
    "are given back after %s",
    async (end) => {
      const engine = held();
      const { cuttable, budgets } = await reach(wire, engine.answers, { limits });
      const { client, cut } = cuttable(StrategyRuntimeService);
      const left = new AbortController();
      const options = { signal: left.signal, ...(end === "a deadline" && { timeoutMs: 800 }) };
      const call = client.listDecisions(LARGE, as("viewer-1", options)).catch(() => {});
      await engine.reached(1);
      expect(budgets.mostUsed("bytes")).toBeGreaterThan(0.6);
      if (end === "a cancel") {
        left.abort();
      } else if (end === "a cut of the connection") {
        cut();
      } else if (end !== "a deadline") {
        engine.finish(end === "an error" ? new RuntimeError("unavailable", "the store is away") : undefined);
      }
      await call;
      engine.finish();
      await vi.waitFor(() => expect([budgets.mostUsed("bytes"), budgets.callers]).toEqual([0, 0]));
    },
  );

  it("of all callers together leave room for orders", async () => {
    const engine = held();
    const inFlight = new BytesInFlight(8_000, 2_000);
    const { client } = await reach(wire, engine.answers, { limits: UNLIMITED, inFlight });
    const runtime = client(StrategyRuntimeService);
    const first = runtime.listDecisions(LARGE, as("viewer-1"));
    await engine.reached(1);
    const { message } = await refusalOf(runtime.listDecisions(LARGE, as("viewer-2")));
    expect(message).toContain("above 6000, which is MAX_BYTES_IN_FLIGHT without the quarter that is kept for orders");
    const halt = { halted: true, reason: "x".repeat(1_000) };
    await client(PolicyService).setTradingHalt(halt, as("controller-1"));
    engine.finish();
    await first;
    await vi.waitFor(() => expect(inFlight.taken).toBe(0));
  });
});
