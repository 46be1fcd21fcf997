import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PerformanceService } from "../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { collect, connect, failureOf, type TestClient } from "../rpc/client.ts";
import { type CertificateFolder, certificateFolder } from "../rpc/connections/certificates.ts";
import { detailsOf } from "../rpc/google-rpc.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { aStrategy } from "../wire/serve-engine.ts";
import { serviceApi } from "./service-api.ts";

const { evaluate, generateSignals } = StrategyRuntimeService.method;
const { batchSaveStrategies } = StrategyService.method;
const { watchPerformance } = PerformanceService.method;
const CALLERS = { vera: "viewer", vic: "viewer", eve: "executor", carl: "controller", gwen: "generator" } as const;

let folder: CertificateFolder;
let server: RunningServer;
let client: TestClient;

beforeAll(async () => {
  folder = certificateFolder();
  const lines = Object.entries(CALLERS).map(([name, role]) => `token-of-${name}-0123456789 ${name} ${role}`);
  server = await startServer({
    AUTH_TOKENS: folder.write("tokens", `${lines.join("\n")}\n`),
    WEB_ADDRESS: "127.0.0.1:0",
    PROBE_ADDRESS: "127.0.0.1:0",
    DATA_DIR: "memory",
    MAX_STREAMS: "6",
    KEPT_STREAMS: "2",
    STREAMS_PER_CALLER: "3",
    PROCESSOR_PER_CALLER: "100ms",
  });
  client = connect(server.address);
});

afterAll(async () => {
  client?.close();
  await server?.close();
  folder?.remove();
});

const as = (name: keyof typeof CALLERS) => ({ metadata: { authorization: `Bearer token-of-${name}-0123456789` } });

/** One open stream; what it ends with, where it was refused. */
async function open(stream: ReturnType<TestClient["stream"]>): Promise<number | undefined> {
  const ended = new Promise<number>((resolve) =>
    stream.on("error", ({ code }: { code?: number }) => resolve(code ?? -1)),
  );
  return await Promise.race([once(stream, "metadata").then(() => undefined), ended]);
}

async function metric(pattern: RegExp): Promise<number> {
  const [, address] = await server.says(/"probeAddress":"([^"]+)"/);
  const page = await fetch(`http://${address}/metrics`);
  return Number(pattern.exec(await page.text())?.[1] ?? 0);
}

describe("the process, where one caller does all it can", () => {
  it("refuses its evaluations once it has used its processor time, and nobody else's, and no order", async () => {
    const judge = (name: keyof typeof CALLERS) =>
      client.call(
        evaluate,
        { strategy: { case: "config", value: aStrategy() }, symbol: "BTCUSDT", indicators: { RSI_14: 20 }, price: 1 },
        as(name),
      );
    await vi.waitFor(() => judge("vic"), 20_000);
    const refused = await failureOf(
      (async () => {
        for (let count = 0; count < 100_000; count++) {
          await Promise.all(Array.from({ length: 20 }, () => judge("vera")));
        }
      })(),
    );
    expect(refused.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(refused.details).toMatch(
      /^vera has used 0\.\d+ of 0\.1 s of processor time a minute, which is PROCESSOR_PER_CALLER: ask for less, or come back in \d+ s$/,
    );
    expect(detailsOf(refused).retryAfterMs).toBeGreaterThanOrEqual(1_000);
    await judge("vic");
    await client.call(PolicyService.method.getPolicy, {}, as("vera"));
    await client.call(PolicyService.method.setTradingHalt, { halted: false }, as("carl"));
    await server.says(/refused vera: vera has used 0/);
    expect(await metric(/budget_refused_total\{budget="processor",caller="vera"\} (\d+)/)).toBeGreaterThanOrEqual(1);
    expect(await metric(/caller_processor_seconds_total\{caller="vera"\} ([\d.e-]+)/)).toBeGreaterThanOrEqual(0.1);
    expect(await metric(/budget_used_ratio\{budget="processor"\} ([\d.]+)/)).toBeGreaterThan(0.9);
  });

  it("measures one-shot calls, too", async () => {
    const strategies = Array.from({ length: 500 }, (_, index) => aStrategy({ strategyId: `s${index}` }));
    await client.call(batchSaveStrategies, { strategies }, as("gwen"));
    const oneShot = () => collect(client.stream(generateSignals, { symbols: ["BTCUSDT"], dryRun: true }, as("eve")));
    let error = (await oneShot()).error;
    for (let count = 0; count < 1_000 && error === undefined; count++) {
      error = (await oneShot()).error;
    }
    expect(error?.details).toMatch(/^eve has used 0\.\d+ of 0\.1 s of processor time a minute/);
  });

  it("keeps places for the executor's stream, whoever watches, over both ports", async () => {
    const watches = [];
    for (const name of ["vera", "vera", "vera", "vera", "vic", "vic"] as const) {
      watches.push(await open(client.stream(watchPerformance, {}, as(name))));
    }
    const exhausted = status.RESOURCE_EXHAUSTED;
    expect(watches).toEqual([undefined, undefined, undefined, exhausted, undefined, exhausted]);
    const body = Buffer.from([0, 0, 0, 0, 2, 0x7b, 0x7d]);
    const answer = await fetch(
      `http://${serviceApi(server).webAddress}/${watchPerformance.parent.typeName}/WatchPerformance`,
      {
        method: "POST",
        headers: { "content-type": "application/connect+json", authorization: "Bearer token-of-vera-0123456789" },
        body,
      },
    );
    expect(await answer.text()).toContain("vera has 3 of 3 open streams, which is STREAMS_PER_CALLER");
    for (let count = 0; count < 2; count++) {
      expect(await open(client.stream(generateSignals, { follow: true }, as("eve")))).toBeUndefined();
    }
  });
});
