import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { OpenCalls } from "../../src/rpc/open-calls.ts";
import { StreamLimit } from "../../src/rpc/stream-limit.ts";

const { generateSignals } = StrategyRuntimeService.method;

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

function openCalls(): OpenCalls {
  return new OpenCalls({ streams: new StreamLimit(1), stallMs: 1_000, evict: () => {}, log: () => {} });
}

describe("the calls that are open", () => {
  it("do not take one in whose connection went before its handler ran: it would never end", async () => {
    const calls = openCalls();
    expect(() => calls.open(wireCall("unknown"), generateSignals)).toThrow("the caller has left");
    const wire = wireCall("127.0.0.1:1");
    const call = calls.open(wire, generateSignals);
    const drained = calls.drain(60_000);
    expect(call.drain.aborted).toBe(true);
    wire.end();
    await drained;
    calls.close();
  });

  it("tell a handler that looks at its signal only after the end that it is over", () => {
    const calls = openCalls();
    const wire = wireCall("127.0.0.1:1");
    const call = calls.open(wire, generateSignals);
    wire.end();
    expect(call.signal.aborted).toBe(true);
    expect(call.stopped?.code).toBe("cancelled");
    calls.close();
  });

  it("give back the place of a stream that was refused or has ended, once", () => {
    const calls = openCalls();
    const first = wireCall("127.0.0.1:1");
    calls.open(first, generateSignals);
    expect(() => calls.open(wireCall("127.0.0.1:2"), generateSignals)).toThrow("MAX_STREAMS");
    first.end();
    calls.open(wireCall("127.0.0.1:2"), generateSignals);
    expect(() => calls.open(wireCall("127.0.0.1:3"), generateSignals)).toThrow("MAX_STREAMS");
    calls.close();
  });
});
