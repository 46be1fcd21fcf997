import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { VenueEvent } from "./adapters/binance/venue/venue-event.ts";
import { measuredJournal } from "./adapters/wrappers/measured-journal.ts";
import { type Carriers, canServe, startCarriers } from "./assembly/carriers.ts";
import { EngineInWaiting } from "./assembly/engine-in-waiting.ts";
import { type OpenMarket, openMarket, universeOf } from "./assembly/market.ts";
import { replayLog } from "./assembly/replay-log.ts";
import { adapterNames, openStores, readyStores } from "./assembly/stores.ts";
import { isLoopback } from "./config/setting.ts";
import type { Config } from "./config.ts";
import type { RuntimeError } from "./domain/errors.ts";
import type { Engine } from "./engine/api.ts";
import { LongWorks } from "./engine/concurrency/long-work.ts";
import { type RunningEngine, startEngine } from "./engine/engine.ts";
import type { EngineStores } from "./engine/engine-options.ts";
import type { Clock } from "./ports/clock.ts";
import type { OnReading } from "./ports/engine-state.ts";
import type { MarketData } from "./ports/market-data.ts";
import { type Observer, thrownIn } from "./ports/observer.ts";
import { Cleanups } from "./process/cleanups.ts";
import { guardedClock } from "./process/guarded-clock.ts";
import { loadEvaluators } from "./process/load-evaluators.ts";
import { watchLoading } from "./process/load-progress.ts";
import { keepMarketTime, keptMarketTime } from "./process/market-time-file.ts";
import { ReplayReport } from "./process/replay-report.ts";
import { systemClock } from "./process/system-clock.ts";
import { watchDelays } from "./process/watch-delays.ts";
import { Turns } from "./rpc/budgets/turns.ts";
import type { GrpcServer } from "./rpc/grpc/grpc-server.ts";
import type { WebServer } from "./rpc/web/web-server.ts";
import { fanOut } from "./telemetry/fan-out.ts";
import { logObserver } from "./telemetry/log-observer.ts";
import type { Log } from "./telemetry/logger.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { metricsObserver } from "./telemetry/metrics-observer.ts";
import { watchProcess } from "./telemetry/process-gauges.ts";
import { watchRuntime } from "./telemetry/runtime-gauges.ts";
import { NO_TRACING, startTracing, type Tracing } from "./telemetry/tracing.ts";
import { venueLog } from "./telemetry/venue-log.ts";

export interface App {
  readonly engine: Engine;
  readonly server: GrpcServer;
  /** Absent where it is switched off. */
  readonly web?: WebServer;
  /** Absent where no address is set for them. */
  readonly probes?: WebServer;
  /** Absent until the stores are there. */
  readonly market: MarketData | undefined;
  /** The universe; empty until the files of a replay are read, where none is configured. */
  readonly symbols: readonly string[];
  readonly adapters: Readonly<Record<string, string>>;
  /** Of the current span, for lines of the log. */
  readonly traceIds: () => object | undefined;
  /** Reads files of tokens and certificates again. Never rejects. */
  renew(): Promise<void>;
  /** Streams end with their last token, calls finish within the grace, stores close. Idempotent. */
  close(graceMs: number): Promise<void>;
}

/** Whatever else is to hear of what happens, such as a test or the demo. */
export interface AppOptions {
  readonly clock?: Clock;
  readonly observers?: readonly Observer[];
}

/** The version in package.json. */
export function version(): string {
  const path = join(import.meta.dirname, "..", "package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

/**
 * Puts the service together and starts it. Fails with what is wrong and nothing left open; a store
 * on a server that is down is waited for.
 */
export async function startApp(config: Config, log: Log, options: AppOptions = {}): Promise<App> {
  const cleanups = new Cleanups();
  try {
    return await start(config, log, options, cleanups);
  } catch (error) {
    await cleanups.run().catch(() => undefined);
    throw error;
  }
}

async function start(config: Config, log: Log, options: AppOptions, cleanups: Cleanups): Promise<App> {
  const turns = new Turns();
  const logging = logObserver(log("engine"));
  cleanups.add(() => logging.flush());
  const metrics = createMetrics({
    version: version(),
    dataSource: config.marketData,
    warn: (message) => log("metrics").warn(message),
    onThrown: thrownIn(logging, "scrape"),
  });
  const onTimer = (error: unknown) => observer.observe({ kind: "thrown", where: "timer", error });
  const clock = turns.clock(guardedClock(options.clock ?? systemClock, onTimer));
  const reports = config.marketData === "replay" ? [replayReport(clock, log, () => feed)] : [];
  cleanups.add(() => reports[0]?.stop());
  const observer: Observer = fanOut([logging, metricsObserver(metrics), ...reports, ...(options.observers ?? [])]);
  const tracing = await openTracing(config, observer);
  cleanups.add(() => tracing.close());
  cleanups.add(watchProcess(metrics));
  const symbols = universeOf(config);
  const longWorks = new LongWorks(clock);
  const evaluators = await loadEvaluators(config.evaluators);
  const address = () => addressForOthers(config, carriers?.server.address);
  const onLost = (error: RuntimeError) => waiting.restart(error);
  const { stores, lease } = await openStores(config, {
    clock,
    address,
    onLost,
    cleanups,
    onThrown: thrownIn(observer, "listener"),
  });
  let feed: OpenMarket | undefined;
  let carriers: Carriers | undefined;
  cleanups.add(() => feed?.market.close());
  const waiting: EngineInWaiting<RunningEngine> = new EngineInWaiting<RunningEngine>({
    clock,
    onFault: (error) => observer.observe({ kind: "fault", what: "start", error }),
    onWaiting: (why) => log("main").info(why),
    standing: () => ({ status: lease.status(), fault: lease.fault() }),
    async turn() {
      await readyStores(stores);
      return await lease.take();
    },
    async start(unwritten) {
      feed ??= await openFeed(config, stores, { clock, symbols, log, cleanups, report: reports[0], observer });
      return await startEngine({
        ...config,
        priceMaxAgeMs: feed.priceMaxAgeMs,
        symbols: feed.symbols,
        stores: { ...stores, journal: measuredJournal(stores.journal, observer, clock) },
        market: feed.market,
        clock,
        longWorks,
        observer,
        evaluators,
        tracer: tracing.tracer,
        onReading: sayReading(clock, waiting, log),
        onOutdated: (error) => waiting.restart(error),
        unwritten,
      });
    },
  });
  cleanups.add(() => waiting.close());
  const adapters = adapterNames(config);
  const parts = { engine: waiting, config, log, metrics, tracing, version: version(), adapters };
  const serving = await startCarriers({ ...parts, turns, longWorks, now: () => clock.now() });
  carriers = serving;
  // Whoever asks hears that it starts, and how far it is; with a million decisions that takes its
  // time.
  await waiting.start().catch(async (error: unknown) => {
    await serving.drain(0);
    throw error;
  });
  cleanups.add(watchLoading({ clock, status: waiting.runtime.status, say: (...line) => log("market").info(...line) }));
  const delays = () => feed?.market.delays?.() ?? [];
  cleanups.add(
    watchDelays({
      clock,
      delays,
      warn: (...line) => log("market").warn(...line),
      info: (...line) => log("market").info(...line),
    }),
  );
  watchRuntime(metrics, () => ({
    ready: canServe(waiting),
    status: waiting.runtime.status(),
    wallTime: clock.now(),
    marketTime: feed?.market.now() ?? clock.now(),
    delays: delays(),
    ...(feed?.venue && { venue: feed.venue() }),
  }));
  let closing: Promise<void> | undefined;
  return {
    engine: waiting,
    server: serving.server,
    ...(serving.web && { web: serving.web }),
    ...(serving.probes && { probes: serving.probes }),
    get market() {
      return feed?.market;
    },
    get symbols() {
      return feed?.symbols ?? symbols ?? [];
    },
    adapters,
    traceIds: tracing.traceIds,
    renew: () => serving.renew(),
    close(graceMs) {
      closing ??= serving.drain(graceMs).then(() => cleanups.run());
      return closing;
    },
  };
}

function replayReport(clock: Clock, log: Log, feed: () => OpenMarket | undefined): ReplayReport {
  const say = (fields: object, text: string) => log("market").info(fields, text);
  return new ReplayReport({ clock, standing: () => feed()?.replay?.(), say });
}

/** Wall time between two lines about a start that takes long. */
const SAY_EVERY_MS = 5_000;

/** Says how far a start is: to whoever asks at once, and in the log now and then. */
function sayReading(clock: Clock, waiting: EngineInWaiting<RunningEngine>, log: Log): OnReading {
  let saidAt = clock.monotonic();
  return (read, most) => {
    const text = `starting: ${counted(read)} of at most ${counted(most)} decisions read`;
    waiting.progress(text);
    if (clock.monotonic() - saidAt >= SAY_EVERY_MS) {
      saidAt = clock.monotonic();
      log("main").info({ read, most }, text);
    }
  };
}

/** 1,000,000 */
function counted(count: number): string {
  return count.toLocaleString("en-US");
}

/** Where callers of a service that waits for the lease are sent. */
function addressForOthers({ advertisedAddress, grpcAddress }: Config, served: string | undefined): string {
  if (advertisedAddress !== undefined) {
    return advertisedAddress;
  }
  const port = served?.split(":").at(-1) ?? grpcAddress.port;
  return `${isLoopback(grpcAddress) ? grpcAddress.host : hostname()}:${port}`;
}

interface FeedContext {
  readonly clock: Clock;
  readonly symbols: readonly string[] | undefined;
  readonly log: Log;
  readonly cleanups: Cleanups;
  readonly report: ReplayReport | undefined;
  readonly observer: Observer;
}

async function openFeed(config: Config, stores: EngineStores, context: FeedContext): Promise<OpenMarket> {
  const { clock, symbols, log, cleanups, report, observer } = context;
  const notBefore = config.marketData === "simulated" ? await lastMarketTime(config, stores) : 0;
  const logVenue = venueLog(log("market"));
  const observeVenue = (event: VenueEvent) =>
    event.kind === "thrown" ? thrownIn(observer, "listener")(event.error) : logVenue(event);
  const observeReplay = replayLog(log("market"), config, clock, (progress) => report?.over(progress));
  const feed = await openMarket(config, { clock, symbols, notBefore, observeVenue, observeReplay });
  if (config.marketData === "simulated" && isEmbedded(config)) {
    cleanups.add(keepMarketTime(config.dataDir, feed.market, clock));
  }
  return feed;
}

/**
 * Simulated time runs ahead of the wall's. After a restart on kept data it goes on where it was, or
 * bars would be lived through, and decided on, a second time, and callers would see time go back.
 */
async function lastMarketTime(config: Config, { journal }: EngineStores): Promise<number> {
  const [last] = await journal.read({ after: (await journal.lastSequence()) - 1, includeShadow: true, limit: 1 });
  return Math.max(last?.timestamp ?? 0, isEmbedded(config) ? keptMarketTime(config.dataDir) : 0);
}

/** Whether there is a data folder. */
function isEmbedded({ databaseUrl, dataDir }: Config): boolean {
  return databaseUrl === undefined && dataDir !== "memory";
}

async function openTracing({ otelEndpoint, databaseUrl, redisUrl }: Config, observer: Observer): Promise<Tracing> {
  if (otelEndpoint === undefined) {
    return NO_TRACING;
  }
  const onFault = (error: unknown) => observer.observe({ kind: "fault", what: "traces", error });
  const clients = [...(databaseUrl ? ["pg" as const] : []), ...(redisUrl ? ["ioredis" as const] : [])];
  return startTracing({ endpoint: otelEndpoint, serviceVersion: version(), clients, onFault });
}
