import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import type { Clock } from "../src/ports/clock.ts";
import type { MarketData } from "../src/ports/market-data.ts";
import { systemClock } from "../src/process/system-clock.ts";
import { createLog } from "../src/telemetry/logger.ts";

const CLOSE_GRACE_MS = 2_000;

/** The real service, running in this process. */
export interface Service {
  /** Where it serves gRPC: 127.0.0.1 and a free port. */
  readonly address: string;
  /** The feed it reads: the venue, for an executor of the example. */
  readonly market: MarketData;
  close(): Promise<void>;
}

/**
 * Starts the service with nothing kept and nothing taken from the environment. Warnings go to
 * standard error. `settings` are those of docs/settings.md.
 */
export async function startService(settings: Readonly<Record<string, string>> = {}, clock?: Clock): Promise<Service> {
  const config = readConfig({
    GRPC_ADDRESS: "127.0.0.1:0",
    WEB_ADDRESS: "off",
    DATA_DIR: "memory",
    LOG_LEVEL: "warn",
    ...settings,
  });
  const destination = { write: (line: string) => void process.stderr.write(line) };
  const log = createLog({ levels: config.logLevels, format: config.logFormat, destination });
  const app = await startApp(config, log, clock && { clock });
  if (app.market === undefined) {
    throw new Error("the embedded stores are ready at once, and so is the feed");
  }
  return { address: app.server.address, market: app.market, close: () => app.close(CLOSE_GRACE_MS) };
}

/**
 * The simulated exchange at a moment that does not pass: equal prices, and so equal decisions, on
 * every run.
 */
export async function startStillService(at: Date, symbols: readonly string[]): Promise<Service> {
  const clock: Clock = { ...systemClock, now: () => at.getTime() };
  return startService({ SIMULATED_SPEED: "0.001", SYMBOLS: symbols.join(",") }, clock);
}
