import { guarded } from "../../domain/guarded.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MarketData } from "../../ports/market-data.ts";
import { type Observer, thrownIn } from "../../ports/observer.ts";
import type { LongWorks } from "../concurrency/long-work.ts";
import type { RequiredSeries } from "../rules/conditions/required-series.ts";
import { MarketAccess } from "./market-access.ts";
import { type MarketListener, MarketView } from "./market-view.ts";
import { Universe } from "./universe.ts";

export interface MarketSeriesOptions {
  readonly market: MarketData;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Among which what calls need is computed. */
  readonly longWorks: LongWorks;
  readonly symbols: readonly string[];
  /** Symbols beyond `symbols` that streams may have judged, all together. */
  readonly maxExtraSymbols: number;
  /** R7. */
  readonly barGraceMs: number;
  /** R24. */
  readonly priceMaxAgeMs: number;
  /** Read of each symbol by the strategies in force. */
  readonly required: () => RequiredSeries;
  readonly listener: MarketListener;
}

/** The market: which symbols, their series kept current from a feed, and how calls get at both. */
export interface MarketSeries {
  readonly universe: Universe;
  readonly view: MarketView;
  readonly access: MarketAccess;
}

/** The parts; no feed is followed until the view is started. */
export function openMarketSeries(options: MarketSeriesOptions): MarketSeries {
  const { symbols, maxExtraSymbols, required, listener, observer } = options;
  const onThrown = thrownIn(observer, "feed");
  const view = new MarketView(options, listener);
  const universe: Universe = new Universe(symbols, maxExtraSymbols, () =>
    guarded(() => view.track(universe.symbols, required()), onThrown),
  );
  return { universe, view, access: new MarketAccess({ ...options, view }) };
}
