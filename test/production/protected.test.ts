import { request } from "node:https";
import { credentials, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { connect, failureOf, type TestClient } from "../rpc/client.ts";
import { type Authority, type CertificateFolder, certificateFolder } from "../rpc/connections/certificates.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { serviceApi } from "./service-api.ts";

const TOKENS = { viewer: "viewer-token-0123456789", controller: "controller-token-0123456789" };

let folder: CertificateFolder;
let authority: Authority;
let server: RunningServer;
let client: TestClient;

beforeAll(async () => {
  folder = certificateFolder();
  authority = folder.authority("ours");
  const { cert, key } = authority.issue("server");
  const lines = [`${TOKENS.viewer} vera viewer`, `${TOKENS.controller} carl controller`];
  server = await startServer({
    TLS_CERT: cert,
    TLS_KEY: key,
    AUTH_TOKENS: folder.write("tokens", `${lines.join("\n")}\n`),
    WEB_ADDRESS: "127.0.0.1:0",
    PROBE_ADDRESS: "127.0.0.1:0",
    DATA_DIR: "memory",
  });
  client = connect(`localhost:${server.address.split(":")[1]}`, credentials.createSsl(authority.pem));
});

afterAll(async () => {
  client?.close();
  await server?.close();
  folder?.remove();
});

function halt(token?: string) {
  const metadata = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return client.call(PolicyService.method.setTradingHalt, { halted: true, reason: "maintenance" }, { metadata });
}

interface Page {
  readonly status: number;
  readonly text: string;
}

/** As curl with `--cacert`. With a body it is a POST of JSON. */
function web(path: string, token?: string, body?: object): Promise<Page> {
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const url = `https://${serviceApi(server).webAddress}${path}`;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: body === undefined ? "GET" : "POST", ca: authority.pem, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

describe("the process with TLS and tokens", () => {
  it("says at start in one line who may call", async () => {
    const [line] = await server.says(/"msg":"callers: [^"]*"/);
    expect(line).toMatch(/callers: whoever has a token of \S+\/tokens, by roles, on this machine, over TLS/);
  });

  it("speaks to nobody in plaintext, nor to one who does not know its authority", async () => {
    for (const channel of [credentials.createInsecure(), credentials.createSsl()]) {
      const stranger = connect(server.address, channel);
      const deadline = Date.now() + 2_000;
      const call = stranger.call(PolicyService.method.getPolicy, {}, { deadline });
      expect([status.UNAVAILABLE, status.DEADLINE_EXCEEDED]).toContain((await failureOf(call)).code);
      stranger.close();
    }
  });

  it("lets a controller halt trading, a viewer only look, and nobody without a token do either", async () => {
    expect(await failureOf(halt())).toMatchObject({ code: status.UNAUTHENTICATED });
    expect((await failureOf(halt("a-token-that-nobody-has"))).code).toBe(status.UNAUTHENTICATED);
    const refused = await failureOf(halt(TOKENS.viewer));
    expect(refused.code).toBe(status.PERMISSION_DENIED);
    const metadata = { authorization: `Bearer ${TOKENS.viewer}` };
    const seen = await client.call(PolicyService.method.getPolicy, {}, { metadata });
    expect(seen.policy?.halted).toBe(false);

    expect((await halt(TOKENS.controller)).policy).toMatchObject({ halted: true, haltReason: "maintenance" });
    // Who gave the order is in the log; no token ever is.
    const [line] = await server.says(/[^\n]*ordered PolicyService\/SetTradingHalt[^\n]*/);
    expect(line).toContain("carl");
    for (const token of Object.values(TOKENS)) {
      expect(server.output).not.toContain(token);
    }
  });

  it("holds the web port to the same rules, metrics included; probes need no token", async () => {
    const evaluate = "/strategyruntime.v1.StrategyRuntimeService/Evaluate";
    const body = {
      symbol: "BTCUSDT",
      config: {
        strategyId: "inline",
        name: "inline",
        timeframe: "1m",
        side: "SIDE_LONG",
        entryIndicators: [{ name: "RSI", operator: "<", value: 30 }],
        baseSizeUsd: 1_000,
        stopLossPct: 0.02,
        takeProfitPct: 0.05,
      },
      indicators: { RSI_14: 55 },
      price: 50_000,
    };
    expect(await web(evaluate, undefined, body)).toMatchObject({
      status: 401,
      text: expect.stringContaining("unauthenticated"),
    });
    const judged = await web(evaluate, TOKENS.viewer, body);
    expect(judged.status, judged.text).toBe(200);
    // The order that came over gRPC is in force here, too.
    expect(JSON.parse(judged.text)).toMatchObject({
      evaluation: { outcome: "OUTCOME_HALTED", indicators: { RSI_14: 55 } },
    });
    const halted = await web("/strategyruntime.v1.PolicyService/SetTradingHalt", TOKENS.viewer, { halted: false });
    expect(halted).toMatchObject({ status: 403, text: expect.stringContaining("permission_denied") });

    expect(await web("/readyz")).toMatchObject({
      status: 503,
      text: expect.stringMatching(/^not ready\n.*halted.*maintenance/),
    });
    expect(await web("/metrics")).toMatchObject({ status: 401 });
    expect((await web("/metrics", TOKENS.viewer)).text).toMatch(/^strategy_runtime_build_info\{.*\} 1$/m);
  });

  it("has the pages, and nothing else, on a port of their own without a token", async () => {
    const [, address] = await server.says(/"probeAddress":"([^"]+)"/);
    const probe = async (path: string, method = "GET") => {
      const answer = await fetch(`http://${address}${path}`, { method });
      return { status: answer.status, text: await answer.text() };
    };
    expect((await probe("/metrics")).text).toMatch(/^strategy_runtime_build_info\{.*\} 1$/m);
    expect(await probe("/healthz")).toEqual({ status: 200, text: "alive\n" });
    expect((await probe("/readyz")).status).toBe(503);
    expect(await probe("/strategyruntime.v1.PolicyService/GetPolicy", "POST")).toEqual({
      status: 404,
      text: "nothing is here: there are /healthz, /readyz, /metrics\n",
    });
  });
});
