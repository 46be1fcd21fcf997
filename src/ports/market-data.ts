import type { Bar } from "../domain/bar.ts";
import type { Timeframe } from "../domain/timeframe.ts";

/** What a feed says, in market-time order. */
export type MarketEvent =
  /** A bar that has closed. `correction`: it replaces one already sent (R4). */
  | {
      readonly kind: "bar";
      readonly symbol: string;
      readonly timeframe: Timeframe;
      readonly bar: Bar;
      readonly correction?: boolean;
    }
  /**
   * Every bar that closed up to this market time has been sent; none older will come. Live feeds
   * cannot promise this and send none.
   */
  | { readonly kind: "complete"; readonly time: number }
  /**
   * Bars may have been missed: ask the history before trusting the series of these symbols again.
   */
  | { readonly kind: "interrupted"; readonly symbols: readonly string[]; readonly reason: string };

/**
 * For whom bars are: for the engine itself, or for one who calls. A venue that takes a limited
 * number of requests serves the engine first, and callers from a small share.
 */
export type Asker = "engine" | "caller";

/** Bars of one timeframe that come, and later than they should. Times in ms. */
export interface FeedDelay {
  readonly timeframe: Timeframe;
  /** Whose bars; at least one. */
  readonly symbols: readonly string[];
  /** Market time. */
  readonly since: number;
  /** By how much the newest bars came late, or the next ones are overdue: whichever is more. */
  readonly lateMs: number;
  /** What is wrong since when, how bars come instead, and how late: for people. */
  readonly text: string;
}

/**
 * Bars and prices of one venue.
 *
 * Only closed bars ever leave an adapter (R2): those with `open_time + timeframe <= now()`. Fails
 * with `not_found` for a symbol that the venue does not have, with `unavailable` where it cannot
 * answer.
 */
export interface MarketData {
  /** Written on every decision: "simulated", "replay", "binance". */
  readonly source: string;
  /**
   * Whether `complete` comes after the bars of every close, and first of all in a subscription for
   * what closed before it: nobody needs to look whether all bars are there. Market time then waits
   * at each close until every open subscription has asked for what comes behind its `complete`.
   */
  readonly completes?: boolean;
  /**
   * Whether each process lives through the same time again, as with a recording: what one before it
   * has judged says nothing.
   */
  readonly startsAnew?: boolean;
  /** Connects. Called before any other method, once. */
  ready(): Promise<void>;
  /** Market time, ms since the epoch; never goes back. */
  now(): number;
  /**
   * The newest `count` bars (fewer where the venue has fewer) that closed at or before `until`, and
   * by now at the latest; oldest first, without duplicates. Bars that the venue lacks are absent,
   * not filled.
   */
  history(symbol: string, timeframe: Timeframe, count: number, until?: number, asker?: Asker): Promise<readonly Bar[]>;
  /** The current price and the market time it is from. */
  price(symbol: string): Promise<{ readonly price: number; readonly time: number }>;
  /**
   * Closed bars of these series from now on, until the signal aborts or the data ends. Returning
   * the iterator unsubscribes. Bars of one series come in order. A reader that is slower than the
   * feed loses nothing within the adapter's bound; past it, one `interrupted` takes the place of
   * what was lost.
   */
  subscribe(
    series: readonly { readonly symbol: string; readonly timeframe: Timeframe; readonly asker?: Asker }[],
    signal: AbortSignal,
  ): AsyncIterable<MarketEvent>;
  /**
   * The series subscribed to whose bars come in another way than they should, and so late, by
   * timeframe; empty where all is well. Absent where bars come in one way only. Cheap: asked
   * several times a second.
   */
  delays?(): readonly FeedDelay[];
  /** Idempotent; ends subscriptions. */
  close(): Promise<void>;
}
