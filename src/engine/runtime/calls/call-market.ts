import { lastClose, type Timeframe } from "../../../domain/timeframe.ts";
import { forEachBounded } from "../../concurrency/for-each-bounded.ts";
import type { Pace } from "../../concurrency/pace.ts";
import { Serial } from "../../concurrency/serial.ts";
import type { CallReading, MarketAccess, PriceAnswer } from "../../market/market-access.ts";
import { expired } from "../../rules/conditions/expiry.ts";
import type { RequiredSeries } from "../../rules/conditions/required-series.ts";
import type { Cohort } from "../../strategies/cohorts.ts";

const SYMBOLS_AT_ONCE = 16;
/** How often the market is asked again where a bar closed while it was being asked. */
const ATTEMPTS = 3;

/** What is known of one symbol at the moment of judging. */
export interface SymbolMarket {
  readonly symbol: string;
  readonly reading: CallReading;
  readonly price: PriceAnswer;
}

/** All that a one-shot call judges by, as of `now`. */
export interface CallMarket {
  readonly now: number;
  readonly markets: readonly SymbolMarket[];
}

/**
 * Asks the market for all symbols, again where a bar closed meanwhile: what is judged is the newest
 * close at `now`. Where the market answers from memory, nothing else would get a turn until the
 * last of thousands, were it not for the pace.
 */
export async function gatherMarket(
  access: Pick<MarketAccess, "now" | "reading" | "price">,
  symbols: readonly string[],
  required: RequiredSeries,
  pace: Pace,
): Promise<CallMarket> {
  pace.begin();
  // One after the other, so that those who have rested do not all go on in one slice.
  const turns = new Serial();
  const restIfLate = () => turns.run(() => (pace.isLate() ? pace.rest() : Promise.resolve()));
  let markets = new Map<string, SymbolMarket>();
  let reached = access.now();
  for (let attempt = 1; ; attempt++) {
    const time = reached;
    markets = new Map();
    const readings = new Map<string, CallReading>();
    await forEachBounded(symbols, SYMBOLS_AT_ONCE, async (symbol) => {
      readings.set(symbol, await access.reading(symbol, required, time));
      await restIfLate();
    });
    // Prices are asked for once no bar is waited for any more, so that they are young when they are
    // used (R24).
    await forEachBounded([...readings], SYMBOLS_AT_ONCE, async ([symbol, reading]) => {
      markets.set(symbol, { symbol, reading, price: await access.price(symbol) });
      await restIfLate();
    });
    const now = access.now();
    const isCurrent = [...required.keys()].every(
      (timeframe) => lastClose(now, timeframe) === lastClose(time, timeframe),
    );
    if (isCurrent || attempt === ATTEMPTS) {
      return { now, markets: symbols.flatMap((symbol) => markets.get(symbol) ?? []) };
    }
    reached = now;
  }
}

/** Whether a market asked for `had` has all that is required. */
export function covers(had: RequiredSeries, required: RequiredSeries): boolean {
  return [...required].every(([timeframe, { indicators, requiredBars }]) => {
    const there = had.get(timeframe);
    const names = new Set(there?.indicators.map(({ name }) => name));
    return there !== undefined && there.requiredBars >= requiredBars && indicators.every(({ name }) => names.has(name));
  });
}

/** R7: why a cohort cannot be judged on a symbol, where it cannot. */
export function unavailableFor(cohort: Cohort, market: SymbolMarket, now: number): string | undefined {
  const close = lastClose(now, cohort.timeframe);
  for (const timeframe of cohort.reads) {
    const missing = missingSeries(market, timeframe, lastClose(close, timeframe));
    if (missing !== undefined) {
      return missing;
    }
  }
  return "unavailable" in market.price ? market.price.unavailable : expired(close, cohort.timeframe, now);
}

function missingSeries({ symbol, reading }: SymbolMarket, timeframe: Timeframe, close: number): string | undefined {
  if (reading.seriesAt(timeframe, close) !== undefined) {
    return undefined;
  }
  return reading.fault(timeframe) ?? `the ${timeframe} bars of ${symbol} changed while they were read; try again`;
}
