import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { UNLIMITED } from "../../../src/rpc/budgets/account.ts";
import { Budgets } from "../../../src/rpc/budgets/budgets.ts";
import { OpenCalls, type OpenCallsOptions } from "../../../src/rpc/calls/open-calls.ts";
import { StreamLimit } from "../../../src/rpc/calls/stream-limit.ts";

const { evaluate, generateSignals } = StrategyRuntimeService.method;

/** A call whose end is said by hand. */
function wireCall(peer: string) {
  let onEnd = (): void => {};
  return {
    metadata: new Metadata(),
    getPeer: () => peer,
    getDeadline: () => Number.POSITIVE_INFINITY,
    once: (_: "cancelled", listener: () => void) => {
      onEnd = listener;
    },
    end: () => onEnd(),
  };
}

function openCalls(options: Partial<OpenCallsOptions> = {}): OpenCalls {
  return new OpenCalls({ streams: new StreamLimit(1), stallMs: 1_000, evict: () => {}, log: () => {}, ...options });
}

describe("the calls that are open", () => {
  it("do not take one in whose connection went before its handler ran: it would never end", async () => {
    const calls = openCalls();
    expect(() => calls.open(wireCall("unknown"), generateSignals)).toThrow("the caller has left");
    const wire = wireCall("127.0.0.1:1");
    const call = calls.open(wire, generateSignals);
    const drained = calls.drain(60_000);
    call.endless();
    expect(call.stopped?.code).toBe("unavailable");
    wire.end();
    await drained;
    calls.stop();
  });

  it("tell a handler that looks at its signal only after the end that it is over", () => {
    const calls = openCalls();
    const wire = wireCall("127.0.0.1:1");
    const call = calls.open(wire, generateSignals);
    wire.end();
    expect(call.signal.aborted).toBe(true);
    expect(call.stopped?.code).toBe("cancelled");
    calls.stop();
  });

  it("give back the place of a stream that was refused or has ended, once", () => {
    const calls = openCalls();
    const first = wireCall("127.0.0.1:1");
    calls.open(first, generateSignals);
    expect(() => calls.open(wireCall("127.0.0.1:2"), generateSignals)).toThrow("MAX_STREAMS");
    first.end();
    calls.open(wireCall("127.0.0.1:2"), generateSignals);
    expect(() => calls.open(wireCall("127.0.0.1:3"), generateSignals)).toThrow("MAX_STREAMS");
    calls.stop();
  });

  it("give a budget back once, though their callers leave between the last byte and the work", async () => {
    const calls = openCalls({ budgets: new Budgets({ limits: { ...UNLIMITED, calls: 1 } }) });
    let done = 0;
    for (let count = 0; count < 3; count++) {
      const wire = wireCall("192.0.2.1:1");
      const call = calls.open(wire, evaluate);
      wire.end();
      await expect(call.work(async () => done++)).rejects.toThrow("the caller has left");
    }
    expect(done).toBe(0);
    calls.open(wireCall("192.0.2.1:1"), evaluate);
    expect(() => calls.open(wireCall("192.0.2.1:1"), evaluate)).toThrow("1 of 1 calls under way");
    calls.stop();
  });
});
