import type { Config } from "../config.ts";
import type { Clock } from "../ports/clock.ts";
import { type Observer, thrownIn } from "../ports/observer.ts";
import type { Cleanups } from "../process/cleanups.ts";
import { guardedClock } from "../process/guarded-clock.ts";
import { type ReplayReport, type ReplayStanding, replayReport } from "../process/replay-report.ts";
import { systemClock } from "../process/system-clock.ts";
import { Turns } from "../rpc/budgets/turns.ts";
import { fanOut } from "../telemetry/fan-out.ts";
import { logObserver } from "../telemetry/log-observer.ts";
import type { Log } from "../telemetry/logger.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { metricsObserver } from "../telemetry/metrics-observer.ts";
import { watchProcess } from "../telemetry/process-gauges.ts";
import { NO_TRACING, startTracing, type Tracing } from "../telemetry/tracing.ts";

export interface InstrumentsOptions {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  readonly cleanups: Cleanups;
  /** Absent: the machine's. */
  readonly clock?: Clock;
  /** Who else is to hear of what happens. */
  readonly observers?: readonly Observer[];
  /** How far a replay is; undefined until it is open. */
  readonly replay: () => ReplayStanding | undefined;
}

/** What every part of the service tells, and is told, the time of. */
export interface Instruments {
  /** Measures what calls compute; its clock tells it of the engine's work. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Where the feed is a replay. */
  readonly report?: ReplayReport;
}

/** Opens the log's observer, metrics, tracing and the clock; all are closed by the cleanups. */
export async function openInstruments(options: InstrumentsOptions): Promise<Instruments> {
  const { config, log, version, cleanups, observers = [] } = options;
  const turns = new Turns();
  const logging = logObserver(log("engine"));
  cleanups.add(() => logging.flush());
  const metrics = createMetrics({
    version,
    dataSource: config.marketData,
    warn: (message) => log("metrics").warn(message),
    onThrown: thrownIn(logging, "scrape"),
  });
  const onTimer = (error: unknown) => observer.observe({ kind: "thrown", where: "timer", error });
  const clock = turns.clock(guardedClock(options.clock ?? systemClock, onTimer));
  const say = (fields: object, text: string) => log("market").info(fields, text);
  const report = config.marketData === "replay" ? replayReport({ clock, standing: options.replay, say }) : undefined;
  cleanups.add(() => report?.stop());
  const observer: Observer = fanOut([
    logging,
    metricsObserver(metrics),
    ...(report === undefined ? [] : [report]),
    ...observers,
  ]);
  const tracing = await openTracing(config, version, observer);
  cleanups.add(() => tracing.close());
  cleanups.add(watchProcess(metrics));
  return { turns, clock, observer, metrics, tracing, ...(report && { report }) };
}

async function openTracing(
  { otelEndpoint, databaseUrl, redisUrl }: Config,
  serviceVersion: string,
  observer: Observer,
): Promise<Tracing> {
  if (otelEndpoint === undefined) {
    return NO_TRACING;
  }
  const onFault = (error: unknown) => observer.observe({ kind: "fault", what: "traces", error });
  const clients = [...(databaseUrl ? ["pg" as const] : []), ...(redisUrl ? ["ioredis" as const] : [])];
  return startTracing({ endpoint: otelEndpoint, serviceVersion, clients, onFault });
}
