import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import {
  GenerateSignalsRequestSchema,
  StrategyRuntimeService,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import type { CallHook } from "../../../src/rpc/calls/call-hooks.ts";
import { LONGEST_TIMER_MS } from "../../../src/rpc/calls/long-timeouts.ts";
import { frame, grpcStatus, rawCall, rawSession } from "../raw-http2.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";

const GET_POLICY = "/strategyruntime.v1.PolicyService/GetPolicy";
const GENERATE = `/${StrategyRuntimeService.typeName}/GenerateSignals`;
const HEALTH = "/grpc.health.v1.Health";
const REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const EMPTY = frame(Buffer.alloc(0));
const GARBAGE = frame(Buffer.alloc(11, 0xff));

describe("what grpc-js itself finds wrong with a request", () => {
  it.each([
    ["no message of health", `${HEALTH}/Check`, GARBAGE, {}],
    ["no message of a list of health", `${HEALTH}/List`, GARBAGE, {}],
    ["no message of a watch of health", `${HEALTH}/Watch`, GARBAGE, {}],
    ["no message of reflection", REFLECTION, GARBAGE, {}],
    ["packed otherwise than said", GET_POLICY, frame(Buffer.from("abc"), 3, 1), { "grpc-encoding": "gzip" }],
    ["cut off in its packing", GENERATE, packed(12), { "grpc-encoding": "gzip" }],
    ["no timeout", GET_POLICY, EMPTY, { "grpc-timeout": "soon" }],
    ["a timeout without a unit", GENERATE, EMPTY, { "grpc-timeout": "1" }],
  ])("is the caller's fault, and never INTERNAL: %s", async (_, path, body, headers) => {
    const { server } = await serve();
    expect(await grpcStatus(rawCall(rawSession(server.address), path, body, headers))).toBe(status.INVALID_ARGUMENT);
  });

  it("quotes no name of a service that fits in no trailer", async () => {
    const { server } = await serve();
    // What takes 1 KiB is three times as long where it is written in a trailer.
    const request = Buffer.concat([Buffer.from([0x0a, 0xe8, 0x07]), Buffer.alloc(1_000, "ä")]);
    const call = rawCall(rawSession(server.address), `${HEALTH}/Check`, frame(request));
    expect(await grpcStatus(call)).toBe(status.NOT_FOUND);
  });

  it("stays INTERNAL where the handler is at fault", async () => {
    const get = async () => {
      throw new RuntimeError("internal", "Error deserializing request");
    };
    const { server } = await serve({ policy: { get } });
    const call = rawCall(rawSession(server.address), GET_POLICY, EMPTY);
    expect(await grpcStatus(call)).toBe(status.INTERNAL);
  });
});

function packed(length: number): Buffer {
  const bytes = gzipSync(toBinary(GenerateSignalsRequestSchema, create(GenerateSignalsRequestSchema)));
  return frame(bytes.subarray(0, length), length, 1);
}

describe("what Connect finds wrong with a request whose time is over already", () => {
  const SAVE = "/strategyruntime.v1.StrategyService/SaveStrategy";
  const noise = Buffer.alloc(11, 0xff);
  it.each([
    ["application/proto", SAVE, "connect-timeout-ms", noise],
    ["application/connect+proto", GENERATE, "connect-timeout-ms", frame(noise)],
    ["application/grpc-web+proto", SAVE, "grpc-timeout", frame(noise)],
    ["application/grpc-web+proto", GENERATE, "grpc-timeout", frame(Buffer.from("abc"), 3, 1)],
  ])("is the caller's fault, and never INTERNAL: %s %s", async (type, path, name, body) => {
    const { url, engine } = await serveWeb();
    const timeout = name === "grpc-timeout" ? "0m" : "0";
    const headers = { "content-type": type, [name]: timeout };
    const answer = await fetch(url + path, { method: "POST", headers, body });
    const told = `${answer.status} ${answer.headers.get("grpc-status") ?? ""} ${await answer.text()}`;
    expect(told).toMatch(/grpc-status: (3|4)\b|"code":"(invalid_argument|deadline_exceeded)"/);
    expect(engine.calls).toEqual([]);
  });
});

describe("a timeout that is longer than any timer", () => {
  it.each(["99999999H", "99999999M", "2592000S"])("is as good as none over gRPC: %s", async (timeout) => {
    const left: number[] = [];
    const hear: CallHook = async ({ deadline = 0 }, next) => {
      left.push(deadline - Date.now());
      await next();
    };
    const { server } = await serve({}, { hooks: [hear] });
    const headers = { "grpc-timeout": timeout };
    expect(await grpcStatus(rawCall(rawSession(server.address), GET_POLICY, EMPTY, headers))).toBe(status.OK);
    expect(left).toEqual([expect.closeTo(LONGEST_TIMER_MS, -5)]);
  });

  it.each([
    ["Connect", "application/json", "connect-timeout-ms", "9999999999", "{}"],
    ["gRPC-Web", "application/grpc-web+proto", "grpc-timeout", "99999999H", EMPTY],
  ])("is as good as none over %s, and Node warns of nothing", async (_, type, name, timeout, body) => {
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(warning.message);
    process.on("warning", note);
    try {
      const { url } = await serveWeb();
      const answer = await fetch(url + GET_POLICY, {
        method: "POST",
        headers: { "content-type": type, [name]: timeout },
        body,
      });
      expect([answer.status, await answer.text()]).toEqual([200, expect.not.stringContaining("deadline")]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings).toEqual([]);
    } finally {
      process.off("warning", note);
    }
  });
});
