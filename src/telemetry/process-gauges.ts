import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Metrics } from "./metrics.ts";

/** How often the loop is looked at, ms; the monitor counts this time as delay, too. */
const RESOLUTION_MS = 10;
const PERCENTILES = [50, 99, 100] as const;

/**
 * Shows, each time the metrics are asked for, what the process uses, and by how much its event loop
 * was late since the time before.
 */
export function watchProcess(metrics: Metrics): () => void {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  let cpuSeconds = 0;
  metrics.startTime.set(Math.round((performance.timeOrigin / 1_000) * 1_000) / 1_000);
  metrics.onScrape(() => {
    for (const percentile of PERCENTILES) {
      const delayMs = loop.count === 0 ? 0 : loop.percentile(percentile) / 1e6 - RESOLUTION_MS;
      metrics.eventLoopDelay.set({ percentile: String(percentile) }, Math.max(0, delayMs) / 1_000);
    }
    loop.reset();
    const { user, system } = process.cpuUsage();
    const used = (user + system) / 1e6;
    metrics.cpuSeconds.inc(used - cpuSeconds);
    cpuSeconds = used;
    const { rss, heapUsed } = process.memoryUsage();
    metrics.residentMemory.set(rss);
    metrics.heapUsed.set(heapUsed);
  });
  return () => loop.disable();
}
