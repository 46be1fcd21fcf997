import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { status } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import {
  type GenerateSignalsResponse,
  StrategyRuntimeService,
} from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import { contractServices } from "../../src/rpc/contract.ts";
import { startTracing, type Tracing, type TracingOptions } from "../../src/telemetry/tracing.ts";
import { history, type RigOptions, startRig } from "../engine/rig.ts";
import { collect, failureOf } from "../rpc/client.ts";
import { serve } from "../rpc/serve.ts";
import { type OtlpReceiver, otlpReceiver } from "./otlp-receiver.ts";

const { generateSignals } = StrategyRuntimeService.method;
const { getPolicy, setRiskMode } = PolicyService.method;

const ROOT = new URL("../..", import.meta.url);
const run = promisify(execFile);
const GENERATE = "strategyruntime.v1.StrategyRuntimeService/GenerateSignals";
const CALLER_TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER_SPAN = "b7ad6b7169203331";
const traceparent = `00-${CALLER_TRACE}-${CALLER_SPAN}-01`;

interface Traced {
  readonly receiver: OtlpReceiver;
  readonly tracing: Tracing;
}

async function traced(options: Partial<TracingOptions> = {}): Promise<Traced> {
  const receiver = await otlpReceiver();
  const onFault = (error: unknown) => {
    throw error;
  };
  const tracing = await startTracing({ endpoint: receiver.endpoint, serviceVersion: "1.2.3", onFault, ...options });
  onTestFinished(() => tracing.close());
  return { receiver, tracing };
}

const QUIET: RigOptions = {
  symbols: [],
  prepare: (feed) => {
    history(feed, "BTC", "1m", [100, 101, 102]);
    history(feed, "ETH", "1m", [10, 11, 12]);
  },
};

/** A real engine behind a real server. */
async function servedEngine({ tracing }: Traced, options: RigOptions = QUIET) {
  const rig = await startRig({ ...options, tracer: tracing.tracer });
  const services = contractServices(rig.engine, { version: "1", adapters: {} });
  const { client } = await serve({}, { services, hooks: [tracing.callHook] });
  return { rig, client };
}

describe("a GenerateSignals call", () => {
  it("shows refresh, market data, sweep, gates and journal with counts, in the caller's trace", async () => {
    const both = await traced();
    const { rig, client } = await servedEngine(both);
    await rig.save("fires", "CLOSE > 1");
    await rig.save("sleeps", "CLOSE > 1000");
    const request = { symbols: ["BTC", "ETH", "NONE"] };
    const { messages, error } = await collect(client.stream(generateSignals, request, { metadata: { traceparent } }));
    expect(error).toBeUndefined();
    await both.tracing.flush();
    const { receiver } = both;
    expect(receiver.spans.every(({ traceId }) => traceId === CALLER_TRACE)).toBe(true);
    const call = receiver.only(GENERATE);
    expect(call).toMatchObject({ parentSpanId: CALLER_SPAN, kind: 2, statusCode: 0 });
    expect(call.attributes).toMatchObject({
      "rpc.system.name": "grpc",
      "rpc.method": GENERATE,
      "rpc.status_code": "OK",
      "client.address": "127.0.0.1",
    });
    const sweep = receiver.only("sweep");
    const steps = ["refresh", "market_data", "sweep", "gates", "journal"].map((name) => receiver.only(name));
    expect(steps.map(({ name, parentSpanId, attributes }) => ({ name, parentSpanId, attributes }))).toEqual([
      {
        name: "refresh",
        parentSpanId: call.spanId,
        attributes: { "strategyruntime.strategies": 2, "strategyruntime.not_loaded": 0 },
      },
      {
        name: "market_data",
        parentSpanId: call.spanId,
        attributes: { "strategyruntime.symbols": 3, "strategyruntime.priced": 2 },
      },
      {
        name: "sweep",
        parentSpanId: call.spanId,
        attributes: {
          "strategyruntime.cause": "call",
          "strategyruntime.strategies": 2,
          "strategyruntime.symbols": 3,
          "strategyruntime.evaluations": 6,
          "strategyruntime.candidates": 2,
          "strategyruntime.decisions": 2,
        },
      },
      {
        name: "gates",
        parentSpanId: sweep.spanId,
        attributes: {
          "strategyruntime.candidates": 2,
          "strategyruntime.decisions": 2,
          "strategyruntime.refused": 0,
        },
      },
      { name: "journal", parentSpanId: sweep.spanId, attributes: { "strategyruntime.decisions": 2 } },
    ]);
    expect(steps.every(({ start, end }) => start <= end && start >= call.start && end <= call.end)).toBe(true);
    const decisions = messages.flatMap((message) => message.decisions);
    const ofSweep = `00-${CALLER_TRACE}-${sweep.spanId}-01`;
    expect(decisions.map(({ metadata }) => metadata.traceparent)).toEqual([ofSweep, ofSweep]);
    expect((await rig.journaled()).map(({ metadata }) => metadata.traceparent)).toEqual([ofSweep, ofSweep]);
  });

  it("is a trace of its own where the caller has none, or none that can be read", async () => {
    const both = await traced();
    const { client } = await servedEngine(both);
    await client.call(getPolicy, {});
    await client.call(getPolicy, {}, { metadata: { traceparent: "00-zz-zz-01" } });
    await both.tracing.flush();
    const parents = both.receiver.spans.map(({ parentSpanId }) => parentSpanId);
    expect(parents).toEqual(["", ""]);
    expect(new Set(both.receiver.spans.map(({ traceId }) => traceId)).size).toBe(2);
  });

  it("keeps to the caller's decision not to record", async () => {
    const both = await traced();
    const { rig, client } = await servedEngine(both);
    await rig.save("fires", "CLOSE > 1");
    const metadata = { traceparent: `00-${CALLER_TRACE}-${CALLER_SPAN}-00` };
    const { messages } = await collect(client.stream(generateSignals, { symbols: ["BTC"] }, { metadata }));
    await both.tracing.flush();
    expect(both.receiver.spans).toEqual([]);
    const [decision] = messages.flatMap((message) => message.decisions);
    expect(decision?.metadata.traceparent).toMatch(new RegExp(`^00-${CALLER_TRACE}-[0-9a-f]{16}-00$`));
  });

  it("of two that are committed together shows gates and journal in each trace", async () => {
    const both = await traced();
    const { rig, client } = await servedEngine(both);
    await rig.save("fires", "CLOSE > 1");
    const append = rig.stores.journal.append.bind(rig.stores.journal);
    const held = Promise.withResolvers<void>();
    const writing = Promise.withResolvers<void>();
    vi.spyOn(rig.stores.journal, "append").mockImplementationOnce(async (decisions) => {
      writing.resolve();
      await held.promise;
      await append(decisions);
    });
    await rig.save("first", "CLOSE > 2");
    const call = (strategyId: string, symbol: string) =>
      collect(client.stream(generateSignals, { symbols: [symbol], strategyIds: [strategyId] }));
    const first = call("first", "BTC");
    await writing.promise;
    const others = [call("fires", "BTC"), call("fires", "ETH")];
    // Both have been judged, and wait for the write before them.
    await vi.waitFor(() => expect(vi.mocked(rig.stores.journal.append)).toHaveBeenCalledTimes(1));
    await vi.waitFor(async () => {
      await both.tracing.flush();
      expect(both.receiver.spans.filter(({ name }) => name === "market_data")).toHaveLength(3);
    });
    held.resolve();
    await Promise.all([first, ...others]);
    await both.tracing.flush();
    const sweeps = both.receiver.spans.filter(({ name }) => name === "sweep");
    const under = (name: string) => both.receiver.spans.filter((span) => span.name === name).map((s) => s.parentSpanId);
    expect(sweeps).toHaveLength(3);
    expect(under("gates").sort()).toEqual(sweeps.map(({ spanId }) => spanId).sort());
    expect(under("journal").sort()).toEqual(sweeps.map(({ spanId }) => spanId).sort());
    expect(vi.mocked(rig.stores.journal.append)).toHaveBeenCalledTimes(2);
  });
});

describe("a follow stream", () => {
  it("has a short span at its beginning, one for each sweep, linked to it, and one at its end", async () => {
    const both = await traced();
    // Whatever the feed was started by is not the sweeps' parent.
    const { rig, client } = await both.tracing.tracer.span("start", {}, () => servedEngine(both));
    await rig.save("fires", "CLOSE > 1");
    const stream = client.stream(generateSignals, { follow: true, symbols: ["BTC"] }, { metadata: { traceparent } });
    const messages: GenerateSignalsResponse[] = [];
    stream.on("data", (message) => messages.push(message));
    const ended = once(stream, "error").catch((error: unknown) => [error]);
    await vi.waitFor(() => expect(messages.length).toBeGreaterThanOrEqual(2));
    await both.tracing.flush();
    expect(both.receiver.only(GENERATE)).toMatchObject({
      traceId: CALLER_TRACE,
      attributes: { "strategyruntime.endless": true },
    });
    const swept = () => messages.filter(({ summary }) => summary !== undefined).length;
    await rig.close({ BTC: 103 });
    await vi.waitFor(() => expect(swept()).toBe(1));
    await rig.close({ BTC: 104 });
    await vi.waitFor(() => expect(swept()).toBe(2));
    stream.cancel();
    expect(await ended).toMatchObject([{ code: status.CANCELLED }]);
    await vi.waitFor(async () => {
      await both.tracing.flush();
      both.receiver.only(`${GENERATE} end`);
    });
    const named = (name: string) => both.receiver.spans.filter((span) => span.name === name);
    const call = both.receiver.only(GENERATE);
    const sweeps = named("sweep");
    expect(sweeps.map(({ parentSpanId, attributes }) => [parentSpanId, attributes])).toMatchObject([
      ["", { "strategyruntime.cause": "close", "strategyruntime.evaluations": 1, "strategyruntime.decisions": 1 }],
      ["", { "strategyruntime.bar_close": "2026-01-05T00:02:00Z", "strategyruntime.timeframe": "1m" }],
    ]);
    expect(new Set([...sweeps.map(({ traceId }) => traceId), CALLER_TRACE]).size).toBe(3);
    expect(named("stream")).toMatchObject(
      sweeps.map(({ traceId, spanId }) => ({
        traceId: CALLER_TRACE,
        parentSpanId: call.spanId,
        links: [{ traceId, spanId }],
        attributes: { "strategyruntime.decisions": 1 },
      })),
    );
    const made = messages.flatMap(({ decisions }) => decisions.map(({ metadata }) => metadata.traceparent));
    expect(made).toEqual(sweeps.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`));
    expect(both.receiver.only(`${GENERATE} end`)).toMatchObject({
      parentSpanId: call.spanId,
      statusCode: 0,
      attributes: { "rpc.status_code": "CANCELLED" },
    });
  });
});

describe("calls that fail", () => {
  it.each([
    ["invalid", "INVALID_ARGUMENT", 0],
    ["not_found", "NOT_FOUND", 0],
    ["unavailable", "UNAVAILABLE", 2],
  ] as const)(
    "with %s have the status %s, and are faults only where the server is at fault",
    async (code, name, fault) => {
      const { tracing, receiver } = await traced();
      const get = () => Promise.reject(new RuntimeError(code, "as it is"));
      const { client } = await serve({ policy: { get } }, { hooks: [tracing.callHook] });
      await failureOf(client.call(getPolicy, {}));
      await tracing.flush();
      const span = receiver.only("strategyruntime.v1.PolicyService/GetPolicy");
      expect(span.attributes).toMatchObject({ "rpc.status_code": name, "error.type": name });
      expect([span.statusCode, span.statusMessage]).toEqual([fault, fault === 2 ? "as it is" : ""]);
    },
  );

  it("show nothing that callers are not told", async () => {
    const { tracing, receiver } = await traced();
    const change = () => Promise.reject(new Error("password=secret"));
    const { client } = await serve({ policy: { change } }, { hooks: [tracing.callHook] });
    await failureOf(client.call(setRiskMode, { riskMode: 1 }));
    await tracing.flush();
    expect(JSON.stringify(receiver.spans[0], (_, value) => String(value))).not.toContain("secret");
    expect(receiver.spans[0]).toMatchObject({ statusCode: 2, attributes: { "rpc.status_code": "INTERNAL" } });
  });
});

describe("tracing that is off", () => {
  it("loads none of its libraries, and leaves nothing in decisions (R41)", async () => {
    const script = `
      import { registerHooks } from "node:module";
      registerHooks({ resolve(specifier, context, next) {
        const found = next(specifier, context);
        // prom-client loads the bare API for its exemplars; everything that does something is in
        // the other packages.
        if (/@opentelemetry\\/(?!api\\/)/.test(found.url)) console.log(found.url);
        return found;
      } });
      await import("./src/app.ts");
      const { NO_TRACING } = await import("./src/telemetry/tracing.ts");
      console.log("traceparent:", NO_TRACING.tracer.traceparent());`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: ROOT });
    expect(stdout).toBe("traceparent: undefined\n");
    const rig = await startRig(QUIET);
    await rig.save("fires", "CLOSE > 1");
    const { decisions } = await rig.sweep();
    expect(decisions.map(({ metadata }) => metadata)).toEqual([{}]);
  });
});

describe("tracing", () => {
  it("says what it is from, to the standard path, as protobuf", async () => {
    const { tracing, receiver } = await traced();
    await tracing.tracer.span("work", { attributes: { share: 0.5, done: true } }, async () => {});
    await tracing.flush();
    expect(receiver.requests).toEqual([{ path: "/v1/traces", contentType: "application/x-protobuf" }]);
    expect(receiver.only("work")).toMatchObject({
      resource: { "service.name": "strategy-runtime-engine", "service.version": "1.2.3" },
      attributes: { "strategyruntime.share": 0.5, "strategyruntime.done": true },
    });
  });

  it("names the current span for the log, and only while there is one", async () => {
    const { tracing } = await traced();
    expect(tracing.traceIds()).toBeUndefined();
    await tracing.tracer.span("work", {}, async () => {
      const ids = tracing.traceIds();
      expect(tracing.tracer.traceparent()).toBe(`00-${ids?.trace_id}-${ids?.span_id}-01`);
    });
    expect(tracing.traceIds()).toBeUndefined();
  });

  it("records the share of traces that it is told to", async () => {
    const { tracing, receiver } = await traced({ sampleRatio: 0 });
    await tracing.tracer.span("work", {}, async () => {});
    await tracing.flush();
    expect(receiver.spans).toEqual([]);
  });

  it("passes failures of the work on, and notes them", async () => {
    const { tracing, receiver } = await traced();
    const work = () => Promise.reject(new RuntimeError("unavailable", "the journal is away"));
    await expect(tracing.tracer.span("journal", {}, work)).rejects.toThrow("the journal is away");
    await tracing.flush();
    expect(receiver.only("journal")).toMatchObject({ statusCode: 2, statusMessage: "the journal is away" });
  });

  it("sends what is left when it ends, and ends though nobody receives", async () => {
    const { tracing, receiver } = await traced({ gatherMs: 3_600_000 });
    await tracing.tracer.span("last", {}, async () => {});
    await tracing.close();
    expect(receiver.only("last").name).toBe("last");
    const faults: unknown[] = [];
    const onFault = (error: unknown) => faults.push(error);
    const endpoint = "http://127.0.0.1:1";
    const deaf = await startTracing({ endpoint, serviceVersion: "1", onFault });
    await deaf.tracer.span("lost", {}, async () => {});
    await deaf.close();
    expect(faults.length).toBeGreaterThan(0);
  });
});
