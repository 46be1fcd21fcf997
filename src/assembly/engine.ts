import { hostname } from "node:os";
import { measuredJournal } from "../adapters/wrappers/measured-journal.ts";
import { isLoopback } from "../config/setting.ts";
import type { Config } from "../config.ts";
import type { RuntimeError } from "../domain/errors.ts";
import type { LongWorks } from "../engine/concurrency/long-work.ts";
import { type RunningEngine, startEngine } from "../engine/engine.ts";
import type { Clock } from "../ports/clock.ts";
import type { OnReading } from "../ports/engine-state.ts";
import { thrownIn } from "../ports/observer.ts";
import type { Cleanups } from "../process/cleanups.ts";
import { loadEvaluators } from "../process/load-evaluators.ts";
import type { Log } from "../telemetry/logger.ts";
import { EngineInWaiting } from "./engine-in-waiting.ts";
import type { Instruments } from "./instruments.ts";
import type { KeptMarket } from "./kept-market.ts";
import { openStores, readyStores } from "./stores.ts";

export interface OpenEngineOptions {
  readonly config: Config;
  readonly log: Log;
  readonly cleanups: Cleanups;
  readonly instruments: Instruments;
  readonly market: KeptMarket;
  readonly longWorks: LongWorks;
  /** Where this process serves gRPC; undefined until it does. */
  readonly served: () => string | undefined;
}

/** Opens the stores that the settings name, and puts an engine over them and the market. */
export async function openEngine(options: OpenEngineOptions): Promise<EngineInWaiting<RunningEngine>> {
  const { config, log, cleanups, instruments, market, longWorks } = options;
  const { clock, observer, tracing } = instruments;
  const evaluators = await loadEvaluators(config.evaluators);
  const { stores, lease } = await openStores(config, {
    clock,
    address: () => addressForOthers(config, options.served()),
    onLost: (error: RuntimeError) => waiting.restart(error),
    cleanups,
    onThrown: thrownIn(observer, "listener"),
  });
  cleanups.add(() => market.close());
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
      const { symbols, priceMaxAgeMs, market: data } = await market.open(stores);
      return await startEngine({
        ...config,
        priceMaxAgeMs,
        symbols,
        stores: { ...stores, journal: measuredJournal(stores.journal, observer, clock) },
        market: data,
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
  return waiting;
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
