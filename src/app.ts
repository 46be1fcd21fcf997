import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Carriers, canServe, startCarriers } from "./assembly/carriers.ts";
import { openEngine } from "./assembly/engine.ts";
import { type Instruments, openInstruments } from "./assembly/instruments.ts";
import { KeptMarket } from "./assembly/kept-market.ts";
import { universeOf } from "./assembly/market.ts";
import { adapterNames } from "./assembly/stores.ts";
import type { Config } from "./config.ts";
import type { Engine } from "./engine/api.ts";
import { LongWorks } from "./engine/concurrency/long-work.ts";
import type { Clock } from "./ports/clock.ts";
import type { MarketData } from "./ports/market-data.ts";
import type { Observer } from "./ports/observer.ts";
import { Cleanups } from "./process/cleanups.ts";
import { watchLoading } from "./process/load-progress.ts";
import { watchDelays } from "./process/watch-delays.ts";
import type { GrpcServer } from "./rpc/grpc/grpc-server.ts";
import type { WebServer } from "./rpc/web/web-server.ts";
import type { Log } from "./telemetry/logger.ts";
import { watchRuntime } from "./telemetry/runtime-gauges.ts";

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
  const replay = () => market.opened?.replay?.();
  const instruments = await openInstruments({ ...options, config, log, version: version(), cleanups, replay });
  const { clock, metrics, tracing, turns } = instruments;
  const market = new KeptMarket({ ...instruments, config, log, cleanups });
  const longWorks = new LongWorks(clock);
  let carriers: Carriers | undefined;
  const served = () => carriers?.server.address;
  const engine = await openEngine({ config, log, cleanups, instruments, market, longWorks, served });
  const adapters = adapterNames(config);
  const parts = { engine, config, log, metrics, tracing, version: version(), adapters };
  const serving = await startCarriers({ ...parts, turns, longWorks, now: () => clock.now() });
  carriers = serving;
  // Whoever asks hears that it starts, and how far it is; with a million decisions that takes its
  // time.
  await engine.start().catch(async (error: unknown) => {
    await serving.drain(0);
    throw error;
  });
  watch(engine, { instruments, market, log, cleanups });
  let closing: Promise<void> | undefined;
  return {
    engine,
    server: serving.server,
    ...(serving.web && { web: serving.web }),
    ...(serving.probes && { probes: serving.probes }),
    get market() {
      return market.opened?.market;
    },
    get symbols() {
      return market.opened?.symbols ?? universeOf(config) ?? [];
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

interface Watched {
  readonly instruments: Instruments;
  readonly market: KeptMarket;
  readonly log: Log;
  readonly cleanups: Cleanups;
}

/** Tells the log and the metrics how loading, the feed and the engine do. */
function watch(engine: Engine, { instruments, market, log, cleanups }: Watched): void {
  const { clock, metrics } = instruments;
  const warn = (fields: object, text: string) => log("market").warn(fields, text);
  const info = (fields: object, text: string) => log("market").info(fields, text);
  cleanups.add(watchLoading({ clock, status: engine.runtime.status, say: info }));
  const delays = () => market.opened?.market.delays?.() ?? [];
  cleanups.add(watchDelays({ clock, delays, warn, info }));
  watchRuntime(metrics, () => ({
    ready: canServe(engine),
    status: engine.runtime.status(),
    wallTime: clock.now(),
    marketTime: market.opened?.market.now() ?? clock.now(),
    delays: delays(),
    ...(market.opened?.venue && { venue: market.opened.venue() }),
  }));
}
