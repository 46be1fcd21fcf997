import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import { describe, expect, it, vi } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { UNLIMITED } from "../../../src/rpc/budgets/account.ts";
import { Budgets } from "../../../src/rpc/budgets/budgets.ts";
import { Turns } from "../../../src/rpc/budgets/turns.ts";
import { StreamLimit } from "../../../src/rpc/calls/stream-limit.ts";
import { frame, grpcStatus, rawCall, rawSession } from "../raw-http2.ts";
import * as sample from "../samples.ts";
import { gate, serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";
import { access, as, reach, refusalOf, WIRES } from "./wires.ts";

const CHECK = "/grpc.health.v1.Health/Check";
const LIST = "/grpc.health.v1.Health/List";
const WATCH = "/grpc.health.v1.Health/Watch";
const NOTHING = Buffer.alloc(0);
const bearer = (principal: string) => ({ authorization: `Bearer token-of-the-${principal}` });

/** Pages of a server whose metrics take processor time. */
async function pages(processor: number, text = async () => "metrics") {
  let cpuMs = 0;
  let collected = 0;
  const budgets = new Budgets({ limits: { ...UNLIMITED, processor }, turns: new Turns(() => cpuMs) });
  const collect = () => {
    collected++;
    cpuMs += 6_000;
    return text();
  };
  const { url, log } = await serveWeb({}, { access, budgets, metrics: { contentType: "text/plain", text: collect } });
  const page = (path: string, principal?: string) => fetch(url + path, { headers: principal ? bearer(principal) : {} });
  return { page, log, collected: () => collected };
}

describe("/metrics on the web port", () => {
  it("goes by the processor time of whoever asks, and probes by nobody's", async () => {
    const { page, log } = await pages(10_000);
    expect((await page("/metrics", "viewer-1")).status).toBe(200);
    expect((await page("/metrics", "viewer-1")).status).toBe(200);
    const refused = await page("/metrics", "viewer-1");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "12"]);
    expect(await refused.text()).toMatch(
      /^viewer-1 has used 12 of 10 s of processor time a minute, which is PROCESSOR/,
    );
    expect(log).toMatchObject([{ kind: "exhausted", method: "/metrics", principal: { name: "viewer-1" } }]);
    expect((await page("/metrics", "viewer-2")).status).toBe(200);
    expect([(await page("/healthz")).status, (await page("/readyz")).status]).toEqual([200, 200]);
  });

  it("is collected once for all who ask meanwhile", async () => {
    const over = gate();
    const { page, collected } = await pages(Number.POSITIVE_INFINITY, async () => {
      await over.opened;
      return "metrics";
    });
    const asked = Array.from({ length: 20 }, () => page("/metrics", "viewer-1"));
    await vi.waitFor(() => expect(collected()).toBe(1));
    setTimeout(over.open, 100);
    expect(new Set((await Promise.all(asked)).map((answer) => answer.status))).toEqual(new Set([200]));
    expect(collected()).toBeLessThan(20);
    const before = collected();
    await page("/metrics", "viewer-1");
    expect(collected()).toBe(before + 1);
  });
});

describe("health", () => {
  it.each([CHECK, LIST])("draws on its caller's calls: %s", async (path) => {
    const budgets = new Budgets({ limits: { ...UNLIMITED, calls: 0 } });
    const { server, log } = await serve({}, { access, budgets });
    const session = rawSession(server.address);
    expect(await grpcStatus(rawCall(session, path, frame(NOTHING)))).toBe(status.RESOURCE_EXHAUSTED);
    expect(await grpcStatus(rawCall(session, path, frame(NOTHING), bearer("viewer-1")))).toBe(
      status.RESOURCE_EXHAUSTED,
    );
    const name = path.slice(1);
    expect(log).toMatchObject([
      { kind: "exhausted", method: name },
      { kind: "exhausted", method: name, principal: { name: "viewer-1" } },
    ]);
  });

  it.each([CHECK, LIST])("gives back what it took: %s", async (path) => {
    const budgets = new Budgets({ limits: { ...UNLIMITED, calls: 1 } });
    const { server } = await serve({}, { access, budgets });
    const session = rawSession(server.address);
    for (let count = 0; count < 3; count++) {
      expect(await grpcStatus(rawCall(session, path, frame(NOTHING)))).toBe(status.OK);
      await vi.waitFor(() => expect(budgets.callers).toBe(0));
    }
  });

  it.each([CHECK, LIST, WATCH])("takes requests of 1 KiB at most: %s", async (path) => {
    const { server, log } = await serve();
    const session = rawSession(server.address);
    const large = rawCall(session, path, frame(Buffer.alloc(1_025)));
    expect(await grpcStatus(large)).toBe(status.RESOURCE_EXHAUSTED);
    expect(log).toMatchObject([{ kind: "exhausted", limit: "size" }]);
  });
});

describe("watches of health without a token", () => {
  /** A watch by an address of this machine; answers its status where it is refused. */
  async function watch(address: string, from: string, headers: Readonly<Record<string, string>> = {}) {
    const stream = rawCall(rawSession(address, from), WATCH, frame(NOTHING), headers);
    const first = await Promise.race([once(stream, "data").then(() => undefined), grpcStatus(stream)]);
    return { first, stream };
  }

  it("have a small part of all streams for each address, and a quarter together", async () => {
    const streams = new StreamLimit(32, 8);
    const { server, log } = await serve({}, { access, streams });
    const open = async (from: string) => (await watch(server.address, from)).first;
    const refused = status.RESOURCE_EXHAUSTED;
    expect([await open("127.0.0.1"), await open("127.0.0.1"), await open("127.0.0.1")]).toEqual([
      undefined,
      undefined,
      refused,
    ]);
    for (const from of ["127.0.0.2", "127.0.0.3", "127.0.0.4"]) {
      expect([await open(from), await open(from)]).toEqual([undefined, undefined]);
    }
    expect(await open("127.0.0.5")).toBe(refused);
    expect(log.map(({ kind }) => kind)).toEqual(["exhausted", "exhausted"]);
    expect(streams.open).toBe(8);
    for (let count = 0; count < 4; count++) {
      expect((await watch(server.address, "127.0.0.1", bearer("viewer-1"))).first).toBeUndefined();
    }
  });

  it("give their places back", async () => {
    const streams = new StreamLimit(8);
    const { server } = await serve({}, { access, streams });
    for (let count = 1; count <= 5; count++) {
      const { first, stream } = await watch(server.address, "127.0.0.1");
      expect([first, streams.open]).toEqual([undefined, 1]);
      stream.session?.destroy();
      await vi.waitFor(() => expect(streams.open).toBe(0));
    }
  });
});

describe.each(WIRES)("over %s, opening streams", (wire) => {
  async function openings() {
    let cpuMs = 0;
    let now = 0;
    const turns = new Turns(() => cpuMs);
    const opens = async function* (_: unknown, signal: AbortSignal) {
      cpuMs += 600;
      yield sample.aBatch();
      await once(signal, "abort");
    };
    const spent: number[] = [];
    const reached = await reach(
      wire,
      {
        runtime: { follow: opens, evaluate: async () => sample.anEvaluation() },
        performance: {
          async *watch(_: unknown, signal: AbortSignal) {
            cpuMs += 600;
            yield { strategies: [], resumeToken: "t" } as never;
            await once(signal, "abort");
          },
        },
      },
      {
        limits: { ...UNLIMITED, openings: 1_000, processor: 1_000 },
        turns,
        now: () => now,
        onSpent: (ms) => spent.push(ms),
      },
    );
    return {
      ...reached,
      spent: () => Math.round(spent.reduce((sum, ms) => sum + ms, 0)),
      pass: (ms: number) => {
        now += ms;
      },
    };
  }

  it("over and over is refused once it has used its processor time, which is no other call's", async () => {
    const { client, spent, pass } = await openings();
    const performance = client(PerformanceService);
    const runtime = client(StrategyRuntimeService);
    const open = async (who: string) => {
      const left = new AbortController();
      const stream = performance.watchPerformance({}, as(who, { signal: left.signal }))[Symbol.asyncIterator]();
      await stream.next();
      left.abort();
      await stream.next().catch(() => {});
    };
    await open("viewer-1");
    await vi.waitFor(() => expect(spent()).toBe(600));
    await open("viewer-1");
    await vi.waitFor(() => expect(spent()).toBe(1_200));
    expect(await refusalOf(open("viewer-1"))).toEqual({
      code: "ResourceExhausted",
      message:
        "viewer-1 has used 1.2 of 1 s of processor time a minute for opening streams, which is PROCESSOR_PER_CALLER: keep streams open, or come back in 12 s",
      retryAfterMs: 12_000,
    });
    await runtime.evaluate({ symbol: "X", strategy: { case: "strategyId", value: "s" } }, as("viewer-1"));
    await open("viewer-2");
    pass(12_001);
    await open("viewer-1");
  });

  it("goes by it for signals, too", async () => {
    const { client, spent } = await openings();
    const runtime = client(StrategyRuntimeService);
    const open = async () => {
      const stream = runtime.generateSignals({ follow: true }, as("executor-1"))[Symbol.asyncIterator]();
      await stream.next();
    };
    await open();
    await open();
    await vi.waitFor(() => expect(spent()).toBe(1_200));
    expect((await refusalOf(open())).message).toContain("for opening streams");
  });
});
