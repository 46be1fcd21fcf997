import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { OUTCOMES } from "../../src/domain/decision.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import { budgetMetrics } from "../../src/telemetry/budget-metrics.ts";
import { callMetrics, carrierMetrics } from "../../src/telemetry/call-metrics.ts";
import { createMetrics, type Metrics, type MetricsOptions } from "../../src/telemetry/metrics.ts";
import { metricsObserver } from "../../src/telemetry/metrics-observer.ts";
import { watchProcess } from "../../src/telemetry/process-gauges.ts";
import { type RuntimeState, watchRuntime } from "../../src/telemetry/runtime-gauges.ts";
import { providePromtool } from "../provide/promtool.ts";
import { aDecision, BAR_CLOSE, STATUS, SUMMARY } from "../rpc/samples.ts";

function someMetrics(over: Partial<MetricsOptions> = {}): { metrics: Metrics; warnings: string[] } {
  const warnings: string[] = [];
  const metrics = createMetrics({
    version: "1.2.3",
    dataSource: "simulated",
    warn: (message) => warnings.push(message),
    ...over,
  });
  return { metrics, warnings };
}

/** The samples whose name begins so, as the text has them. */
async function samples(metrics: Metrics, beginning: string): Promise<readonly string[]> {
  return (await metrics.text()).split("\n").filter((line) => line.startsWith(beginning));
}

function aState(over: Partial<RuntimeState> = {}): RuntimeState {
  return { ready: true, status: STATUS, wallTime: BAR_CLOSE + 2_500, marketTime: BAR_CLOSE + 1_000, ...over };
}

/** Something of everything, so that every metric has samples. */
async function everything(): Promise<Metrics> {
  const { metrics } = someMetrics({ maxLabelSets: 1 });
  const observer = metricsObserver(metrics);
  observer.observe({ kind: "decided", decision: aDecision({ timestamp: BAR_CLOSE }), publishedAt: BAR_CLOSE + 12 });
  observer.observe({ kind: "decided", decision: aDecision({ strategyId: "b" }) });
  observer.observe({ kind: "decided", decision: aDecision({ shadow: true }) });
  const endedAt = BAR_CLOSE + 40;
  observer.observe({ kind: "sweep", cause: "close", timeframe: "1h", summary: SUMMARY, endedAt });
  observer.observe({ kind: "journal_append", decisions: 3, durationMs: 4, failed: true });
  observer.observe({ kind: "evaluation_failed", strategyId: "a", symbol: "X", error: new Error("x") });
  observer.observe({ kind: "closes_missed", timeframe: "1m", closes: 2, before: BAR_CLOSE });
  observer.observe({ kind: "bar_refused", symbol: "X", timeframe: "1m", reason: "x" });
  observer.observe({ kind: "fault", what: "policy", error: new Error("x") });
  observer.observe({ kind: "recovered", what: "policy" });
  const delays = [{ timeframe: "1m", lateMs: 1_200 }] as const;
  watchRuntime(metrics, () =>
    aState({ delays, venue: { usedWeight: 40, requestsWaiting: 2, breaks: 1, weights: { own: 4 } } }),
  );
  onTestFinished(watchProcess(metrics));
  const hook = callMetrics(metrics);
  await hook({ service: "a.b.S", method: "M", streaming: false }, async () => {});
  await hook({ service: "a.b.S", method: "T", streaming: true }, async () => {});
  carrierMetrics(metrics)({ kind: "refused" });
  carrierMetrics(metrics)({ kind: "exhausted", limit: "size" });
  metrics.connectionsClosed.inc({ reason: "all" });
  metrics.connections.set({ of: "callers" }, 1);
  const budgets = budgetMetrics(metrics);
  budgets.onRefused("calls", "vera");
  budgets.onSpent(5, "vera");
  budgets.watch(["calls"], () => 0.5);
  return metrics;
}

describe("promtool", () => {
  let promtool = "";
  beforeAll(async () => {
    promtool = (await providePromtool()).promtool;
  });
  const check = (input: string) => {
    const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], { input, encoding: "utf8" });
    return { status, said: stdout + stderr };
  };

  it("finds nothing wrong with the metrics, each with samples", async () => {
    const text = await (await everything()).text();
    expect(check(text)).toEqual({ status: 0, said: "" });
    const declared = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name]) => String(name));
    const empty = declared.filter((name) => !new RegExp(`^${name}(_bucket)?(\\{| )`, "m").test(text));
    expect([declared.length > 30, empty]).toEqual([true, []]);
  });

  it("finds nothing wrong before anything has happened", async () => {
    expect(check(await someMetrics().metrics.text())).toEqual({ status: 0, said: "" });
  });

  it("would say what is wrong", () => {
    expect(check("# TYPE things counter\nthings 1\n").said).toMatch(/counter metrics should have "_total" suffix/);
  });
});

describe("decisions", () => {
  it("count under exactly the names that were promised", async () => {
    const { metrics } = someMetrics();
    const observer = metricsObserver(metrics);
    observer.observe({ kind: "decided", decision: aDecision({ confidence: 0.85 }) });
    observer.observe({ kind: "decided", decision: aDecision({ confidence: 0.55 }) });
    expect(await samples(metrics, "strategy_runtime_signals_generated_total")).toEqual([
      'strategy_runtime_signals_generated_total{strategy_id="dip",symbol="BTCUSDT",side="LONG"} 2',
    ]);
    expect(await samples(metrics, "strategy_runtime_signal_confidence_bucket")).toContain(
      'strategy_runtime_signal_confidence_bucket{le="0.6",strategy_id="dip"} 1',
    );
    expect(await samples(metrics, "strategy_runtime_signal_confidence_count")).toEqual([
      'strategy_runtime_signal_confidence_count{strategy_id="dip"} 2',
    ]);
  });

  it("that are SHADOW are no signals", async () => {
    const { metrics } = someMetrics();
    metricsObserver(metrics).observe({ kind: "decided", decision: aDecision({ shadow: true }) });
    expect(await samples(metrics, "strategy_runtime_signal")).toEqual([]);
    expect(await samples(metrics, "strategy_runtime_shadow_signals_total")).toEqual([
      "strategy_runtime_shadow_signals_total 1",
    ]);
  });

  it("beyond the cap count as other, which is counted and said once; those before it keep their names", async () => {
    const { metrics, warnings } = someMetrics({ maxLabelSets: 2 });
    const observer = metricsObserver(metrics);
    for (const symbol of ["A", "B", "C", "D", "A"]) {
      observer.observe({ kind: "decided", decision: aDecision({ symbol }) });
    }
    expect(await samples(metrics, "strategy_runtime_signals_generated_total")).toEqual([
      'strategy_runtime_signals_generated_total{strategy_id="dip",symbol="A",side="LONG"} 2',
      'strategy_runtime_signals_generated_total{strategy_id="dip",symbol="B",side="LONG"} 1',
      'strategy_runtime_signals_generated_total{strategy_id="other",symbol="other",side="LONG"} 2',
    ]);
    expect(await samples(metrics, "strategy_runtime_label_sets_folded_total")).toEqual([
      'strategy_runtime_label_sets_folded_total{metric="strategy_runtime_signals_generated_total"} 2',
    ]);
    expect(warnings).toEqual([
      'strategy_runtime_signals_generated_total has 2 label sets, the most it may have: from now on new ones count as "other"',
    ]);
  });

  it("of ten thousand strategies leave a page that can still be read", async () => {
    const { metrics } = someMetrics();
    const observer = metricsObserver(metrics);
    for (let index = 0; index < 10_000; index++) {
      observer.observe({ kind: "decided", decision: aDecision({ strategyId: `s${index}` }) });
    }
    expect(await samples(metrics, "strategy_runtime_signals_generated_total")).toHaveLength(2_001);
    expect(await samples(metrics, "strategy_runtime_signal_confidence_count")).toHaveLength(2_001);
  });

  it("at a bar's close are timed until they go out; those of a one-shot call are not", async () => {
    const { metrics } = someMetrics();
    const observer = metricsObserver(metrics);
    const publishedAt = BAR_CLOSE + 40;
    observer.observe({ kind: "decided", decision: aDecision({ timestamp: BAR_CLOSE }), publishedAt });
    observer.observe({ kind: "decided", decision: aDecision({ timestamp: BAR_CLOSE + 30 }), publishedAt });
    expect(await samples(metrics, "strategy_runtime_bar_close_to_publish_seconds_")).toEqual(
      expect.arrayContaining([
        'strategy_runtime_bar_close_to_publish_seconds_bucket{le="0.025",timeframe="1h"} 0',
        'strategy_runtime_bar_close_to_publish_seconds_bucket{le="0.05",timeframe="1h"} 1',
        'strategy_runtime_bar_close_to_publish_seconds_count{timeframe="1h"} 1',
      ]),
    );
  });
});

describe("sweeps and the journal", () => {
  it("count every outcome by its name, those at 0 included", async () => {
    const { metrics } = someMetrics();
    metricsObserver(metrics).observe({ kind: "sweep", cause: "call", summary: SUMMARY });
    const lines = await samples(metrics, "strategy_runtime_evaluations_total");
    expect(lines).toHaveLength(OUTCOMES.length);
    expect(lines).toEqual(
      expect.arrayContaining([
        'strategy_runtime_evaluations_total{outcome="DECIDED"} 1',
        'strategy_runtime_evaluations_total{outcome="CONDITIONS_NOT_MET"} 3',
        'strategy_runtime_evaluations_total{outcome="HALTED"} 0',
      ]),
    );
    expect(await samples(metrics, "strategy_runtime_sweep_duration_seconds_sum")).toEqual([
      'strategy_runtime_sweep_duration_seconds_sum{cause="call"} 0.0125',
    ]);
  });

  it("tell how long a write took, and whether it failed", async () => {
    const { metrics } = someMetrics();
    const observer = metricsObserver(metrics);
    observer.observe({ kind: "journal_append", decisions: 3, durationMs: 4, failed: false });
    observer.observe({ kind: "journal_append", decisions: 3, durationMs: 6, failed: true });
    expect(await samples(metrics, "strategy_runtime_journal_append_duration_seconds_sum")).toEqual([
      "strategy_runtime_journal_append_duration_seconds_sum 0.01",
    ]);
    expect(await samples(metrics, "strategy_runtime_journal_append_failures_total")).toEqual([
      "strategy_runtime_journal_append_failures_total 1",
    ]);
  });

  it("fold the faults of series into one, whatever their symbols", async () => {
    const { metrics } = someMetrics();
    const observer = metricsObserver(metrics);
    for (const what of ["market data", "BTCUSDT 1m", "ETHUSDT 4h"]) {
      observer.observe({ kind: "fault", what, error: new Error("x") });
    }
    observer.observe({ kind: "recovered", what: "market data" });
    expect(await samples(metrics, "strategy_runtime_faults_total")).toEqual([
      'strategy_runtime_faults_total{dependency="market data"} 1',
      'strategy_runtime_faults_total{dependency="series"} 2',
    ]);
    expect(await samples(metrics, "strategy_runtime_reconnects_total")).toEqual([
      'strategy_runtime_reconnects_total{dependency="market data"} 1',
    ]);
  });
});

describe("what is looked at on a scrape", () => {
  it("is how old the policy is; nothing before it was read", async () => {
    const { metrics } = someMetrics();
    const { policy, ...before } = STATUS;
    let state = aState({ status: before });
    watchRuntime(metrics, () => state);
    expect(await samples(metrics, "strategy_runtime_policy_age_seconds")).toEqual([]);
    state = aState();
    expect(await samples(metrics, "strategy_runtime_policy_age_seconds")).toEqual([
      "strategy_runtime_policy_age_seconds 2.5",
    ]);
    expect(await samples(metrics, "strategy_runtime_halted")).toEqual(["strategy_runtime_halted 1"]);
    expect(policy?.halted).toBe(true);
  });

  it("is by how much the next bar of the latest symbol is overdue, by timeframe", async () => {
    const { metrics } = someMetrics();
    const minute = 60_000;
    const now = BAR_CLOSE + 3 * minute;
    const symbols = [
      { timeframe: "1m", lastBarCloseTime: now - 20_000 },
      { timeframe: "1m", lastBarCloseTime: now - minute - 5_000 },
      { timeframe: "1m", whyNot: "no bars" },
      { timeframe: "1h", lastBarCloseTime: BAR_CLOSE },
    ] as const;
    let state = aState({ marketTime: now, status: { ...STATUS, symbols } });
    watchRuntime(metrics, () => state);
    expect(await samples(metrics, "strategy_runtime_feed_lag_seconds")).toEqual([
      'strategy_runtime_feed_lag_seconds{timeframe="1m"} 5',
      'strategy_runtime_feed_lag_seconds{timeframe="1h"} 0',
    ]);
    expect(await samples(metrics, "strategy_runtime_unavailable_series")).toEqual([
      'strategy_runtime_unavailable_series{timeframe="1m"} 1',
      'strategy_runtime_unavailable_series{timeframe="1h"} 0',
    ]);
    state = aState({ status: { ...STATUS, symbols: [] } });
    expect(await samples(metrics, "strategy_runtime_feed_lag_seconds")).toEqual([]);
  });

  it("is how late bars come while the feed says so, by timeframe, and nothing while it does not", async () => {
    const { metrics } = someMetrics();
    let state = aState({ delays: [{ timeframe: "1s", lateMs: 3_200 }] });
    watchRuntime(metrics, () => state);
    expect(await samples(metrics, "strategy_runtime_feed_delay_seconds")).toEqual([
      'strategy_runtime_feed_delay_seconds{timeframe="1s"} 3.2',
    ]);
    state = aState();
    expect(await samples(metrics, "strategy_runtime_feed_delay_seconds")).toEqual([]);
  });

  it("is what the venue counts; its breaks are counted once", async () => {
    const { metrics } = someMetrics();
    let breaks = 2;
    let weights = { own: 10, caller: 4 };
    watchRuntime(metrics, () => aState({ venue: { usedWeight: 1_234, requestsWaiting: 5, breaks, weights } }));
    await metrics.text();
    breaks = 3;
    weights = { own: 12, caller: 6 };
    await metrics.text();
    expect(await samples(metrics, "strategy_runtime_venue_used_weight")).toEqual([
      "strategy_runtime_venue_used_weight 1234",
    ]);
    expect(await samples(metrics, "strategy_runtime_reconnects_total")).toEqual([
      'strategy_runtime_reconnects_total{dependency="venue"} 3',
    ]);
    expect(await samples(metrics, "strategy_runtime_venue_weight_total")).toEqual([
      'strategy_runtime_venue_weight_total{purpose="own"} 12',
      'strategy_runtime_venue_weight_total{purpose="caller"} 6',
    ]);
  });

  it("is by how much the event loop was late", async () => {
    const { metrics } = someMetrics();
    onTestFinished(watchProcess(metrics));
    const worst = async () => {
      const [line] = await samples(metrics, 'strategy_runtime_event_loop_delay_seconds{percentile="100"}');
      return Number(line?.split(" ")[1]);
    };
    const turns = async () => {
      for (let turn = 0; turn < 5; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 12));
      }
    };
    await turns();
    const end = performance.now() + 300;
    while (performance.now() < end) {
      // Holds the loop up.
    }
    await turns();
    const late = await worst();
    expect(late).toBeGreaterThan(0.2);
    await turns();
    expect(await worst()).toBeLessThan(late);
  });
});

describe("calls", () => {
  const unary = { service: "strategyruntime.v1.PolicyService", method: "GetPolicy", streaming: false };
  const stream = { service: "strategyruntime.v1.StrategyRuntimeService", method: "GenerateSignals", streaming: true };

  it("are counted by method and gRPC's status, and timed", async () => {
    const { metrics } = someMetrics();
    let now = 0;
    const hook = callMetrics(metrics, () => now);
    await hook(unary, async () => {
      now += 30;
    });
    const failing = hook(unary, () => Promise.reject(new RuntimeError("invalid", "x")));
    await expect(failing).rejects.toThrow("x");
    await expect(hook(unary, () => Promise.reject(new TypeError("y")))).rejects.toThrow("y");
    expect(await samples(metrics, "strategy_runtime_rpc_calls_total")).toEqual([
      'strategy_runtime_rpc_calls_total{method="PolicyService/GetPolicy",code="OK"} 1',
      'strategy_runtime_rpc_calls_total{method="PolicyService/GetPolicy",code="INVALID_ARGUMENT"} 1',
      'strategy_runtime_rpc_calls_total{method="PolicyService/GetPolicy",code="INTERNAL"} 1',
    ]);
    expect(await samples(metrics, "strategy_runtime_rpc_duration_seconds_sum")).toEqual([
      'strategy_runtime_rpc_duration_seconds_sum{method="PolicyService/GetPolicy"} 0.03',
    ]);
  });

  it("that are refused for a budget are no evictions, and count by budget and caller", async () => {
    const { metrics } = someMetrics({ maxLabelSets: 2 });
    carrierMetrics(metrics);
    const over = new RuntimeError("resource_exhausted", "eve has used 20 of 20 s", { retryAfterMs: 1_000 });
    await expect(callMetrics(metrics)(stream, () => Promise.reject(over))).rejects.toThrow();
    expect(await samples(metrics, "strategy_runtime_stream_evictions_total")).toEqual([
      'strategy_runtime_stream_evictions_total{reason="queue_full"} 0',
      'strategy_runtime_stream_evictions_total{reason="stalled"} 0',
    ]);
    const { onRefused, onSpent, watch } = budgetMetrics(metrics);
    for (const caller of ["eve", "vera", "address"]) {
      onRefused("streams", caller);
      onSpent(1_500, caller);
    }
    watch(["streams", "calls"], (budget) => (budget === "streams" ? 1 : 0.25));
    expect(await samples(metrics, "strategy_runtime_budget_")).toEqual([
      'strategy_runtime_budget_refused_total{budget="streams",caller="eve"} 1',
      'strategy_runtime_budget_refused_total{budget="streams",caller="vera"} 1',
      'strategy_runtime_budget_refused_total{budget="streams",caller="other"} 1',
      'strategy_runtime_budget_used_ratio{budget="streams"} 1',
      'strategy_runtime_budget_used_ratio{budget="calls"} 0.25',
    ]);
    expect(await samples(metrics, "strategy_runtime_caller_processor_seconds_total")).toEqual([
      'strategy_runtime_caller_processor_seconds_total{caller="eve"} 1.5',
      'strategy_runtime_caller_processor_seconds_total{caller="vera"} 1.5',
      'strategy_runtime_caller_processor_seconds_total{caller="other"} 1.5',
    ]);
  });

  it("that failed by a fault of this program are counted as such, with what was thrown elsewhere", async () => {
    const { metrics } = someMetrics();
    const log = carrierMetrics(metrics);
    log({ kind: "failed", error: new RuntimeError("internal", "internal error") });
    log({ kind: "failed", error: new RuntimeError("unavailable", "down") });
    log({ kind: "thrown", where: "timer", error: new Error("a is undefined") });
    metricsObserver(metrics).observe({ kind: "thrown", where: "close", error: new Error("a is undefined") });
    const counted = (await samples(metrics, "strategy_runtime_thrown_total")).filter((line) => !line.endsWith(" 0"));
    expect(counted).toEqual([
      'strategy_runtime_thrown_total{where="call"} 1',
      'strategy_runtime_thrown_total{where="close"} 1',
      'strategy_runtime_thrown_total{where="timer"} 1',
    ]);
  });

  it("that stream are shown while open; one that was too slow is an eviction", async () => {
    const { metrics } = someMetrics();
    const hook = callMetrics(metrics);
    const log = carrierMetrics(metrics);
    const { promise, reject } = Promise.withResolvers<void>();
    const call = hook(stream, () => promise);
    expect(await samples(metrics, "strategy_runtime_open_streams")).toEqual([
      'strategy_runtime_open_streams{method="StrategyRuntimeService/GenerateSignals"} 1',
    ]);
    reject(new RuntimeError("resource_exhausted", "more than 4096 messages waited"));
    await expect(call).rejects.toThrow();
    log({ kind: "evicted" });
    log({ kind: "failed" });
    expect(await samples(metrics, "strategy_runtime_stream_evictions_total")).toEqual([
      'strategy_runtime_stream_evictions_total{reason="queue_full"} 1',
      'strategy_runtime_stream_evictions_total{reason="stalled"} 1',
    ]);
    expect(await samples(metrics, "strategy_runtime_open_streams")).toEqual([
      'strategy_runtime_open_streams{method="StrategyRuntimeService/GenerateSignals"} 0',
    ]);
  });
});

describe("a look at the state that throws", () => {
  it("keeps no other metric from being shown, and is told and counted", async () => {
    const thrown: unknown[] = [];
    const { metrics } = someMetrics({ onThrown: (error) => thrown.push(error) });
    const bug = new Error("a is undefined");
    metrics.onScrape(() => {
      throw bug;
    });
    watchRuntime(metrics, aState);
    expect(await samples(metrics, "strategy_runtime_ready")).toEqual(["strategy_runtime_ready 1"]);
    expect(thrown).toEqual([bug]);
    expect(await samples(metrics, 'strategy_runtime_thrown_total{where="scrape"')).toEqual([
      'strategy_runtime_thrown_total{where="scrape"} 2',
    ]);
  });
});
