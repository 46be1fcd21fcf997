import { join } from "node:path";
import { isVenueSymbol, symbolHint } from "../adapters/binance/venue/symbol.ts";
import type { VenueEvent } from "../adapters/binance/venue/venue-event.ts";
import { type ReplayEvent, type ReplayProgress, replay } from "../adapters/replay/replay.ts";
import { simulated } from "../adapters/simulated/simulated.ts";
import { cachedMarketData } from "../adapters/wrappers/cached-market-data.ts";
import type { Config } from "../config.ts";
import { invalid } from "../domain/errors.ts";
import { timeframeMs } from "../domain/timeframe.ts";
import type { Clock } from "../ports/clock.ts";
import type { MarketData } from "../ports/market-data.ts";
import type { VenueState } from "../telemetry/runtime-gauges.ts";

/** The bars that come with the project. */
const BUNDLED_BARS = join(import.meta.dirname, "..", "..", "data");
/** R24's default. */
const PRICE_MAX_AGE_MS = 60_000;

export interface OpenMarket {
  readonly market: MarketData;
  /** The universe. */
  readonly symbols: readonly string[];
  readonly priceMaxAgeMs: number;
  /** Where the feed is a venue with a weight limit: how it stands. */
  readonly venue?: () => VenueState;
  /** Where the feed is a replay: how far it is. */
  readonly replay?: () => ReplayProgress;
}

export interface MarketOptions {
  readonly clock: Clock;
  /** As configured. */
  readonly symbols: readonly string[] | undefined;
  /** Market time that a simulated exchange never goes back behind. */
  readonly notBefore: number;
  readonly observeVenue: (event: VenueEvent) => void;
  readonly observeReplay: (event: ReplayEvent) => void;
}

/**
 * Opens the market and makes it ready. The venue's client is loaded only where it is used: no other
 * start waits for it.
 */
export async function openMarket(config: Config, options: MarketOptions): Promise<OpenMarket> {
  const { clock, symbols = [], notBefore, observeVenue } = options;
  const priceMaxAgeMs = config.priceMaxAgeMs ?? PRICE_MAX_AGE_MS;
  switch (config.marketData) {
    case "simulated": {
      const startAt = Math.max(clock.now(), notBefore);
      const market = simulated({ seed: config.simulatedSeed, speed: config.simulatedSpeed, clock, startAt });
      await market.ready();
      return { market, symbols, priceMaxAgeMs };
    }
    case "replay":
      return openReplay(config, options);
    case "binance": {
      const { binanceRestUrl: restUrl, binanceWsUrl: wsUrl, marketDataCacheTtlMs: ttlMs } = config;
      const { binance } = await import("../adapters/binance/binance.ts");
      const venue = binance({ restUrl, wsUrl, clock, observe: observeVenue });
      const market = cachedMarketData(venue, { ttlMs, clock });
      await market.ready();
      return { market, symbols, priceMaxAgeMs, venue: () => venue.stats() };
    }
    default:
      return config.marketData satisfies never;
  }
}

/** All that is recorded is the universe, where none is configured. */
async function openReplay(config: Config, { clock, symbols, observeReplay }: MarketOptions): Promise<OpenMarket> {
  const market = replay({
    dir: config.replayDir ?? BUNDLED_BARS,
    speed: config.replaySpeed,
    clock,
    observe: observeReplay,
    ...(config.replayFrom !== undefined && { startAt: config.replayFrom }),
    ...(symbols && { symbols }),
  });
  await market.ready();
  const recordings = market.recordings();
  const universe = symbols ?? [...recordings.keys()];
  const chosen =
    universe.length === 0 ? [...recordings.values()] : universe.flatMap((one) => [recordings.get(one) ?? []]);
  // The price is as old as the last bar recorded; a bound below its length would refuse nearly
  // every call.
  const lengths = chosen.flat().map(({ timeframe }) => timeframeMs(timeframe) + 1);
  const priceMaxAgeMs = config.priceMaxAgeMs ?? Math.max(PRICE_MAX_AGE_MS, ...lengths);
  return { market, symbols: universe, priceMaxAgeMs, replay: () => market.progress() };
}

/**
 * The universe as it is configured; undefined where it is all that is recorded. Fails with
 * `invalid` where the venue cannot have a symbol of it.
 */
export function universeOf(config: Config): readonly string[] | undefined {
  if (config.marketData === "binance") {
    requireVenueSymbols(config.symbols ?? []);
  }
  return config.symbols;
}

/** A universe that is misspelt would be served for ever, and never decided on. */
function requireVenueSymbols(symbols: readonly string[]): void {
  const wrong = symbols.filter((symbol) => !isVenueSymbol(symbol));
  if (wrong.length > 0) {
    throw invalid(
      wrong.map((symbol) => ({
        field: "SYMBOLS",
        description: `has ${JSON.stringify(symbol)}, which Binance cannot have: ${symbolHint(symbol)}`,
      })),
    );
  }
}
