import { closeTime } from "../../domain/bar.ts";
import { RuntimeError } from "../../domain/errors.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MarketData } from "../../ports/market-data.ts";
import { clockTime } from "../paced/market-time.ts";
import { type BarSeries, type BarSource, pacedFeed } from "../paced/paced-feed.ts";
import { loadLibrary, type Recordings } from "./library.ts";
import { marketSpan } from "./market-span.ts";
import { pulledTime } from "./pulled-time.ts";
import { barsOf, recordedSeries } from "./recorded-series.ts";

export interface ReplayOptions {
  /** A folder of `SYMBOL-TIMEFRAME.csv` files. */
  readonly dir: string;
  /** Market seconds per second, above 0; `max`: as fast as subscriptions are read. */
  readonly speed: number | "max";
  readonly clock: Clock;
  /** Market time when it is ready, ms since the epoch; see marketSpan for the default. */
  readonly startAt?: number;
  /** The symbols whose bars set the default start and the end; all in the folder by default. Others there can be read all the same. */
  readonly symbols?: readonly string[];
}

/**
 * Recorded bars, played again. Longer timeframes are made of the recorded ones (see barsOf and aggregate).
 *
 * At a numeric speed market time follows the clock, up to the last bar, and stands still there. At `max` it moves on to the next close once
 * every open subscription waits for it: a subscription that is neither read nor ended holds it, and without any it stands still. So
 * history may be loaded between subscribing and reading, and nothing is ever late. Subscriptions end after the last bar of their series.
 *
 * ready() fails with `invalid` where a file is broken, and with `not_found` where `symbols` names one that is not there.
 */
export function replay(options: ReplayOptions): MarketData {
  const { dir, speed, clock, startAt, symbols } = options;
  if (speed !== "max" && !(speed > 0 && speed < Number.POSITIVE_INFINITY)) {
    throw new RuntimeError("invalid", `the speed of the replay is ${speed}, must be "max", or finite and above 0`);
  }
  return pacedFeed("replay", async () => {
    const library = await loadLibrary(dir);
    const chosen = symbols ?? [...library.keys()];
    const { start, end } = marketSpan(
      chosen.map((symbol) => recordingsOf(library, symbol)),
      startAt,
    );
    const time = speed === "max" ? pulledTime(start, end) : clockTime({ clock, speed, start, end });
    return { bars: barSource(library, end), time };
  });
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
