import { guarded } from "../../domain/guarded.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MarketData } from "../../ports/market-data.ts";
import { type Observer, thrownIn } from "../../ports/observer.ts";
import type { LongWorks } from "../concurrency/long-work.ts";
import { type RequiredSeries, requiredByBoth } from "../rules/conditions/required-series.ts";
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
  /** Symbols whose bars are needed besides, by timeframe; absent: none. */
  readonly held?: () => ReadonlyMap<Timeframe, ReadonlySet<string>>;
  /** What is read of them besides. */
  readonly heldRequired?: () => RequiredSeries;
}

/** The market: which symbols, their series kept current from a feed, and how calls get at both. */
export interface MarketSeries {
  readonly universe: Universe;
  readonly view: MarketView;
  readonly access: MarketAccess;
  /** Tracks what is read and held now; resolves as `view.track` does. */
  track(required?: RequiredSeries): Promise<void>;
}

const NOTHING_HELD: ReadonlyMap<Timeframe, ReadonlySet<string>> = new Map();
/** Bars kept of a timeframe that positions alone read. */
const HELD_BARS = 500;

function symbolsWith(
  universe: ReadonlySet<string>,
  held: ReadonlyMap<Timeframe, ReadonlySet<string>>,
): ReadonlySet<string> {
  const all = held.values().toArray();
  return all.every((symbols) => symbols.isSubsetOf(universe))
    ? universe
    : new Set([...universe, ...all.flatMap((symbols) => [...symbols])]);
}

function requiredWith(
  read: RequiredSeries,
  held: ReadonlyMap<Timeframe, ReadonlySet<string>>,
  heldRequired: RequiredSeries,
): RequiredSeries {
  const others = held.keys().filter((timeframe) => !read.has(timeframe));
  const bars = { indicators: [], requiredBars: HELD_BARS };
  const withBars = requiredByBoth(read, new Map(others.map((timeframe) => [timeframe, bars])));
  return requiredByBoth(withBars, heldRequired);
}

/** The parts; no feed is followed until the view is started. */
export function openMarketSeries(options: MarketSeriesOptions): MarketSeries {
  const { symbols, maxExtraSymbols, required, listener, observer } = options;
  const onThrown = thrownIn(observer, "feed");
  const held = () => options.held?.() ?? NOTHING_HELD;
  const isHeld = (symbol: string) =>
    held()
      .values()
      .some((those) => those.has(symbol));
  const view = new MarketView({ ...options, isHeld }, listener);
  const track = (read = required()): Promise<void> => {
    const needed = held();
    const all = requiredWith(read, needed, options.heldRequired?.() ?? new Map());
    return view.track(symbolsWith(universe.symbols, needed), all);
  };
  const universe: Universe = new Universe(symbols, maxExtraSymbols, () => guarded(() => track(), onThrown));
  return { universe, view, track, access: new MarketAccess({ ...options, view }) };
}
