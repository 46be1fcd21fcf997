import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { callMetrics, carrierMetrics } from "../../src/telemetry/call-metrics.ts";
import { createMetrics, type Metrics } from "../../src/telemetry/metrics.ts";
import { metricsObserver } from "../../src/telemetry/metrics-observer.ts";
import { watchProcess } from "../../src/telemetry/process-gauges.ts";
import { watchRuntime } from "../../src/telemetry/runtime-gauges.ts";
import { aDecision, BAR_CLOSE, STATUS, SUMMARY } from "../rpc/samples.ts";

/**
 * The service's metrics in a process where each thing that is measured goes on happening: once more
 * each time it is called.
 */
export function busyMetrics(): { readonly metrics: Metrics; happen(): Promise<void>; stop(): void } {
  // A cap of one, so that there is something beyond it.
  const metrics = createMetrics({ version: "1.2.3", dataSource: "binance", warn: () => {}, maxLabelSets: 1 });
  const { observe } = metricsObserver(metrics);
  let breaks = 0;
  watchRuntime(metrics, () => ({
    ready: true,
    status: STATUS,
    wallTime: BAR_CLOSE + 2_500,
    marketTime: BAR_CLOSE + 1_000,
    delays: [{ timeframe: "1m", lateMs: 1_200 }],
    venue: { usedWeight: 40, requestsWaiting: 2, breaks: ++breaks, weights: { own: 20, caller: 4 } },
  }));
  const hook = callMetrics(metrics);
  const carrier = carrierMetrics(metrics);
  const call = { service: "strategyruntime.v1.StrategyRuntimeService", method: "Evaluate", streaming: false };
  return {
    metrics,
    stop: watchProcess(metrics),
    async happen() {
      for (const strategyId of ["dip", "b"]) {
        const decision = aDecision({ strategyId, timestamp: BAR_CLOSE });
        observe({ kind: "decided", decision, publishedAt: BAR_CLOSE + 12 });
      }
      observe({ kind: "decided", decision: aDecision({ shadow: true }) });
      observe({ kind: "sweep", cause: "close", timeframe: "1h", summary: SUMMARY, endedAt: BAR_CLOSE + 40 });
      observe({ kind: "closes_missed", timeframe: "1m", closes: 2, before: BAR_CLOSE });
      observe({ kind: "journal_append", decisions: 3, durationMs: 4, failed: true });
      observe({ kind: "evaluation_failed", strategyId: "a", symbol: "X", error: new Error("x") });
      observe({ kind: "bar_refused", symbol: "X", timeframe: "1m", reason: "x" });
      observe({ kind: "thrown", where: "close", error: new Error("x") });
      observe({ kind: "fault", what: "policy", error: new Error("x") });
      observe({ kind: "recovered", what: "policy" });
      await hook(call, async () => {});
      await hook({ ...call, method: "GenerateSignals", streaming: true }, async () => {});
      carrier({ kind: "evicted" });
      carrier({ kind: "refused" });
      carrier({ kind: "exhausted", limit: "size" });
      metrics.budgetRefused.inc({ budget: "calls", caller: "ann" });
      metrics.budgetUsed.set({ budget: "calls" }, 0.5);
      metrics.processorSeconds.inc({ caller: "ann" }, 0.1);
      metrics.connections.set({ of: "callers" }, 3);
      metrics.connectionsClosed.inc({ reason: "address" });
    },
  };
}

/**
 * Serves them as the web port does, with more having happened at each look; "127.0.0.1:41234".
 * Closed when the test ends.
 */
export async function serveBusyMetrics(): Promise<string> {
  const { metrics, happen, stop } = busyMetrics();
  const server = createServer(async (_, response) => {
    await happen();
    response.writeHead(200, { "content-type": metrics.contentType }).end(await metrics.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    stop();
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
