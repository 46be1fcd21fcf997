import type { VenueEvent } from "../adapters/binance/venue/venue-event.ts";
import type { Config } from "../config.ts";
import type { EngineStores } from "../engine/engine-options.ts";
import { thrownIn } from "../ports/observer.ts";
import type { Cleanups } from "../process/cleanups.ts";
import { keepMarketTime, keptMarketTime } from "../process/market-time-file.ts";
import type { Log } from "../telemetry/logger.ts";
import { venueLog } from "../telemetry/venue-log.ts";
import type { Instruments } from "./instruments.ts";
import { type OpenMarket, openMarket, universeOf } from "./market.ts";
import { replayLog } from "./replay-log.ts";

export interface KeptMarketOptions extends Pick<Instruments, "clock" | "observer" | "report"> {
  readonly config: Config;
  readonly log: Log;
  readonly cleanups: Cleanups;
}

/** The market, which is opened with the first engine and serves all that follow it. */
export class KeptMarket {
  readonly #options: KeptMarketOptions;
  #opened: OpenMarket | undefined;

  constructor(options: KeptMarketOptions) {
    this.#options = options;
  }

  /** Undefined until it is open. */
  get opened(): OpenMarket | undefined {
    return this.#opened;
  }

  /** The stores are ready: simulated time goes on behind the last decision. */
  async open(stores: EngineStores): Promise<OpenMarket> {
    this.#opened ??= await this.#open(stores);
    return this.#opened;
  }

  async close(): Promise<void> {
    await this.#opened?.market.close();
  }

  async #open(stores: EngineStores): Promise<OpenMarket> {
    const { config, clock, log, cleanups, report, observer } = this.#options;
    const notBefore = config.marketData === "simulated" ? await lastMarketTime(config, stores) : 0;
    const logVenue = venueLog(log("market"));
    const observeVenue = (event: VenueEvent) =>
      event.kind === "thrown" ? thrownIn(observer, "listener")(event.error) : logVenue(event);
    const observeReplay = replayLog(log("market"), config, clock, (progress) => report?.over(progress));
    const symbols = universeOf(config);
    const opened = await openMarket(config, { clock, symbols, notBefore, observeVenue, observeReplay });
    if (config.marketData === "simulated" && isEmbedded(config)) {
      cleanups.add(keepMarketTime(config.dataDir, opened.market, clock));
    }
    return opened;
  }
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
