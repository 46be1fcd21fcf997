import { closeTime } from "../../domain/bar.ts";
import { RuntimeError } from "../../domain/errors.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MarketData } from "../../ports/market-data.ts";
import { MarketTime } from "../paced/market-time.ts";
import { type BarSeries, type BarSource, pacedFeed } from "../paced/paced-feed.ts";
import { type Library, loadLibrary, type Recordings } from "./library.ts";
import { marketSpan } from "./market-span.ts";
import { barsOf, recordedSeries } from "./recorded-series.ts";

/** How far a replay is; market times, ms. */
export interface ReplayProgress {
  readonly start: number;
  readonly now: number;
  readonly end: number;
}

/** What a replay lived through, for the log. */
export type ReplayEvent =
  | { readonly kind: "reading"; readonly read: number; readonly files: number; readonly dir: string }
  | { readonly kind: "read"; readonly library: Library; readonly progress: ReplayProgress }
  /** A subscription has read all that its series have. */
  | { readonly kind: "over"; readonly progress: ReplayProgress };

export interface ReplayedMarket extends MarketData {
  /** Once it is ready. */
  recordings(): ReadonlyMap<string, Recordings>;
  /** Once it is ready. */
  progress(): ReplayProgress;
}

export interface ReplayOptions {
  /** A folder of files of bars; see bar-files. */
  readonly dir: string;
  /** Market seconds per second at most, above 0; `max`: as fast as subscriptions are read. */
  readonly speed: number | "max";
  readonly clock: Clock;
  /** Market time when it is ready, ms since the epoch; see marketSpan for the default. */
  readonly startAt?: number;
  /**
   * The symbols whose bars set the default start and the end; all in the folder where none is
   * named. Others there can be read all the same.
   */
  readonly symbols?: readonly string[];
  /** Must not throw. */
  readonly observe?: (event: ReplayEvent) => void;
}

/**
 * Recorded bars, played again. Longer timeframes are made of the recorded ones (see barsOf and
 * aggregate).
 *
 * Market time stands still until somebody subscribes, and whenever nobody is subscribed. Then it
 * follows the clock, or at `max` moves on to the next close at once. At any speed it waits at each
 * close until every open subscription has read it: a subscription that is neither read nor ended
 * holds it. So history may be loaded between subscribing and reading, no close is lost, and the
 * events are the same at any speed. Subscriptions end after the last bar of their series; market
 * time goes no further than the last bar of all.
 *
 * ready() fails with `invalid` where a file is broken, and with `not_found` where `symbols` names
 * one that is not there.
 */
export function replay(options: ReplayOptions): ReplayedMarket {
  const { dir, speed, clock, startAt, symbols = [], observe = () => {} } = options;
  if (speed !== "max" && !(speed > 0 && speed < Number.POSITIVE_INFINITY)) {
    throw new RuntimeError("invalid", `the speed of the replay is ${speed}, must be "max", or finite and above 0`);
  }
  let opened: { readonly library: Library; readonly progress: () => ReplayProgress } | undefined;
  const open = async () => {
    const library = await loadLibrary(dir, (read, files) => observe({ kind: "reading", read, files, dir }));
    const { recordings } = library;
    const chosen = symbols.length === 0 ? [...recordings.keys()] : symbols;
    const { start, end } = marketSpan(
      chosen.map((symbol) => recordingsOf(recordings, symbol)),
      startAt,
    );
    const secondsASecond = speed === "max" ? Number.POSITIVE_INFINITY : speed;
    const time = new MarketTime({ clock, speed: secondsASecond, start, end, waitsForReader: true });
    const progress = () => ({ start, now: time.now(), end });
    opened = { library, progress };
    observe({ kind: "read", library, progress: progress() });
    return { bars: barSource(recordings, end), time };
  };
  const known = () => {
    if (opened === undefined) {
      throw new RuntimeError("failed_precondition", "the replay is not ready: call ready() first");
    }
    return opened;
  };
  const onOver = () => observe({ kind: "over", progress: known().progress() });
  return {
    ...pacedFeed({ source: "replay", startsAnew: true, open, onOver }),
    recordings: () => known().library.recordings,
    progress: () => known().progress(),
  };
}

function barSource(library: ReadonlyMap<string, Recordings>, end: number): BarSource {
  const made = new Map<string, BarSeries>();
  return {
    series(symbol, timeframe) {
      const key = `${symbol} ${timeframe}`;
      const series = made.get(key) ?? makeSeries(recordingsOf(library, symbol), symbol, timeframe, end);
      made.set(key, series);
      return series;
    },
    price(symbol, now) {
      const { bars, timeframe } = recordingsOf(library, symbol)[0];
      const bar = recordedSeries(bars, timeframe, end).last(1, now)[0];
      if (bar === undefined) {
        throw new RuntimeError(
          "unavailable",
          `no bar of ${symbol} has closed by ${new Date(now).toISOString()}; its recording begins later`,
        );
      }
      return { price: bar.close, time: closeTime(bar, timeframe) };
    },
  };
}

function makeSeries(recordings: Recordings, symbol: string, timeframe: Timeframe, end: number): BarSeries {
  const bars = barsOf(recordings, timeframe);
  if (bars === undefined) {
    const recorded = recordings.map((recording) => recording.timeframe).join(", ");
    throw new RuntimeError(
      "not_found",
      `${symbol} is recorded in bars of ${recorded}, of which ${timeframe} cannot be made`,
    );
  }
  return recordedSeries(bars, timeframe, end);
}

function recordingsOf(library: ReadonlyMap<string, Recordings>, symbol: string): Recordings {
  const recordings = library.get(symbol);
  if (recordings === undefined) {
    const known = [...library.keys()].join(", ");
    throw new RuntimeError("not_found", `nothing is recorded of ${JSON.stringify(symbol)}; there is ${known}`);
  }
  return recordings;
}
