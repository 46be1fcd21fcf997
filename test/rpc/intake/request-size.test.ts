import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { contractServices } from "../../../src/rpc/contract.ts";
import { largestRequest } from "../../../src/rpc/intake/request-size.ts";
import { failureOf } from "../client.ts";
import { frame, grpcStatus, rawCall, rawSession } from "../raw-http2.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";
import { stubEngine } from "../stub-engine.ts";

const MIB = 1024 * 1024;
const GET = "/strategyruntime.v1.StrategyService/GetStrategy";
const EVALUATE = "/strategyruntime.v1.StrategyRuntimeService/Evaluate";

describe("the largest request", () => {
  it("is 1 MiB, but for three calls", () => {
    const about = { version: "1", adapters: {} };
    const methods = contractServices(stubEngine({}), about).flatMap(({ descriptor }) =>
      descriptor.methods.map(({ name }) => [name, largestRequest(`${descriptor.typeName}/${name}`, 16 * MIB) / MIB]),
    );
    expect(methods.filter(([, most]) => most !== 1)).toEqual([
      ["Evaluate", 8],
      ["BatchSaveStrategies", 16],
      ["SetAllowedStrategies", 16],
    ]);
  });
});

describe("a request that is larger than its method takes", () => {
  it("is refused over gRPC by its head, and what comes of it is not kept", async () => {
    const { server, client } = await serve();
    const session = rawSession(server.address);
    const stream = session.request({
      ":method": "POST",
      ":path": GET,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => {});
    stream.write(frame(Buffer.alloc(0), MIB + 1));
    const closed = once(stream, "close");
    expect(await grpcStatus(stream)).toBe(status.RESOURCE_EXHAUSTED);
    await closed;
    expect((await failureOf(client.raw(EVALUATE, Buffer.alloc(MIB + 1)))).code).toBe(status.INVALID_ARGUMENT);
  });

  it("is refused over the web, by what it claims and by what comes", async () => {
    const { post, url } = await serveWeb();
    const large = { strategy_id: "x".repeat(MIB) };
    expect(await post(GET, large)).toMatchObject({ status: 429, json: { code: "resource_exhausted" } });
    const body = new Blob([JSON.stringify(large)]).stream();
    const chunked = { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" };
    expect((await fetch(url + GET, chunked as RequestInit)).status).toBe(429);
  });

  it.each(["gzip", "deflate"])("is refused where it unpacks to more, by %s", async (packing) => {
    const { server, client, engine } = await serve();
    const { deflateSync } = await import("node:zlib");
    const packed = (packing === "gzip" ? gzipSync : deflateSync)(Buffer.alloc(MIB + 1));
    const call = rawCall(rawSession(server.address), GET, frame(packed, packed.length, 1), {
      "grpc-encoding": packing,
    });
    expect(await grpcStatus(call)).toBe(status.RESOURCE_EXHAUSTED);
    expect(engine.calls).toEqual([]);
    await failureOf(client.raw(GET, Buffer.alloc(0)));
  });

  it.each([
    ["Connect", "application/proto", "content-encoding"],
    ["Connect's stream", "application/connect+proto", "connect-content-encoding"],
    ["gRPC-Web", "application/grpc-web+proto", "grpc-encoding"],
  ])("is refused where it unpacks to more, in %s", async (name, type, encoding) => {
    const { url, engine } = await serveWeb();
    const packed = gzipSync(Buffer.alloc(MIB + 1));
    const path = name === "Connect" ? GET : "/strategyruntime.v1.StrategyRuntimeService/GenerateSignals";
    const body = name === "Connect" ? packed : frame(packed, packed.length, 1);
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": type, [encoding]: "gzip" },
      body,
    });
    const said = `${answer.status} ${answer.headers.get("grpc-status")} ${await answer.text()}`;
    expect(said).toMatch(/^429|resource_exhausted|grpc-status: 8/);
    expect(engine.calls).toEqual([]);
  });
});
