import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { OUTCOMES } from "../domain/decision.ts";
import { THROWN_IN } from "../ports/observer.ts";

export interface MetricsOptions {
  /** Version of the software. */
  readonly version: string;
  /** Where the bars come from: "binance", "simulated". */
  readonly dataSource: string;
  /** Takes what the operator should know, once: that a cap on labels was reached. */
  readonly warn: (message: string) => void;
  /** Takes what was thrown while the metrics were looked at; it is counted besides. */
  readonly onThrown?: (error: unknown) => void;
  /**
   * Most label sets of the metrics that are labelled by strategy; 2,000. The rest is counted under
   * "other".
   */
  readonly maxLabelSets?: number;
}

const LATENCY_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WORK_S = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const CONFIDENCE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * Every metric of the service, by its name. Durations are seconds; wall time where nothing else is
 * said.
 */
export function createMetrics(options: MetricsOptions) {
  const registry = new Registry();
  const scrapes: (() => void)[] = [];
  const named = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) => ({
    name: `strategy_runtime_${name}`,
    help,
    labelNames: [...labelNames],
    registers: [registry],
  });
  const counter = <T extends string>(...of: Parameters<typeof named<T>>) => new Counter<T>(named<T>(...of));
  const gauge = <T extends string>(...of: Parameters<typeof named<T>>) => new Gauge<T>(named<T>(...of));
  const histogram = <T extends string>(buckets: number[], ...of: Parameters<typeof named<T>>) =>
    new Histogram<T>({ ...named<T>(...of), buckets });

  gauge("build_info", "Always 1; what is running.", ["version", "node", "data_source"]).set(
    { version: options.version, node: process.versions.node, data_source: options.dataSource },
    1,
  );
  const runtime = runtimeMetrics(counter, gauge);
  return {
    warn: options.warn,
    maxLabelSets: options.maxLabelSets ?? 2_000,
    ...decisionMetrics(counter, histogram),
    ...runtime,
    ...callMetricsOf(counter, gauge, histogram),
    ...processMetrics(registry, gauge),

    /** `collect` sets what is looked at rather than told, each time the metrics are asked for. */
    onScrape(collect: () => void): void {
      scrapes.push(collect);
    },
    contentType: registry.contentType as string,
    /** All metrics in Prometheus's text format. */
    text(): Promise<string> {
      for (const collect of scrapes) {
        try {
          collect();
        } catch (error) {
          // The other metrics are shown all the same: they may say what is wrong.
          runtime.thrown.inc({ where: "scrape" });
          options.onThrown?.(error);
        }
      }
      return registry.metrics();
    },
  };
}

type NewCounter = <T extends string>(name: string, help: string, labelNames?: readonly T[]) => Counter<T>;
type NewGauge = <T extends string>(name: string, help: string, labelNames?: readonly T[]) => Gauge<T>;
type NewHistogram = <T extends string>(
  buckets: number[],
  name: string,
  help: string,
  labelNames?: readonly T[],
) => Histogram<T>;

function decisionMetrics(counter: NewCounter, histogram: NewHistogram) {
  const evaluations = counter("evaluations_total", "Evaluations in sweeps, by outcome.", ["outcome"]);
  for (const outcome of OUTCOMES) {
    evaluations.inc({ outcome }, 0);
  }
  return {
    signalsGenerated: counter("signals_generated_total", "LIVE decisions journaled.", [
      "strategy_id",
      "symbol",
      "side",
    ]),
    signalConfidence: histogram(CONFIDENCE, "signal_confidence", "Confidence of LIVE decisions.", ["strategy_id"]),
    shadowSignals: counter("shadow_signals_total", "SHADOW decisions journaled."),
    folded: counter("label_sets_folded_total", 'Observations counted under "other", for a cap was reached.', [
      "metric",
    ]),
    evaluations,
    evaluationFailures: counter("evaluation_failures_total", "Evaluations that threw, Evaluate calls included."),
    sweepDuration: histogram(WORK_S, "sweep_duration_seconds", "From a sweep's start to its end, journal included.", [
      "cause",
    ]),
    sweepLag: histogram(
      LATENCY_S,
      "bar_close_to_sweep_end_seconds",
      "Market time from a bar's close until all strategies were judged on it.",
      ["timeframe"],
    ),
    publishLatency: histogram(
      LATENCY_S,
      "bar_close_to_publish_seconds",
      "Market time from a bar's close until a decision on it goes out.",
      ["timeframe"],
    ),
    closesMissed: counter("closes_missed_total", "Closes that nobody was judged on: market time had passed them.", [
      "timeframe",
    ]),
    journalAppend: histogram(WORK_S, "journal_append_duration_seconds", "Time that the journal took for one write."),
    journalFailures: counter("journal_append_failures_total", "Writes that the journal failed."),
  };
}

function runtimeMetrics(counter: NewCounter, gauge: NewGauge) {
  const thrown = counter("thrown_total", "Faults of this program, which ended nothing but themselves, by place.", [
    "where",
  ]);
  for (const where of THROWN_IN) {
    thrown.inc({ where }, 0);
  }
  return {
    thrown,
    ready: gauge("ready", "1 while the service can do its work; a halt leaves it at 1."),
    standby: gauge("standby", "1 while another process on the same database holds the lease, and this one waits."),
    halted: gauge("halted", "1 while the policy halts trading."),
    policyAge: gauge("policy_age_seconds", "Since the policy in use was read; absent before the first time."),
    strategies: gauge("strategies", "Strategies loaded (live, shadow), and those stored that are not valid.", [
      "status",
    ]),
    feedLag: gauge(
      "feed_lag_seconds",
      "Market time by which the next bar of the latest symbol is overdue; 0 while none is.",
      ["timeframe"],
    ),
    feedDelay: gauge(
      "feed_delay_seconds",
      "By how much bars come late while the venue's streams are down; absent while all deliver.",
      ["timeframe"],
    ),
    unavailableSeries: gauge("unavailable_series", "Symbols without usable bars.", ["timeframe"]),
    barsRefused: counter("bars_refused_total", "Bars that were not valid.", ["timeframe"]),
    faults: counter("faults_total", "Failures of what the runtime depends on.", ["dependency"]),
    reconnects: counter("reconnects_total", "Times that a dependency was reached again after a failure.", [
      "dependency",
    ]),
    venueUsedWeight: gauge("venue_used_weight", "Request weight used in the venue's current minute, as it counts."),
    venueWeight: counter("venue_weight_total", "Request weight spent, by what it was for.", ["purpose"]),
    venueRequestsWaiting: gauge("venue_requests_waiting", "Requests that wait for their turn within the weight limit."),
    streamQueueDepth: gauge("stream_queue_depth", "Messages that wait for the slowest follow stream."),
    streamEvictions: counter("stream_evictions_total", "Streams ended because their reader was too slow.", ["reason"]),
  };
}

function callMetricsOf(counter: NewCounter, gauge: NewGauge, histogram: NewHistogram) {
  return {
    calls: counter("rpc_calls_total", "Calls that have ended, by gRPC's status.", ["method", "code"]),
    callDuration: histogram(WORK_S, "rpc_duration_seconds", "Duration of unary calls.", ["method"]),
    connections: gauge("connections", "Connections open now, of callers and of probes on an address of their own.", [
      "of",
    ]),
    connectionsClosed: counter(
      "connections_closed_total",
      "Connections closed for want of room, or for they sent no whole request in time.",
      ["reason"],
    ),
    openStreams: gauge("open_streams", "Streams open now.", ["method"]),
    callsRefused: counter("rpc_refused_total", "Calls that were not let in for want of a token or a role."),
    budgetRefused: counter("budget_refused_total", "Calls refused because their caller had used a budget.", [
      "budget",
      "caller",
    ]),
    limitRefused: counter(
      "limit_refused_total",
      "Calls refused for a limit that is nobody's budget: places of streams, a request's size, entries or time, bytes in flight.",
      ["limit"],
    ),
    budgetUsed: gauge(
      "budget_used_ratio",
      "The greatest part of a budget that one caller uses: 1 is all; above, processor time is owed.",
      ["budget"],
    ),
    processorSeconds: counter(
      "caller_processor_seconds_total",
      "Processor time that calls with a budget of it took, by caller.",
      ["caller"],
    ),
  };
}

function processMetrics(registry: Registry, gauge: NewGauge) {
  const registers = [registry];
  return {
    eventLoopDelay: gauge("event_loop_delay_seconds", "By which timers came late since the last scrape.", [
      "percentile",
    ]),
    // Names that dashboards for any process know.
    cpuSeconds: new Counter({ name: "process_cpu_seconds_total", help: "CPU time, user and system.", registers }),
    residentMemory: new Gauge({ name: "process_resident_memory_bytes", help: "Memory in RAM.", registers }),
    heapUsed: new Gauge({ name: "nodejs_heap_used_bytes", help: "JavaScript heap in use.", registers }),
    startTime: new Gauge({ name: "process_start_time_seconds", help: "Start, since the epoch.", registers }),
  };
}
