import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import type { Access } from "../../../src/rpc/auth/access.ts";
import { StreamLimit } from "../../../src/rpc/calls/stream-limit.ts";
import { firehose } from "../firehose.ts";
import * as sample from "../samples.ts";
import { gate, serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";
import { expectNothingUncaught } from "../uncaught.ts";

const POLICY = "/strategyruntime.v1.PolicyService";
const RUNTIME = "/strategyruntime.v1.StrategyRuntimeService";

expectNothingUncaught();

/**
 * Sends text on a connection of its own; answers with all that comes back until the server closes
 * it.
 */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  let said = "";
  socket.on("data", (chunk) => {
    said += chunk;
  });
  socket.write(text);
  await once(socket, "close");
  return said;
}

const head = (path: string, ...headers: string[]): string =>
  [`POST ${path} HTTP/1.1`, "Host: localhost", "Content-Type: application/json", ...headers, "", ""].join("\r\n");

describe("requests that are no calls", () => {
  it.each([
    ["no JSON", "{", {}, 400],
    ["an array", "[]", {}, 400],
    ["a number for text", '{"strategyId":1}', {}, 400],
    ["half a surrogate pair", '{"strategyId":"\\ud800"}', {}, 400],
    ["a form", "a=b", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["text", "{}", { "content-type": "text/plain" }, 415],
    ["gRPC proper", "{}", { "content-type": "application/grpc" }, 415],
    ["no protobuf", "\xff\xff\xff\xff", { "content-type": "application/proto" }, 400],
    ["a compression that is not known", "{}", { "content-encoding": "zstd" }, 501],
    ["no gzip", "{}", { "content-encoding": "gzip" }, 400],
    ["a timeout that is no number", "{}", { "connect-timeout-ms": "soon" }, 400],
    ["a timeout of too many digits", "{}", { "connect-timeout-ms": "99999999999" }, 400],
  ])("are refused, and the next is served: %s", async (_, body, headers, status) => {
    const { post, engine } = await serveWeb();
    const answer = await post("/strategyruntime.v1.StrategyService/GetStrategy", body, headers);
    expect([answer.status, engine.calls]).toEqual([status, []]);
    if (status === 400) {
      expect(answer.json).toMatchObject({ code: "invalid_argument", details: expect.anything() });
      const { details } = answer.json as { details: readonly unknown[] };
      expect(details.at(-1)).toMatchObject({ type: "google.rpc.ErrorInfo", debug: { reason: "INVALID" } });
    }
    expect((await post(`${POLICY}/GetPolicy`, {})).status).toBe(200);
  });

  it.each([
    ["GetStrategy", "text/plain", /^send application\/json/],
    ["GetStrategy", undefined, /^send application\/json/],
    ["GenerateSignals", "application/json", /^send application\/connect\+json .* docs\/json\.md$/],
  ])("say which type they must have: %s as %s", async (name, type, told) => {
    const { url } = await serveWeb();
    const service = name === "GetStrategy" ? "StrategyService" : "StrategyRuntimeService";
    const body = Buffer.from("{}");
    const headers = type === undefined ? {} : { "content-type": type };
    const answer = await fetch(`${url}/strategyruntime.v1.${service}/${name}`, { method: "POST", headers, body });
    expect(answer.status).toBe(415);
    expect((await answer.text()).trim()).toMatch(told);
  });

  it("are those that are no UTF-8, rather than read with other letters in them", async () => {
    const { url, engine } = await serveWeb();
    const answer = await fetch(`${url}/strategyruntime.v1.PolicyService/SetTradingHalt`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: Buffer.from('{"halted":true,"reason":"f\u00fcr heute"}', "latin1"),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: "invalid_argument",
      message: "the request is no JSON: its bytes are no UTF-8, send UTF-8",
    });
    expect(engine.calls).toEqual([]);
  });

  it.each([
    "GET / HTTP/1.1\r\n\r\n",
    "NONSENSE\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01",
  ])("that are no HTTP/1.1 end their connection: %j", async (text) => {
    const { server, post } = await serveWeb({}, { requestMs: 300 });
    expect(await raw(server.port, text)).not.toContain("200 OK");
    expect((await post(`${POLICY}/GetPolicy`, {})).status).toBe(200);
  });
});

describe("a request that is too large", () => {
  it("is refused by what it claims, before it has come", async () => {
    const { server } = await serveWeb({}, { requestMs: 2_000 });
    const said = await raw(server.port, head(`${POLICY}/GetPolicy`, "Content-Length: 16777217", "Connection: close"));
    expect(said).toContain("429 Too Many Requests");
    expect(said).toContain("resource_exhausted");
  });

  it("is refused by what comes, and by what it unpacks to", async () => {
    const { post, url, engine } = await serveWeb({}, { maxReceiveBytes: 1_000 });
    const large = JSON.stringify({ strategyId: "x".repeat(1_000) });
    const path = "/strategyruntime.v1.StrategyService/GetStrategy";
    expect(await post(path, large)).toMatchObject({ status: 429, json: { code: "resource_exhausted" } });
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const packed = await fetch(url + path, { method: "POST", headers, body: gzipSync(large) });
    expect([packed.status, await packed.json()]).toMatchObject([429, { code: "resource_exhausted" }]);
    expect(engine.calls).toEqual([]);
    expect((await post(path, JSON.stringify({ strategyId: "x".repeat(900) }))).status).not.toBe(429);
  });
});

describe("a caller that is slow", () => {
  it("to send its headers loses its connection", async () => {
    const { server } = await serveWeb({}, { requestMs: 600 });
    expect(await raw(server.port, `POST ${POLICY}/GetPolicy HTTP/1.1\r\nHost: localhost\r\n`)).toContain("408");
  });

  it("to send its body loses its connection, and the engine never hears of it", async () => {
    const { server, engine } = await serveWeb({}, { requestMs: 600 });
    await raw(server.port, `${head(`${POLICY}/GetPolicy`, "Content-Length: 100")}{`);
    expect(engine.calls).toEqual([]);
  });

  it("to take an endless stream costs the engine nothing, and loses its connection", async () => {
    const { runtime, ended } = firehose();
    const { server, log } = await serveWeb({ runtime }, { stallMs: 300 });
    const message = '{"follow":true}';
    const socket = connect(server.port, "127.0.0.1");
    socket.pause();
    socket.on("error", () => {});
    const request = head(`${RUNTIME}/GenerateSignals`, `Content-Length: ${5 + message.length}`);
    socket.write(request.replace("application/json", "application/connect+json"));
    socket.write(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), Buffer.from(message)]));
    await ended;
    expect(log).toMatchObject([{ kind: "evicted", method: `${RUNTIME}/GenerateSignals`.slice(1) }]);
    socket.destroy();
  });

  it("to take the answer to a call loses its connection, too", async () => {
    const large = { ...sample.STATUS, whyNot: ["x".repeat(8_000_000)] };
    const reached = gate();
    const status = () => {
      reached.open();
      return large;
    };
    const { server, log } = await serveWeb({ runtime: { status } }, { stallMs: 300 });
    const socket = connect(server.port, "127.0.0.1");
    socket.pause();
    socket.on("error", () => {});
    socket.write(`${head(`${RUNTIME}/GetRuntimeStatus`, "Content-Length: 2")}{}`);
    await reached.opened;
    await server.drain(10_000);
    expect(log).toMatchObject([{ kind: "evicted", method: `${RUNTIME}/GetRuntimeStatus`.slice(1) }]);
    socket.destroy();
  });
});

describe("limits of the web port", () => {
  it("end a unary call that takes too long, whatever the caller waits for", async () => {
    const { post } = await serveWeb({ policy: { get: () => new Promise(() => {}) } }, { maxCallMs: 100 });
    const answer = await post(`${POLICY}/GetPolicy`, {}, { "connect-timeout-ms": "3600000" });
    expect(answer).toMatchObject({ status: 504, json: { code: "deadline_exceeded" } });
  });

  it("count streams together with those of gRPC, and let in again once one has ended", async () => {
    const streams = new StreamLimit(1);
    const silent = {
      runtime: {
        async *follow(_: unknown, signal: AbortSignal) {
          yield sample.aBatch();
          await once(signal, "abort");
        },
      },
    };
    const { client } = await serveWeb(silent, { streams });
    const grpc = await serve(silent, { streams });
    const { generateSignals } = StrategyRuntimeService.method;
    const held = grpc.client.stream(generateSignals, { follow: true });
    held.on("error", () => {});
    await once(held, "data");
    const runtime = client("Connect", StrategyRuntimeService);
    const follow = () => runtime.generateSignals({ follow: true })[Symbol.asyncIterator]();
    const refused = await follow()
      .next()
      .catch((error) => ConnectError.from(error));
    expect(refused).toMatchObject({
      code: Code.ResourceExhausted,
      rawMessage: "1 streams are open, which is MAX_STREAMS: close one, or raise it",
    });
    held.cancel();
    await grpc.server.drain(5_000);
    expect(streams.open).toBe(0);
    expect((await follow().next()).done).toBe(false);
  });
});

describe("access", () => {
  it("is decided by the headers, before the body, and the handler knows who calls", async () => {
    const access: Access = {
      admit(method, { authorization: [name] }) {
        if (name === undefined) {
          throw new RuntimeError("unauthenticated", `who calls ${method}?`);
        }
        return { name, role: "viewer" };
      },
      identify: () => ({ name: "nobody", role: "viewer" }),
    };
    const called: unknown[] = [];
    const { server, post } = await serveWeb(
      {},
      {
        access,
        requestMs: 2_000,
        hooks: [
          (call, next) => {
            called.push(call.principal);
            return next();
          },
        ],
      },
    );
    const said = await raw(server.port, head(`${POLICY}/GetPolicy`, "Content-Length: 100", "Connection: close"));
    expect(said).toContain("401 Unauthorized");
    expect(said).toContain("who calls strategyruntime.v1.PolicyService/GetPolicy?");
    await post(`${POLICY}/GetPolicy`, {}, { authorization: "ann" });
    expect(called).toEqual([{ name: "ann", role: "viewer" }]);
  });
});

describe("many callers at once", () => {
  it("are all served, and none is left open", async () => {
    const { post, client, server } = await serveWeb();
    const runtime = client("gRPC-Web", StrategyRuntimeService);
    const calls = Array.from({ length: 200 }, async (_, index) => {
      if (index % 4 > 0) {
        return (await post(`${POLICY}/GetPolicy`, {})).status;
      }
      for await (const message of runtime.generateSignals({ symbols: ["X"] })) {
        expect(message.summary).toBeDefined();
      }
      return 200;
    });
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
    await server.drain(5_000);
  });
});
