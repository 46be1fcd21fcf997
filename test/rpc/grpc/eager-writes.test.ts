import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { ServerHttp2Stream } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import { GenerateSignalsRequestSchema } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { frame, grpcStatus, rawCall, rawSession } from "../raw-http2.ts";
import * as sample from "../samples.ts";
import { gate, serve } from "../serve.ts";

const GENERATE = "/strategyruntime.v1.StrategyRuntimeService/GenerateSignals";
const CREATED = "http2.server.stream.created";
const request = frame(toBinary(GenerateSignalsRequestSchema, create(GenerateSignalsRequestSchema, { follow: true })));

/** Bytes of each message that was handed to a connection of this process's servers. */
function handedOver(): readonly number[] {
  const sizes: number[] = [];
  const watch = (message: unknown): void => {
    const { stream } = message as { readonly stream: ServerHttp2Stream };
    const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean;
    stream.write = ((...args: readonly unknown[]) => {
      sizes.push((args[0] as Buffer).length);
      return write(...args);
    }) as typeof stream.write;
  };
  subscribe(CREATED, watch);
  onTestFinished(() => {
    unsubscribe(CREATED, watch);
  });
  return sizes;
}

/** A stream of so many messages of 100 KB, of which a reader's window takes not even one. */
async function streamOf(messages: number) {
  const sizes = handedOver();
  const done = gate();
  let yielded = 0;
  const { server } = await serve({
    runtime: {
      async *follow() {
        for (; yielded < messages; yielded++) {
          yield sample.aBatch({ resumeToken: "x".repeat(100_000) });
        }
        done.open();
      },
    },
  });
  const stream = rawCall(rawSession(server.address), GENERATE, request);
  await once(stream, "response");
  return { sizes, stream, done: done.opened, yielded: () => yielded };
}

describe("messages of a stream", () => {
  it("are with the connection before the reader has taken the first, and come whole", async () => {
    const { sizes, stream, done } = await streamOf(3);
    await done;
    expect(sizes).toHaveLength(3);
    let bytes = 0;
    stream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    expect(await grpcStatus(stream)).toBe(0);
    expect(bytes).toBe(sizes.reduce((sum, size) => sum + size));
  });

  it("wait in the engine where more than a reader may leave lying is there", async () => {
    const { sizes, stream, done, yielded } = await streamOf(100);
    // Whatever is handed over is handed over in turns that follow one another at once.
    while (sizes.length < 5) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let turn = 0; turn < 1_000; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(yielded()).toBeLessThan(10);
    const status = grpcStatus(stream);
    await done;
    expect(await status).toBe(0);
    expect(sizes).toHaveLength(100);
  });
});
