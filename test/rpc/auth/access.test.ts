import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { accessBy, tokenAccess } from "../../../src/rpc/auth/access.ts";
import { METHOD_ROLES } from "../../../src/rpc/auth/method-roles.ts";
import { ROLES } from "../../../src/rpc/auth/principal.ts";
import { parseTokens } from "../../../src/rpc/auth/tokens.ts";
import type { Call } from "../../../src/rpc/calls/call-hooks.ts";
import { collect, failureOf } from "../client.ts";
import { frame, grpcStatus, rawCall, rawSession } from "../raw-http2.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";

const { getPolicy, setTradingHalt } = PolicyService.method;
const { generateSignals } = StrategyRuntimeService.method;

const tokens = parseTokens(ROLES.map((role) => `token-of-the-${role} ${role}-1 ${role}`).join("\n"), "tokens.txt");
const access = tokenAccess(tokens);
const as = (role: string) => ({ metadata: { authorization: `Bearer token-of-the-${role}` } });
const GET_POLICY = "/strategyruntime.v1.PolicyService/GetPolicy";

describe("a server with tokens", () => {
  it("serves whoever has a token that may, and hooks see who it is", async () => {
    const calls: Call[] = [];
    const hear = async (call: Call, next: () => Promise<void>) => {
      calls.push(call);
      await next();
    };
    const { client } = await serve({}, { access, hooks: [hear] });
    await client.call(getPolicy, {}, as("viewer"));
    await client.call(getPolicy, {}, { metadata: { authorization: "bearer  token-of-the-admin" } });
    await collect(client.stream(generateSignals, { symbols: ["X"] }, as("executor")));
    expect(calls.map(({ principal }) => principal)).toEqual([
      { name: "viewer-1", role: "viewer" },
      { name: "admin-1", role: "admin" },
      { name: "executor-1", role: "executor" },
    ]);
  });

  it.each([
    [undefined, "a token is required"],
    ["Basic dXNlcjpwYXNz", "no bearer token"],
    ["Bearer", "no bearer token"],
    ["Bearer token-of-the-adminx", "not known"],
    ["token-of-the-admin", "no bearer token"],
  ])("refuses authorization %j as UNAUTHENTICATED, whatever the kind of call", async (authorization, reason) => {
    const { client, engine, log } = await serve({}, { access });
    const metadata: Record<string, string> = authorization === undefined ? {} : { authorization };
    const unary = await failureOf(client.call(getPolicy, {}, { metadata }));
    const { error } = await collect(client.stream(generateSignals, { symbols: ["X"] }, { metadata }));
    expect([unary.code, error?.code]).toEqual([status.UNAUTHENTICATED, status.UNAUTHENTICATED]);
    expect(unary.details).toContain(reason);
    expect(unary.details).not.toContain("token-of-the");
    expect(engine.calls).toEqual([]);
    expect(log).toMatchObject([
      { kind: "refused", method: GET_POLICY.slice(1) },
      { kind: "refused", error: { code: "unauthenticated" } },
    ]);
  });

  it("says who may not do what, and who may", async () => {
    const { client, engine } = await serve({}, { access });
    const { code, details } = await failureOf(client.call(setTradingHalt, { halted: false }, as("viewer")));
    expect(code).toBe(status.PERMISSION_DENIED);
    expect(details).toBe(
      "viewer-1 has the role viewer, which may not call strategyruntime.v1.PolicyService/SetTradingHalt; " +
        "roles that may: controller, admin",
    );
    expect(engine.calls).toEqual([]);
  });

  it("refuses a method without a row to everybody", async () => {
    const { "strategyruntime.v1.PolicyService/GetPolicy": _, ...rest } = METHOD_ROLES;
    const { client } = await serve({}, { access: tokenAccess(tokens, rest) });
    const { code, details } = await failureOf(client.call(getPolicy, {}, as("admin")));
    expect(code).toBe(status.PERMISSION_DENIED);
    expect(details).toContain("no role may");
    expect(() => access.admit("constructor", { authorization: [] })).toThrow("a token is required");
    expect(() => access.admit("constructor", { authorization: ["Bearer token-of-the-admin"] })).toThrow("no role may");
  });

  it("refuses before the body: none need come, and none is read that does", async () => {
    const { server, log } = await serve({}, { access, maxReceiveBytes: 1_000 });
    const session = rawSession(server.address);
    const silent = session.request({ ":method": "POST", ":path": GET_POLICY, "content-type": "application/grpc" });
    const [headers] = await once(silent, "response");
    expect(headers["grpc-status"]).toBe(String(status.UNAUTHENTICATED));
    silent.destroy();
    // Were it read, it would be too large, or no message.
    const large = frame(Buffer.alloc(10_000, 0xff));
    expect(await grpcStatus(rawCall(session, GET_POLICY, large))).toBe(status.UNAUTHENTICATED);
    expect(await grpcStatus(rawCall(session, GET_POLICY, frame(Buffer.from([0xff]))))).toBe(status.UNAUTHENTICATED);
    const known = { authorization: "Bearer token-of-the-viewer" };
    expect(await grpcStatus(rawCall(session, GET_POLICY, large, known))).toBe(status.RESOURCE_EXHAUSTED);
    expect(log.filter(({ kind }) => kind === "refused").length).toBe(3);
  });

  it("takes a token until it expires, and says so then", () => {
    let now = Date.parse("2026-12-31T23:59:59Z");
    const expiring = parseTokens("token-of-the-viewer vera viewer 2026-12-31", "tokens.txt");
    const { identify } = accessBy({ tokens: expiring, now: () => now });
    const credentials = { authorization: ["Bearer token-of-the-viewer"] };
    expect(identify(credentials)).toMatchObject({ name: "vera" });
    now += 1_000;
    expect(() => identify(credentials)).toThrow("the token expired at 2027-01-01T00:00:00.000Z");
  });

  it("tells only those with a token that a method does not exist", async () => {
    const { server, log } = await serve({}, { access });
    const session = rawSession(server.address);
    const empty = frame(Buffer.alloc(0));
    for (const path of ["/strategyruntime.v1.PolicyService/SetPolicy", "/no.such.Service/Call", "/x", "/"]) {
      expect(await grpcStatus(rawCall(session, path, empty))).toBe(status.UNAUTHENTICATED);
      const known = { authorization: "Bearer token-of-the-viewer" };
      expect(await grpcStatus(rawCall(session, path, empty, known))).toBe(status.UNIMPLEMENTED);
    }
    expect(log).toHaveLength(4);
  });

  it("tells the log who was refused where that is known, and no word of a path that it does not have", async () => {
    const { server, client, log } = await serve({}, { access });
    const session = rawSession(server.address);
    for (const path of ["/no.such.Service/token-of-the-admin", `${GET_POLICY}?token=token-of-the-admin`]) {
      expect(await grpcStatus(rawCall(session, path, frame(Buffer.alloc(0))))).toBe(status.UNAUTHENTICATED);
    }
    await failureOf(client.call(setTradingHalt, { halted: false }, as("viewer")));
    const { url, log: webLog } = await serveWeb({}, { access, metrics: { contentType: "", text: async () => "" } });
    await fetch(`${url}/metrics?token=token-of-the-admin`, { headers: { authorization: "Bearer made-up-token" } });
    expect([...log, ...webLog]).toMatchObject([
      { kind: "refused", method: "an unknown method" },
      { kind: "refused", method: "an unknown method" },
      { kind: "refused", method: "strategyruntime.v1.PolicyService/SetTradingHalt", principal: { name: "viewer-1" } },
      { kind: "refused", method: "/metrics" },
    ]);
    expect(JSON.stringify([...log, ...webLog])).not.toMatch(/token-of-the|made-up/);
  });

  it("refuses two authorizations, whichever of them is known, and whatever carries them", async () => {
    const { server, engine, log } = await serve({}, { access });
    const session = rawSession(server.address);
    const known = "Bearer token-of-the-admin";
    const call = (...authorization: readonly string[]) =>
      grpcStatus(rawCall(session, GET_POLICY, frame(Buffer.alloc(0)), { authorization }));
    expect(await call(known, "Bearer x")).toBe(status.UNAUTHENTICATED);
    expect(await call(known, known)).toBe(status.UNAUTHENTICATED);
    expect(await call(known)).toBe(status.OK);
    expect(log).toMatchObject([
      { kind: "refused", error: { message: "there are 2 authorizations: send one" } },
      { kind: "refused" },
    ]);
    const web = await serveWeb({}, { access });
    const twice = [
      "host",
      "localhost",
      "content-type",
      "application/json",
      "authorization",
      known,
      "authorization",
      known,
    ];
    const request = httpRequest(`${web.url}${GET_POLICY}`, { method: "POST", headers: twice }).end("{}");
    const [response] = await once(request, "response");
    expect(response.statusCode).toBe(401);
    expect([...engine.calls, ...web.engine.calls].map(({ method }) => method)).toEqual(["get"]);
  });

  it("shows its metrics to every role, and to nobody without a token", async () => {
    const metrics = { contentType: "text/plain", text: async () => "up 1\n" };
    const { url } = await serveWeb({}, { access, metrics });
    const page = async (authorization?: string) => {
      const answer = await fetch(`${url}/metrics`, { headers: authorization === undefined ? {} : { authorization } });
      return [answer.status, answer.headers.get("www-authenticate"), await answer.text()];
    };
    expect(await page()).toEqual([401, "Bearer", expect.stringContaining("a token is required")]);
    expect(await page("Bearer token-of-nobody-here")).toEqual([401, "Bearer", expect.stringContaining("not known")]);
    expect(await page("Bearer token-of-the-viewer")).toEqual([200, null, "up 1\n"]);
    for (const probe of ["/healthz", "/readyz"]) {
      expect((await fetch(url + probe)).status).toBe(200);
    }
  });

  it("tells anyone its health, and only those with a token its contract", async () => {
    const { server } = await serve({}, { access });
    const session = rawSession(server.address);
    const check = frame(Buffer.alloc(0));
    expect(await grpcStatus(rawCall(session, "/grpc.health.v1.Health/Check", check))).toBe(status.OK);
    const list = frame(Buffer.from([0x3a, 0x00]));
    for (const version of ["v1", "v1alpha"]) {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      expect(await grpcStatus(rawCall(session, path, list))).toBe(status.UNAUTHENTICATED);
      const known = { authorization: "Bearer token-of-the-viewer" };
      expect(await grpcStatus(rawCall(session, path, list, known))).toBe(status.OK);
    }
  });

  it("gives refused callers no place among the streams", async () => {
    const { client } = await serve({}, { access, maxStreams: 1 });
    const { watchPerformance } = PerformanceService.method;
    for (let i = 0; i < 3; i++) {
      expect((await collect(client.stream(watchPerformance, {}))).error?.code).toBe(status.UNAUTHENTICATED);
    }
    expect((await collect(client.stream(generateSignals, { symbols: ["X"] }, as("admin")))).error).toBeUndefined();
  });
});
