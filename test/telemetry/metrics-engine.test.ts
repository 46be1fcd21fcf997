import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { metricsObserver } from "../../src/telemetry/metrics-observer.ts";
import { watchRuntime } from "../../src/telemetry/runtime-gauges.ts";
import { startRig } from "../engine/rig.ts";

describe("the metrics of a running engine", () => {
  it("tell what a bar's close led to, how late it went out, and who does not read it", async () => {
    const metrics = createMetrics({ version: "1.2.3", dataSource: "scripted", warn: () => {} });
    const rig = await startRig({ observer: metricsObserver(metrics) });
    watchRuntime(metrics, () => ({
      ready: true,
      status: rig.engine.runtime.status(),
      wallTime: rig.clock.now(),
      marketTime: rig.feed.now(),
    }));
    await rig.save("up", "CLOSE > 100");
    const stop = new AbortController();
    const unread = rig.engine.runtime.follow(
      { symbols: [], resumeToken: "", includeShadow: false, strategyIds: [] },
      stop.signal,
    );
    const steps = unread[Symbol.asyncIterator]();
    // The empty first batch, and the first of what is live: from here on it listens.
    await steps.next();
    await steps.next();
    await rig.close({ BTC: 110 });
    const text = await metrics.text();
    const lines = text.split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        'strategy_runtime_signals_generated_total{strategy_id="up",symbol="BTC",side="LONG"} 1',
        'strategy_runtime_evaluations_total{outcome="DECIDED"} 1',
        'strategy_runtime_bar_close_to_publish_seconds_count{timeframe="1m"} 1',
        'strategy_runtime_bar_close_to_sweep_end_seconds_count{timeframe="1m"} 1',
        'strategy_runtime_sweep_duration_seconds_count{cause="close"} 1',
        'strategy_runtime_strategies{status="live"} 1',
        'strategy_runtime_feed_lag_seconds{timeframe="1m"} 0',
        "strategy_runtime_stream_queue_depth 2",
      ]),
    );
    const latency = lines.find((line) => line.startsWith("strategy_runtime_bar_close_to_publish_seconds_sum"));
    expect(Number(latency?.split(" ")[1])).toBeLessThan(1);
    stop.abort();
    await steps.return?.();
    expect(await metrics.text()).toContain("strategy_runtime_stream_queue_depth 0\n");
  });
});
