import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { simulated } from "../../src/adapters/simulated/simulated.ts";
import type { Decision } from "../../src/domain/decision.ts";
import type { StoredStrategy } from "../../src/domain/strategy.ts";
import { LongWorks } from "../../src/engine/concurrency/long-work.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import type { CallHook } from "../../src/rpc/calls/call-hooks.ts";
import { contractServices } from "../../src/rpc/contract.ts";
import { startGrpcServer } from "../../src/rpc/grpc/grpc-server.ts";
import { startWebServer } from "../../src/rpc/web/web-server.ts";
import { callMetrics } from "../../src/telemetry/call-metrics.ts";
import { createMetrics, type Metrics } from "../../src/telemetry/metrics.ts";
import { metricsObserver } from "../../src/telemetry/metrics-observer.ts";
import { watchProcess } from "../../src/telemetry/process-gauges.ts";
import { NO_TRACING, startTracing, type Tracing } from "../../src/telemetry/tracing.ts";
import { answer } from "../harness/child.ts";
import { startBenchEngine } from "../samples/engine.ts";
import { cpuMs } from "./cpu.ts";

/**
 * The service as callers meet it, over memory stores and the simulated exchange, whose time stands
 * still: equal calls have equal answers.
 */
export type ServiceQuestion =
  | {
      readonly ask: "start";
      readonly strategies: readonly StoredStrategy[];
      readonly symbols: readonly string[];
      /** What the journal holds at first. */
      readonly decisions: readonly Decision[];
      /** Market time, ms since the epoch. */
      readonly startAt: number;
      /** How it is watched; not at all without. */
      readonly telemetry?: Telemetry;
    }
  | { readonly ask: "cpu" }
  /** Sends the traces that are not sent yet. */
  | { readonly ask: "flush" };
/** The address after a start, ms of CPU time otherwise. */
export type ServiceAnswer = string | number;

/**
 * As the service is watched: its web port on, and metrics asked for every second, or traces of
 * every call to a receiver.
 */
export type Telemetry = { readonly kind: "metrics" } | { readonly kind: "tracing"; readonly endpoint: string };

const SCRAPE_MS = 1_000;
const STOPPED: Clock = { ...systemClock, monotonic: () => 0 };

let tracing: Tracing = NO_TRACING;

async function start(question: Extract<ServiceQuestion, { ask: "start" }>): Promise<string> {
  const { strategies, symbols, decisions, startAt, telemetry } = question;
  const journal = memoryJournal();
  await journal.append(decisions);
  const market = simulated({ seed: 1, speed: 1, clock: STOPPED, startAt });
  await market.ready();
  if (telemetry?.kind === "tracing") {
    const onFault = (error: unknown) => console.error(error);
    tracing = await startTracing({ endpoint: telemetry.endpoint, serviceVersion: "bench", onFault });
  }
  const metrics =
    telemetry?.kind === "metrics"
      ? createMetrics({ version: "bench", dataSource: "simulated", warn: () => {} })
      : undefined;
  const observer = metrics && metricsObserver(metrics);
  const { tracer } = tracing;
  const engine = await startBenchEngine({
    strategies,
    symbols,
    market,
    journal,
    tracer,
    ...(observer && { observer }),
  });
  const services = contractServices(engine, { version: "bench", adapters: {} });
  const hooks = [tracing.callHook, ...(metrics ? [callMetrics(metrics)] : [])] as readonly CallHook[];
  const shared = { services, log: () => {}, longWorks: new LongWorks(systemClock), ...(telemetry && { hooks }) };
  if (metrics !== undefined) {
    await startWeb(shared, metrics);
  }
  return (await startGrpcServer({ ...shared, address: "127.0.0.1:0", ready: () => true })).address;
}

async function startWeb(
  shared: Pick<Parameters<typeof startWebServer>[0], "services" | "log" | "longWorks" | "hooks">,
  metrics: Metrics,
): Promise<void> {
  const readiness = () => ({ ready: true, reasons: [] });
  const web = await startWebServer({ ...shared, address: "127.0.0.1:0", readiness, metrics });
  watchProcess(metrics);
  setInterval(() => void fetch(`http://${web.address}/metrics`).then((page) => page.text()), SCRAPE_MS);
}

answer<ServiceQuestion, ServiceAnswer>(async (question) => {
  switch (question.ask) {
    case "start":
      return start(question);
    case "flush":
      await tracing.flush();
      return 0;
    case "cpu":
      return cpuMs();
    default:
      return question satisfies never;
  }
});
