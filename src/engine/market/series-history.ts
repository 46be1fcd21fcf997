import type { Bar } from "../../domain/bar.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { lastClose, timeframeMs } from "../../domain/timeframe.ts";
import type { SeriesRequirement } from "../rules/conditions/required-series.ts";
import { BackgroundLoad } from "./background-load.ts";
import { BEING_LOADED, type Series } from "./series.ts";
import { cutText, emptyHistory, takeHistory, takeNewest, unaskedHistory } from "./series-loader.ts";
import type { TrackingOptions } from "./tracking.ts";

/**
 * Bars loaded beyond the required ones, so that a strategy saved later seldom needs a new load.
 * MACD, which every strategy reads, requires 518: with these they are less than the 1,000 that
 * venues give at a time, and the start of many symbols takes half the requests.
 */
const SPARE_BARS = 450;
/** Wall time until what is lacking is asked for again, at most. */
const LONGEST_RETRY_MS = 60_000;
/**
 * The same where a bar of the past is invalid: few venues put such a bar right, and the series is
 * in use without it.
 */
const LONGEST_CUT_RETRY_MS = 3_600_000;

export interface SeriesHistoryOptions extends TrackingOptions {
  /** The load or repair that the series waits for, if any. */
  readonly work: () => Promise<void> | undefined;
  /** The history was asked in vain. Nothing has happened to the series. */
  readonly onFault: (why: string) => void;
  /** The series has taken more of the history. `before`: its last close until then. */
  readonly onTaken: (before: number | undefined) => void;
}

/**
 * How far back a series reaches. What it lacks while it can be used is asked for in the background:
 * a series that is whole is never taken from those who use it for the sake of those who need more.
 */
export class SeriesHistory {
  readonly #series: Series;
  readonly #options: SeriesHistoryOptions;
  readonly #background: BackgroundLoad;
  /** Bars to load, and to keep. */
  #capacity: number;
  /** Whether bars may have been missed that the history has. */
  #mayBeBehind = false;
  /**
   * Bars that were corrected since the history was asked, by open time: what comes may not know of
   * it.
   */
  readonly #corrected = new Map<number, Bar>();
  /** Time of the cut that was told of last. */
  #toldOf: number | undefined;
  #closed = false;

  constructor(series: Series, { requiredBars }: SeriesRequirement, options: SeriesHistoryOptions) {
    this.#series = series;
    this.#options = options;
    this.#capacity = capacityFor(requiredBars);
    series.requiredBars = requiredBars;
    this.#background = new BackgroundLoad({
      clock: options.clock,
      lacking: () => this.#lacking(),
      ask: (count) => this.#ask(count),
      take: (bars, count) => this.#take(bars, count),
      failed: (error) => this.#notLoaded(error),
    });
  }

  /** The load under way, if any; it never rejects. */
  get work(): Promise<void> | undefined {
    return this.#background.work;
  }

  /** How many bars make the series whole. More than it had are asked for in the background. */
  get whole(): number {
    return this.#series.reach || this.#capacity;
  }

  /** What those who use the series should know of its history. */
  get note(): string | undefined {
    const series = this.#series;
    return series.short?.why ?? (series.bars < this.#capacity ? cutText(series) : undefined);
  }

  /** Computes what is wanted now; asks for more history where that reaches further back. */
  retarget({ indicators, requiredBars }: SeriesRequirement): void {
    const series = this.#series;
    const needsMore = requiredBars > this.#capacity;
    series.requiredBars = requiredBars;
    if (needsMore) {
      this.#capacity = capacityFor(requiredBars);
    }
    if (needsMore || !series.computes(indicators)) {
      series.retarget(indicators, this.#capacity);
    }
    if (needsMore) {
      this.#background.start();
    }
  }

  /** Bars may have been missed that the history has. */
  catchUp(): void {
    this.#mayBeBehind = true;
    this.#background.start();
  }

  /** A bar of the series was corrected (R4). */
  onCorrection(bar: Bar): void {
    if (this.work !== undefined) {
      this.#corrected.set(bar.openTime, bar);
    }
  }

  /** The series can be used, again or still. */
  onUsable(): void {
    if (this.#series.short === undefined) {
      this.#background.resume();
    } else {
      this.#background.start();
    }
  }

  /** R5: says once that the series begins anew, and behind what. */
  reportCut(): void {
    const { symbol, timeframe, cut } = this.#series;
    const reason = cutText(this.#series);
    if (cut !== undefined && reason !== undefined && cut.time !== this.#toldOf) {
      this.#toldOf = cut.time;
      const { isInvalidBar } = cut;
      this.#options.observer.observe({ kind: "series_cut", symbol, timeframe, reason, isInvalidBar });
    }
  }

  stop(): void {
    this.#closed = true;
    this.#background.stop();
  }

  /**
   * What is to be asked for. Nothing is where the series cannot be used: to load that goes first.
   */
  #lacking(): { readonly count: number; readonly longestRetryMs: number } | undefined {
    const series = this.#series;
    const last = series.lastClose;
    if (series.fault !== undefined || last === undefined || this.#options.work() !== undefined) {
      return undefined;
    }
    if (series.short !== undefined) {
      return { count: this.#capacity, longestRetryMs: LONGEST_RETRY_MS };
    }
    const due = lastClose(this.#options.market.now(), series.timeframe);
    if (this.#mayBeBehind && last < due) {
      const missing = (due - last) / timeframeMs(series.timeframe);
      return { count: Math.min(missing, this.whole), longestRetryMs: LONGEST_RETRY_MS };
    }
    return series.cut?.isInvalidBar && series.bars < this.whole
      ? { count: this.whole, longestRetryMs: LONGEST_CUT_RETRY_MS }
      : undefined;
  }

  async #ask(count: number): Promise<readonly Bar[]> {
    const { market, turns } = this.#options;
    const { symbol, timeframe } = this.#series;
    let bars: readonly Bar[] = [];
    await turns.background.run(async () => {
      this.#corrected.clear();
      bars = this.#closed ? [] : await market.history(symbol, timeframe, count);
    });
    if (bars.length === 0) {
      throw new RuntimeError("unavailable", emptyHistory(this.#series));
    }
    return bars;
  }

  async #take(came: readonly Bar[], count: number): Promise<void> {
    const series = this.#series;
    for (let work = this.#options.work(); work !== undefined; work = this.#options.work()) {
      await work;
    }
    if (series.fault !== undefined || this.#closed) {
      return;
    }
    const bars = came.map((bar) => this.#corrected.get(bar.openTime) ?? bar);
    const before = series.lastClose;
    if (count >= series.reach) {
      takeHistory(series, bars, count);
    } else {
      takeNewest(series, bars);
    }
    this.#mayBeBehind = false;
    series.whyShort = BEING_LOADED;
    this.reportCut();
    this.#options.onTaken(before);
  }

  #notLoaded(error: unknown): void {
    const why = unaskedHistory(this.#series, error);
    this.#series.whyShort = why;
    this.#options.onFault(why);
  }
}

/** Bars to load, and to keep, for so many that are required. */
export function capacityFor(requiredBars: number): number {
  return requiredBars + SPARE_BARS;
}
