import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isVenueSymbol, symbolHint } from "../adapters/binance/symbol.ts";
import type { VenueEvent } from "../adapters/binance/venue-event.ts";
import { recordingNamed } from "../adapters/replay/library.ts";
import { replay } from "../adapters/replay/replay.ts";
import { simulated } from "../adapters/simulated/simulated.ts";
import { cachedMarketData } from "../adapters/wrappers/cached-market-data.ts";
import type { Config } from "../config.ts";
import { invalid } from "../domain/errors.ts";
import { isTimeframe, timeframeMs } from "../domain/timeframe.ts";
import type { Clock } from "../ports/clock.ts";
import type { MarketData } from "../ports/market-data.ts";

/** The bars that come with the project. */
const BUNDLED_BARS = join(import.meta.dirname, "..", "..", "data");
/** R24's default. */
const PRICE_MAX_AGE_MS = 60_000;

export interface OpenMarket {
  readonly market: MarketData;
  /** Where the feed is a venue with a weight limit: how it stands. */
  readonly venue?: () => { readonly usedWeight: number; readonly requestsWaiting: number; readonly breaks: number };
}

export interface MarketOptions {
  readonly clock: Clock;
  readonly symbols: readonly string[];
  /** Market time that a simulated exchange never goes back behind. */
  readonly notBefore: number;
  readonly observeVenue: (event: VenueEvent) => void;
}

/** The venue's client is loaded only where it is used: no other start waits for it. */
export async function openMarket(config: Config, options: MarketOptions): Promise<OpenMarket> {
  const { clock, symbols, notBefore, observeVenue } = options;
  switch (config.marketData) {
    case "simulated": {
      const startAt = Math.max(clock.now(), notBefore);
      return { market: simulated({ seed: config.simulatedSeed, speed: config.simulatedSpeed, clock, startAt }) };
    }
    case "replay":
      return { market: replay({ dir: directoryOf(config), speed: config.replaySpeed, clock, symbols }) };
    case "binance": {
      const { binanceRestUrl: restUrl, binanceWsUrl: wsUrl, marketDataCacheTtlMs: ttlMs } = config;
      const { binance } = await import("../adapters/binance/binance.ts");
      const venue = binance({ restUrl, wsUrl, clock, observe: observeVenue });
      return { market: cachedMarketData(venue, { ttlMs, clock }), venue: () => venue.stats() };
    }
    default:
      return config.marketData satisfies never;
  }
}

/** The universe: as configured, else all that is recorded. Fails with `invalid` where the venue cannot have a symbol of it. */
export function universeOf(config: Config): readonly string[] {
  if (config.marketData === "binance") {
    requireVenueSymbols(config.symbols ?? []);
  }
  return config.symbols ?? [...new Set(recordings(directoryOf(config)).map(({ symbol }) => symbol))].sort();
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

/** A replay's price is as old as its last recorded bar; a bound below its length would refuse nearly every call. */
export function priceMaxAge(config: Config, symbols: readonly string[]): number {
  if (config.priceMaxAgeMs !== undefined) {
    return config.priceMaxAgeMs;
  }
  const recorded = config.marketData === "replay" ? recordings(directoryOf(config)) : [];
  const lengths = recorded
    .filter(({ symbol }) => symbols.length === 0 || symbols.includes(symbol))
    .map(({ timeframe }) => timeframe)
    .filter(isTimeframe)
    .map((timeframe) => timeframeMs(timeframe) + 1);
  return Math.max(PRICE_MAX_AGE_MS, ...lengths);
}

function directoryOf({ replayDir }: Config): string {
  return replayDir ?? BUNDLED_BARS;
}

/** Symbol and timeframe of the files in a folder of bars. */
function recordings(directory: string): readonly { readonly symbol: string; readonly timeframe: string }[] {
  const names = readdirSync(directory).filter((name) => name.endsWith(".csv"));
  return names.map(recordingNamed);
}
