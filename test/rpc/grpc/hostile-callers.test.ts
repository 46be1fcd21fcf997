import { once } from "node:events";
import { constants } from "node:http2";
import { connect } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { describe, expect, it, vi } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import {
  GenerateSignalsRequestSchema,
  StrategyRuntimeService,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { collect, connect as connectClient, failureOf } from "../client.ts";
import { firehose } from "../firehose.ts";
import { detailsOf } from "../google-rpc.ts";
import { frame, grpcStatus, proxyTo, rawCall, rawSession, unfinishedCall } from "../raw-http2.ts";
import * as sample from "../samples.ts";
import { gate, serve } from "../serve.ts";
import { expectNothingUncaught } from "../uncaught.ts";

const EVALUATE = "/strategyruntime.v1.StrategyRuntimeService/Evaluate";
const GENERATE = "/strategyruntime.v1.StrategyRuntimeService/GenerateSignals";
const { getPolicy } = PolicyService.method;
const garbage = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

expectNothingUncaught();

describe("bytes that are no request", () => {
  it.each([
    ["no varint", garbage],
    ["a field that ends early", Buffer.from([0x1a, 0x7f, 0x41])],
    ["a group without end", Buffer.from([0x0b])],
    ["field number 0", Buffer.from([0x00, 0x01])],
  ])("are INVALID_ARGUMENT: %s", async (_, bytes) => {
    const { client, engine, log } = await serve();
    const error = await failureOf(client.raw(EVALUATE, bytes));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toMatch(/^the request is no valid strategyruntime.v1.EvaluateRequest \(/);
    expect(detailsOf(error).reason).toBe("INVALID");
    expect([engine.calls, log]).toEqual([[], []]);
    await client.call(getPolicy, {});
  });

  it("are INVALID_ARGUMENT for a stream, too", async () => {
    const { server } = await serve();
    const session = rawSession(server.address);
    expect(await grpcStatus(rawCall(session, GENERATE, frame(garbage)))).toBe(status.INVALID_ARGUMENT);
  });
});

describe("a caller that speaks HTTP/2 and no gRPC", () => {
  it("gets a status for each mistake, and the next call is served", async () => {
    const { server, client } = await serve();
    const session = rawSession(server.address);
    const mistakes = [
      rawCall(session, "/strategyruntime.v1.PolicyService/NoSuchMethod", frame(Buffer.alloc(0))),
      rawCall(session, "/%ff/é", frame(Buffer.alloc(0))),
      rawCall(session, EVALUATE, undefined),
      rawCall(session, EVALUATE, Buffer.from([0, 0, 0])),
      rawCall(session, EVALUATE, frame(Buffer.from("abc"), 3, 1), { "grpc-encoding": "gzip" }),
      rawCall(session, EVALUATE, frame(Buffer.from("abc"), 3, 1), { "grpc-encoding": "brotli" }),
      rawCall(session, EVALUATE, Buffer.concat([frame(Buffer.alloc(0)), frame(Buffer.alloc(0))])),
      rawCall(session, EVALUATE, frame(Buffer.alloc(0)), { "grpc-timeout": "soon" }),
      rawCall(session, EVALUATE, frame(Buffer.alloc(0)), { "content-type": "text/html" }),
    ];
    for (const code of await Promise.all(mistakes.map(grpcStatus))) {
      expect(code).not.toBe(status.OK);
    }
    await client.call(getPolicy, {});
  });

  it("may be gone before its call is handled", async () => {
    const { server, client } = await serve();
    for (let index = 0; index < 30; index++) {
      const session = rawSession(server.address);
      const call = rawCall(session, index % 2 === 0 ? EVALUATE : GENERATE, frame(Buffer.alloc(0)));
      if (index % 3 === 0) {
        call.close(8);
      } else {
        session.destroy();
      }
    }
    await client.call(getPolicy, {});
    await server.drain(5_000);
  });

  it("loses its connection where it resets more calls than it could have open", async () => {
    const { server, client } = await serve();
    const session = rawSession(server.address);
    await once(session, "remoteSettings");
    const closed = new Promise((resolve) => session.once("close", resolve));
    const answered = () => new Promise((resolve) => session.destroyed || session.ping(resolve) || resolve(undefined));
    for (let wave = 0; wave < 7 && !session.destroyed; wave++) {
      const calls = Array.from({ length: 100 }, () => unfinishedCall(session, EVALUATE));
      await Promise.race([answered(), closed]);
      for (const call of calls) {
        call.close(constants.NGHTTP2_CANCEL);
      }
      await Promise.race([answered(), closed]);
    }
    expect(session.destroyed).toBe(true);
    await client.call(getPolicy, {});
  });

  it("may not send more metadata than 32 KiB", async () => {
    const { server, client, engine } = await serve();
    const session = rawSession(server.address);
    await once(session, "remoteSettings");
    const large = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${index}`, "v".repeat(2_500)]));
    expect(await grpcStatus(rawCall(session, "/grpc.health.v1.Health/Check", frame(Buffer.alloc(0)), large))).not.toBe(
      0,
    );
    expect(engine.calls).toEqual([]);
    await client.call(getPolicy, {});
  });

  it("may send noise instead of a preface", async () => {
    const { server, client } = await serve();
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100));
    socket.resume();
    await once(socket, "close");
    await client.call(getPolicy, {});
  });
});

describe("a request that is too large", () => {
  it("is refused with RESOURCE_EXHAUSTED that names both sizes, and the next is served", async () => {
    const { client, engine } = await serve();
    const error = await failureOf(client.raw(EVALUATE, Buffer.alloc(16 * 1024 * 1024 + 1)));
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(error.details).toContain("Evaluate takes at most 8388608 bytes a request, and this one has 16777217 bytes");
    expect(engine.calls).toEqual([]);
    await client.call(getPolicy, {});
  });

  it("is refused by the size that it claims, before it has come", async () => {
    const { server } = await serve();
    const stream = rawCall(rawSession(server.address), EVALUATE, frame(Buffer.alloc(10), 0xffffffff));
    expect(await grpcStatus(stream)).toBe(status.RESOURCE_EXHAUSTED);
  });

  it("may be as large as the limit", async () => {
    const { client } = await serve({}, { maxReceiveBytes: 1_000 });
    expect((await failureOf(client.raw(EVALUATE, Buffer.alloc(1_000)))).code).toBe(status.INVALID_ARGUMENT);
    expect((await failureOf(client.raw(EVALUATE, Buffer.alloc(1_001)))).code).toBe(status.RESOURCE_EXHAUSTED);
  });
});

describe("a reader that takes nothing and never cancels", () => {
  const request = frame(toBinary(GenerateSignalsRequestSchema, create(GenerateSignalsRequestSchema, { follow: true })));

  it("costs the engine nothing past its deadline, and its connection soon after", async () => {
    const { runtime, ended } = firehose();
    const { server, log } = await serve({ runtime }, { stallMs: 1_000 });
    const session = rawSession(server.address);
    const stream = rawCall(session, GENERATE, request, { "grpc-timeout": "100m" });
    await once(stream, "response");
    await ended;
    expect(log).toEqual([]);
    await once(session, "close");
    expect(log).toMatchObject([{ kind: "evicted" }]);
  });

  it("does not hold up the way down beyond the grace", async () => {
    const { runtime } = firehose();
    const { server } = await serve({ runtime });
    const session = rawSession(server.address);
    await once(rawCall(session, GENERATE, request), "response");
    const closed = once(session, "close");
    await server.drain(300);
    await closed;
  });

  it("of an answer to a unary call loses its connection, too", async () => {
    const large = { ...sample.STATUS, whyNot: ["x".repeat(3_000_000)] };
    const { server, log } = await serve({ runtime: { status: () => large } }, { stallMs: 200 });
    const session = rawSession(server.address);
    const path = "/strategyruntime.v1.StrategyRuntimeService/GetRuntimeStatus";
    await once(rawCall(session, path, frame(Buffer.alloc(0))), "response");
    await once(session, "close");
    expect(log).toMatchObject([{ kind: "evicted", method: path.slice(1) }]);
  });
});

describe("a machine that loses its network", () => {
  it("is noticed by pings, though nothing is waiting to be sent", async () => {
    const ended = gate();
    const { server } = await serve(
      {
        runtime: {
          async *follow(_, signal) {
            yield sample.aBatch();
            await once(signal, "abort");
            ended.open();
          },
        },
      },
      { keepaliveMs: 100 },
    );
    const proxy = await proxyTo(server.port);
    const client = connectClient(proxy.address);
    const stream = client.stream(StrategyRuntimeService.method.generateSignals, { follow: true });
    stream.on("error", () => {});
    await once(stream, "data");
    proxy.freeze();
    await ended.opened;
    client.close();
  });
});

describe("many callers at once", () => {
  it("are all served, and none is left open", async () => {
    const { client, connect: another, server } = await serve();
    const clients = [client, another(), another()];
    const calls = clients.flatMap((one) =>
      Array.from({ length: 200 }, (_, index) =>
        index % 4 === 0
          ? collect(one.stream(StrategyRuntimeService.method.generateSignals, { symbols: ["X"] }))
          : one.call(getPolicy, {}),
      ),
    );
    await Promise.all(calls);
    await vi.waitFor(() => server.drain(0));
  });
});
