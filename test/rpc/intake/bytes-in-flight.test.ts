import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { BytesInFlight } from "../../../src/rpc/intake/bytes-in-flight.ts";
import { failureOf } from "../client.ts";
import { detailsOf } from "../google-rpc.ts";
import { frame, grpcStatus, rawCall, rawSession } from "../raw-http2.ts";
import * as sample from "../samples.ts";
import { gate, type Served, serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";

const GET = "/strategyruntime.v1.StrategyService/GetStrategy";
const { getPolicy, setTradingHalt } = PolicyService.method;

describe("the bytes in flight", () => {
  it("are given back once, all that a request has taken", () => {
    const inFlight = new BytesInFlight(100);
    const [one, other] = [inFlight.request(), inFlight.request()];
    one.take(60);
    other.take(40);
    expect(() => other.take(1)).toThrow("100 bytes of requests are in flight, and 1 more would be above 100");
    one.give(10);
    expect(inFlight.taken).toBe(90);
    one.release();
    one.release();
    one.take(1_000);
    expect(inFlight.taken).toBe(40);
    other.give(1_000);
    expect(inFlight.taken).toBe(0);
  });

  it("are not taken by who only says that much is to come, who is refused where it would not fit", () => {
    const inFlight = new BytesInFlight(100);
    const request = inFlight.request();
    request.expect(100);
    expect(inFlight.taken).toBe(0);
    expect(() => request.expect(101)).toThrow("MAX_BYTES_IN_FLIGHT");
  });
});

describe("a request where too many bytes are in flight", () => {
  it("is refused by its head, on both ports, with when to try again; and the next is served once there is room", async () => {
    const inFlight = new BytesInFlight(10_000);
    const [began, end] = [gate(), gate()];
    const change = async () => {
      began.open();
      await end.opened;
      return { policy: sample.POLICY, pending: false };
    };
    const { client, server, engine } = await serve({ policy: { change } }, { inFlight });
    const { post } = await serveWeb({}, { inFlight });
    const first = client.call(setTradingHalt, { halted: true, reason: "x".repeat(900) });
    await began.opened;
    const held = inFlight.taken;
    expect(held).toBeGreaterThan(900);
    // No byte of it ever comes.
    const refused = rawCall(rawSession(server.address), GET, frame(Buffer.alloc(0), 9_500));
    expect(await grpcStatus(refused)).toBe(status.RESOURCE_EXHAUSTED);
    const error = await failureOf(client.raw(GET, Buffer.alloc(9_500)));
    expect(detailsOf(error)).toMatchObject({ reason: "RESOURCE_EXHAUSTED", retryAfterMs: 1_000 });
    const web = await post(GET, { strategy_id: "x".repeat(9_500) });
    expect(web).toMatchObject({ status: 429, json: { code: "resource_exhausted" } });
    expect(JSON.stringify(web.json)).toContain('"retryDelay":"1s"');
    expect([inFlight.taken, engine.calls.length]).toEqual([held, 1]);
    await client.call(getPolicy, {});
    end.open();
    await first;
    expect((await failureOf(client.raw(GET, Buffer.alloc(9_500)))).code).toBe(status.INVALID_ARGUMENT);
    expect((await post(GET, { strategy_id: "x".repeat(9_500) })).status).toBe(400);
  });

  it("is refused while it is unpacked, on both ports", async () => {
    const inFlight = new BytesInFlight(100_000);
    const { server, engine } = await serve({}, { inFlight });
    const { url } = await serveWeb({}, { inFlight });
    const packed = gzipSync(Buffer.alloc(200_000));
    const call = rawCall(rawSession(server.address), GET, frame(packed, packed.length, 1), { "grpc-encoding": "gzip" });
    expect(await grpcStatus(call)).toBe(status.RESOURCE_EXHAUSTED);
    const headers = { "content-type": "application/proto", "content-encoding": "gzip" };
    expect((await fetch(url + GET, { method: "POST", headers, body: packed })).status).toBe(429);
    expect([inFlight.taken, engine.calls]).toEqual([0, []]);
  });

  it("gives back what it has taken where its caller leaves in the middle, or never comes to an end", async () => {
    const inFlight = new BytesInFlight(100_000);
    const [patient, hasty] = [await serve({}, { inFlight }), await serve({}, { inFlight, requestMs: 300 })];
    const open = { ":method": "POST", ":path": GET, "content-type": "application/grpc", te: "trailers" };
    const begin = ({ server }: Served) => {
      const stream = rawSession(server.address)
        .request(open)
        .on("error", () => {});
      stream.write(frame(Buffer.alloc(5_000), 9_000));
      return stream;
    };
    const [left, slow] = [begin(patient), begin(hasty)];
    await expect.poll(() => inFlight.taken).toBeGreaterThan(9_999);
    expect(await grpcStatus(slow)).toBe(status.DEADLINE_EXCEEDED);
    expect(inFlight.taken).toBe(5_005);
    left.resume().close(8);
    await expect.poll(() => inFlight.taken).toBe(0);
  });
});
