import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sqlJournal } from "./adapters/postgres/journal.ts";
import { openPglite } from "./adapters/postgres/pglite.ts";
import { sqlPolicy } from "./adapters/postgres/policy.ts";
import { sqlPositions } from "./adapters/postgres/positions.ts";
import { sqlStrategies } from "./adapters/postgres/strategies.ts";
import { replay } from "./adapters/replay/replay.ts";
import { simulated } from "./adapters/simulated/simulated.ts";
import type { Config } from "./config.ts";
import { isTimeframe, type Timeframe, timeframeMs } from "./domain/timeframe.ts";
import { type EngineStores, type RunningEngine, startEngine } from "./engine/engine.ts";
import type { Clock } from "./ports/clock.ts";
import type { MarketData } from "./ports/market-data.ts";
import type { Observer } from "./ports/observer.ts";
import { Cleanups } from "./process/cleanups.ts";
import { loadEvaluators } from "./process/load-evaluators.ts";
import { keepMarketTime, keptMarketTime } from "./process/market-time-file.ts";
import { systemClock } from "./process/system-clock.ts";
import type { CarrierLog } from "./rpc/carrier-log.ts";
import { contractServices } from "./rpc/contract.ts";
import { type GrpcServer, startGrpcServer } from "./rpc/grpc-server.ts";
import { logObserver } from "./telemetry/log-observer.ts";
import type { Log } from "./telemetry/logger.ts";

/** The bars that come with the project. */
const BUNDLED_BARS = join(import.meta.dirname, "..", "data");

/** R24's default. */
const PRICE_MAX_AGE_MS = 60_000;

export interface App {
  readonly engine: RunningEngine;
  readonly server: GrpcServer;
  readonly market: MarketData;
  readonly symbols: readonly string[];
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

/** Puts the service together and starts it. Fails with what is wrong and nothing left open. */
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
  const clock = options.clock ?? systemClock;
  const stores = await openStores(config, cleanups);
  const symbols = config.symbols ?? symbolsIn(config.replayDir ?? BUNDLED_BARS);
  const market = openMarket(config, clock, symbols, await lastMarketTime(config, stores));
  cleanups.add(() => market.close());
  await market.ready();
  if (config.marketData === "simulated" && config.dataDir !== "memory") {
    cleanups.add(keepMarketTime(config.dataDir, market, clock));
  }
  const engine = await startEngine({
    ...config,
    priceMaxAgeMs: config.priceMaxAgeMs ?? defaultPriceAge(config, symbols),
    symbols,
    stores,
    market,
    clock,
    observer: fanOut([logObserver(log("engine")), ...(options.observers ?? [])]),
    evaluators: await loadEvaluators(config.evaluators),
  });
  cleanups.add(() => engine.close());
  const server = await startGrpcServer({
    address: `${config.grpcAddress.host}:${config.grpcAddress.port}`,
    services: contractServices(engine, {
      version: version(),
      adapters: {
        strategies: "pglite",
        policy: "pglite",
        journal: "pglite",
        positions: "pglite",
        market_data: market.source,
        data_dir: config.dataDir,
      },
    }),
    ready: () => canServe(engine),
    log: carrierLog(log("rpc")),
    maxStreams: config.maxStreams,
  });
  let closing: Promise<void> | undefined;
  return {
    engine,
    server,
    market,
    symbols,
    close(graceMs) {
      closing ??= server.drain(graceMs).then(() => cleanups.run());
      return closing;
    },
  };
}

async function openStores(config: Config, cleanups: Cleanups): Promise<EngineStores> {
  const db = await openPglite({ dataDir: config.dataDir });
  cleanups.add(() => db.close());
  const stores = {
    strategies: sqlStrategies(db),
    policy: sqlPolicy(db),
    journal: sqlJournal(db),
    positions: sqlPositions(db),
  };
  for (const store of Object.values(stores)) {
    cleanups.add(() => store.close());
    await store.ready();
  }
  return stores;
}

/**
 * Simulated time runs ahead of the wall's. After a restart on kept data it goes on where it was, or bars would be lived through, and decided on,
 * a second time, and callers would see time go back.
 */
async function lastMarketTime(config: Config, { journal }: EngineStores): Promise<number> {
  const [last] = await journal.read({ after: (await journal.lastSequence()) - 1, includeShadow: true, limit: 1 });
  return Math.max(last?.timestamp ?? 0, config.dataDir === "memory" ? 0 : keptMarketTime(config.dataDir));
}

function openMarket(config: Config, clock: Clock, symbols: readonly string[], notBefore: number): MarketData {
  switch (config.marketData) {
    case "simulated": {
      const startAt = Math.max(clock.now(), notBefore);
      return simulated({ seed: config.simulatedSeed, speed: config.simulatedSpeed, clock, startAt });
    }
    case "replay":
      return replay({ dir: config.replayDir ?? BUNDLED_BARS, speed: config.replaySpeed, clock, symbols });
    default:
      return config.marketData satisfies never;
  }
}

/** Symbol and timeframe of the files in a folder of bars. */
function recordings(directory: string): readonly { readonly symbol: string; readonly timeframe: string }[] {
  const names = readdirSync(directory).filter((name) => name.endsWith(".csv"));
  return names.map((name) => {
    const dash = name.lastIndexOf("-");
    return { symbol: name.slice(0, dash), timeframe: name.slice(dash + 1, -".csv".length) };
  });
}

/** The symbols that a folder of bars has. */
function symbolsIn(directory: string): readonly string[] {
  return [...new Set(recordings(directory).map(({ symbol }) => symbol))].sort();
}

/** A replay's price is as old as its last recorded bar; a bound below its length would refuse nearly every call. */
function defaultPriceAge({ marketData, replayDir }: Config, symbols: readonly string[]): number {
  if (marketData !== "replay") {
    return PRICE_MAX_AGE_MS;
  }
  const lengths = recordings(replayDir ?? BUNDLED_BARS)
    .filter(({ symbol, timeframe }) => symbols.includes(symbol) && isTimeframe(timeframe))
    .map(({ timeframe }) => timeframeMs(timeframe as Timeframe) + 1);
  return Math.max(PRICE_MAX_AGE_MS, ...lengths);
}

/** A halt is an order, not a fault: the service serves, and decides nothing. */
function canServe(engine: RunningEngine): boolean {
  const { ready, whyNot, policy } = engine.runtime.status();
  return ready || (whyNot.length === 1 && policy?.halted === true);
}

function carrierLog(logger: ReturnType<Log>): CarrierLog {
  return (event) => {
    const { kind, method, peer } = event;
    if (kind === "evicted") {
      logger.warn(
        { method, peer },
        `${method}: closed the connection of ${peer}, whose reader took nothing for ${event.stalledMs} ms`,
      );
    } else {
      logger.error(
        { method, peer, err: event.error, cause: event.error.cause },
        `${method} failed: ${event.error.message}`,
      );
    }
  };
}

function fanOut(observers: readonly Observer[]): Observer {
  return {
    wantsSuppressions: observers.some((observer) => observer.wantsSuppressions),
    observe(event) {
      for (const observer of observers) {
        observer.observe(event);
      }
    },
  };
}
