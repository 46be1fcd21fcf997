import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { RuntimeDesk } from "../../../src/engine/api.ts";
import { collect, failureOf } from "../client.ts";
import { firehose } from "../firehose.ts";
import * as sample from "../samples.ts";
import { gate, serve } from "../serve.ts";

const { generateSignals, evaluate } = StrategyRuntimeService.method;
const { getPolicy } = PolicyService.method;
const follow = { follow: true };

/**
 * Follows that stay silent after their first batch until the signal aborts, and say when they have
 * ended.
 */
function silentFollow() {
  const ended = gate<string>();
  const signals: AbortSignal[] = [];
  const runtime: Partial<RuntimeDesk> = {
    async *follow(_, signal) {
      signals.push(signal);
      try {
        yield sample.aBatch({ resumeToken: "first" });
        await once(signal, "abort");
      } finally {
        ended.open("ended");
      }
    },
  };
  return { runtime, ended: ended.opened, signals };
}

describe("a stream", () => {
  it("sends its first message at once, though the next is far", async () => {
    const { runtime } = silentFollow();
    const { client } = await serve({ runtime });
    const stream = client.stream(generateSignals, follow);
    stream.on("error", () => {});
    const [first] = await once(stream, "data");
    expect(first.resumeToken).toBe("first");
    stream.cancel();
  });

  it("aborts the handler's signal when the caller cancels, and returns the engine's iterator", async () => {
    const { runtime, ended, signals } = silentFollow();
    const { client } = await serve({ runtime });
    const stream = client.stream(generateSignals, follow);
    stream.on("error", () => {});
    await once(stream, "data");
    stream.cancel();
    expect(await ended).toBe("ended");
    expect(signals[0]?.aborted).toBe(true);
  });

  it("aborts it when the caller's connection goes", async () => {
    const { runtime, ended } = silentFollow();
    const { client, server } = await serve({ runtime });
    const stream = client.stream(generateSignals, follow);
    stream.on("error", () => {});
    await once(stream, "data");
    server.close();
    expect(await ended).toBe("ended");
  });

  it("ends at the caller's deadline, with a handler that does not look at its signal", async () => {
    const never = gate();
    const { client } = await serve({
      runtime: {
        async *generate() {
          yield sample.aBatch({ resumeToken: "first" });
          await never.opened;
        },
      },
    });
    const stream = client.stream(generateSignals, { symbols: ["X"] }, { deadline: Date.now() + 150 });
    const { messages, error } = await collect(stream);
    expect([messages.length, error?.code]).toEqual([1, status.DEADLINE_EXCEEDED]);
    never.open();
  });

  it("is refused where it would be one too many, and let in again once another has ended", async () => {
    const { runtime, ended } = silentFollow();
    const { client } = await serve({ runtime }, { maxStreams: 1 });
    const stream = client.stream(generateSignals, follow);
    stream.on("error", () => {});
    await once(stream, "data");
    const { error } = await collect(client.stream(generateSignals, follow));
    expect([error?.code, error?.details]).toEqual([
      status.RESOURCE_EXHAUSTED,
      "1 streams are open, which is MAX_STREAMS: close one, or raise it",
    ]);
    await client.call(getPolicy, {});
    stream.cancel();
    await ended;
    const again = client.stream(generateSignals, follow);
    again.on("error", () => {});
    await once(again, "data");
    again.cancel();
  });

  it("keeps thousands of messages in order", async () => {
    const { client } = await serve({
      runtime: {
        async *generate() {
          for (let index = 0; index < 3_000; index++) {
            yield sample.aBatch({ resumeToken: String(index) });
          }
        },
      },
    });
    const { messages, error } = await collect(client.stream(generateSignals, { symbols: ["X"] }));
    expect(error).toBeUndefined();
    expect(messages.map(({ resumeToken }) => Number(resumeToken))).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
  });
});

describe("a unary call", () => {
  it("aborts when the caller cancels", async () => {
    const reached = gate();
    const { client, engine } = await serve({ policy: { get: () => new Promise(() => reached.open()) } });
    const controller = new AbortController();
    const failed = failureOf(client.call(getPolicy, {}, { signal: controller.signal }));
    await reached.opened;
    controller.abort();
    expect((await failed).code).toBe(status.CANCELLED);
    expect(engine.calls).toHaveLength(1);
  });

  it("ends at its deadline", async () => {
    const { client } = await serve({ runtime: { evaluate: () => new Promise(() => {}) } });
    const request = { strategy: { case: "strategyId", value: "x" }, symbol: "X" } as const;
    const error = await failureOf(client.call(evaluate, request, { deadline: Date.now() + 100 }));
    expect(error.code).toBe(status.DEADLINE_EXCEEDED);
  });
});

describe("a reader that takes nothing", () => {
  it("stops its own stream only: the engine is not asked for more, and others are served", async () => {
    const { runtime, counter } = firehose();
    const { client, connect } = await serve({ runtime });
    const stalled = client.stream(generateSignals, follow);
    stalled.on("error", () => {});
    // Nobody listens to "data", so the client's window fills and stays full.
    await once(stalled, "readable");
    const other = connect();
    let before = -1;
    while (counter.made !== before) {
      before = counter.made;
      for (let call = 0; call < 20; call++) {
        await other.call(getPolicy, {});
      }
    }
    expect(counter.made).toBeLessThan(60);
    stalled.cancel();
  });

  it("loses its connection after the time allowed, while others keep theirs", async () => {
    const { runtime, ended } = firehose();
    const { client, connect, log } = await serve({ runtime }, { stallMs: 200 });
    const other = connect();
    await other.call(getPolicy, {});
    const stalled = client.stream(generateSignals, follow);
    const failed = once(stalled, "error");
    await once(stalled, "readable");
    await ended;
    expect(log).toMatchObject([
      { kind: "evicted", method: "strategyruntime.v1.StrategyRuntimeService/GenerateSignals" },
    ]);
    // It hears of it once it reads on.
    stalled.resume();
    const [error] = await failed;
    expect([status.UNAVAILABLE, status.INTERNAL, status.CANCELLED]).toContain(error.code);
    await other.call(getPolicy, {});
  });

  it("that is merely slow is kept", async () => {
    const tokens = Array.from({ length: 60 }, (_, index) => String(index).padEnd(100_000));
    const { client, log } = await serve(
      {
        runtime: {
          async *generate() {
            for (const resumeToken of tokens) {
              yield sample.aBatch({ resumeToken });
            }
          },
        },
      },
      { stallMs: 600 },
    );
    const received: string[] = [];
    for await (const message of client.stream(generateSignals, { symbols: ["X"] })) {
      received.push(message.resumeToken);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    expect(received).toEqual(tokens);
    expect(log).toEqual([]);
  });
});
