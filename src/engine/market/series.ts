import { type Bar, barFault, sameBar } from "../../domain/bar.ts";
import { BarTable } from "../../domain/bar-table.ts";
import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { Indicator } from "../../indicators/indicator.ts";
import { IndicatorSet } from "../../indicators/indicator-set.ts";
import type { LongWork } from "../concurrency/long-work.ts";
import type { ReadingList, SeriesAt, ShortHistory } from "../rules/conditions/market-reading.ts";
import type { Cut } from "./join-bars.ts";

export type Accepted = "added" | "duplicate" | "corrected" | "ignored" | "gap" | "invalid";

/** Where series are found by symbol and timeframe. */
export interface SeriesLookup {
  series(symbol: string, timeframe: Timeframe): Series | undefined;
  /** Why the bars of a series come late, where the feed says so. */
  delayOf?(symbol: string, timeframe: Timeframe): string | undefined;
}

/** Why a series cannot be used. */
export interface SeriesFault {
  readonly text: string;
  /** The venue does not have it. */
  readonly isUnknown?: boolean;
  /**
   * Open time of the bar in whose place a valid one must come (R3); without it, the history must be
   * asked again.
   */
  readonly awaits?: number;
}

/** Of a series whose history has not been asked for yet. */
export const NOT_LOADED: SeriesFault = { text: "its history is not loaded yet" };
export const BEING_LOADED = "it is being loaded";

/**
 * Closed bars of one symbol on one timeframe, without gap or disorder, with indicators kept
 * current. Values can be read as of the last few bars, so a sweep that waits for another symbol
 * still reads its own bar.
 */
export class Series {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Why the series cannot be used, where it cannot. */
  fault: SeriesFault | undefined = NOT_LOADED;
  /** Behind what it begins, where the history before could not be used. */
  cut: Cut | undefined;
  /** How many bars of history were asked for, and came as far as the venue has them. */
  reach = 0;
  /** How many bars the strategies want to be there, and why they are not, where that is known. */
  requiredBars = 0;
  whyShort = BEING_LOADED;
  readonly #length: number;
  readonly #settled: boolean;
  #capacity: number;
  #indicators: readonly Indicator[];
  #set: IndicatorSet;
  #bars = new BarTable();
  /** Close of the last bar; NaN without one. */
  #lastClose = Number.NaN;
  /** By how many bars back; those of the bar before are of no use once a new one is there. */
  #views: (SeriesAt | undefined)[] = [];

  /**
   * `capacity`: bars kept for computing again; at least what the indicators need. `settled`: R11.
   */
  constructor(
    key: { readonly symbol: string; readonly timeframe: Timeframe },
    indicators: readonly Indicator[],
    options: { readonly capacity: number; readonly settled: boolean },
  ) {
    this.symbol = key.symbol;
    this.timeframe = key.timeframe;
    this.#length = timeframeMs(key.timeframe);
    this.#settled = options.settled;
    this.#capacity = options.capacity;
    this.#indicators = indicators;
    this.#set = new IndicatorSet(indicators, options.settled);
  }

  get lastBar(): Bar | undefined {
    return this.#bars.bar(this.#bars.length - 1);
  }

  /** Close of the last bar, ms. */
  get lastClose(): number | undefined {
    return this.#bars.length === 0 ? undefined : this.#lastClose;
  }

  /** Bars since the series begins. */
  get bars(): number {
    return this.#set.bars;
  }

  /** Present while strategies that need more bars wait for them; the others use what is there. */
  get short(): ShortHistory | undefined {
    if (this.requiredBars <= this.reach || this.requiredBars <= this.bars) {
      return undefined;
    }
    const of = `${this.symbol} ${this.timeframe}`;
    const why = `the history of ${of} reaches back ${this.reach} bars, and ${this.requiredBars} are needed: ${this.whyShort}`;
    return { limit: this.reach, why };
  }

  computes(indicators: readonly Indicator[]): boolean {
    return indicators.every((indicator) => this.#set.layout.keeps(indicator));
  }

  /**
   * Takes one bar: the next one, a duplicate, a correction (R4), or one that leaves a gap, which is
   * not taken.
   */
  accept(bar: Bar, isCorrection: boolean): Accepted {
    if (barFault(bar) !== undefined) {
      return "invalid";
    }
    const last = this.#lastClose - this.#length;
    if (this.#bars.length === 0 || bar.openTime === last + this.#length) {
      this.#add(bar);
      return "added";
    }
    if (bar.openTime > last) {
      return "gap";
    }
    const place = this.#bars.length - 1 - (last - bar.openTime) / this.#length;
    const stored = this.#bars.bar(place);
    if (stored === undefined) {
      return "ignored";
    }
    if (sameBar(stored, bar)) {
      return "duplicate";
    }
    if (!isCorrection) {
      return "ignored";
    }
    this.#bars.replace(place, bar);
    this.#recompute();
    return "corrected";
  }

  /** Adds bars that follow the last one. */
  append(bars: readonly Bar[]): void {
    for (const bar of bars) {
      this.#add(bar);
    }
  }

  #add(bar: Bar): void {
    this.#bars.add(bar);
    this.#lastClose = bar.openTime + this.#length;
    this.#set.push(bar);
    if (this.#bars.length > 2 * this.#capacity) {
      this.#bars.dropFirst(this.#bars.length - this.#capacity);
    }
    if (this.#views.length > 0) {
      this.#views = [];
    }
  }

  /** The bars kept that open after this time. */
  barsAfter(openTime: number): readonly Bar[] {
    return this.#bars.slice(this.#bars.countUntil(openTime), this.#bars.length);
  }

  /** Begins anew with these bars. */
  replace(bars: readonly Bar[]): void {
    this.#bars = new BarTable(bars.length);
    this.#lastClose = Number.NaN;
    for (const bar of bars) {
      this.#bars.add(bar);
      this.#lastClose = bar.openTime + this.#length;
    }
    this.#recompute();
  }

  /**
   * As `replace`, in slices. Until it has resolved, nobody else may use the series.
   */
  async fill(bars: readonly Bar[], work: LongWork): Promise<void> {
    this.replace([]);
    const steps = Math.max(1, this.#indicators.length);
    for (const bar of bars) {
      this.#add(bar);
      if (work.isLateAfter(steps)) {
        await work.rest();
      }
    }
  }

  /** Computes these indicators from now on. The bars kept must reach as far back as they need. */
  retarget(indicators: readonly Indicator[], capacity: number): void {
    this.#indicators = indicators;
    this.#capacity = Math.max(capacity, this.#capacity);
    this.#recompute();
  }

  /**
   * The series as of the bar that closed at `time`; undefined where it has no such bar, or a bar
   * too long ago to be read.
   */
  at(time: number): SeriesAt | undefined {
    const back = (this.#lastClose - time) / this.#length;
    // One more is needed for the bar before (R14, R16).
    const isThere = back >= 0 && back < IndicatorSet.DEPTH - 1 && back < this.#bars.length && Number.isInteger(back);
    if (!isThere) {
      return undefined;
    }
    const known = this.#views[back];
    if (known !== undefined) {
      return known;
    }
    const view = new SeriesView(this.#set, this.#bars, back, this.#settled);
    this.#views[back] = view;
    return view;
  }

  #recompute(): void {
    this.#set = new IndicatorSet(this.#indicators, this.#settled);
    for (let i = 0; i < this.#bars.length; i++) {
      this.#set.push(this.#bars.bar(i) as Bar);
    }
    this.#views = [];
  }
}

/** A series as of one of its last bars; good until the next one is there. */
class SeriesView implements SeriesAt {
  readonly bars: number;
  readonly settled: boolean;
  readonly #set: IndicatorSet;
  readonly #kept: BarTable;
  readonly #last: number;
  readonly #offset: number;

  constructor(set: IndicatorSet, kept: BarTable, offset: number, settled: boolean) {
    this.bars = set.bars - offset;
    this.settled = settled;
    this.#set = set;
    this.#kept = kept;
    this.#last = kept.length - 1 - offset;
    this.#offset = offset;
  }

  /** Undefined where the bars are not kept any more; a value may be gone before its bar is. */
  before(bars: number): SeriesAt | undefined {
    return bars > this.#last ? undefined : new SeriesView(this.#set, this.#kept, this.#offset + bars, this.settled);
  }

  bar(back: 0 | 1): Bar | undefined {
    return this.#kept.bar(this.#last - back);
  }

  close(back: 0 | 1): number {
    return this.#kept.close(this.#last - back);
  }

  value(indicator: Indicator, back: 0 | 1): number {
    const slot = this.#set.slot(indicator.name);
    return slot < 0 ? Number.NaN : this.#set.value(slot, this.#offset + back);
  }

  lacking(indicator: Indicator, back: number): number {
    return this.#set.lacking(this.#set.slot(indicator.name), this.#offset + back);
  }

  readAll(list: ReadingList, into: Float64Array, from: number, step: number): void {
    const set = this.#set;
    const slots = list.slotsIn(set.layout);
    set.values(slots, list.backs, this.#offset, into, from, step);
    if (this.bars < list.mostBars) {
      this.#blankUnready(list, into, from, step);
    }
  }

  #blankUnready(list: ReadingList, into: Float64Array, from: number, step: number): void {
    for (let i = 0; i < list.length; i++) {
      if (!list.isReady(i, this.bars, this.settled)) {
        into[from + i * step] = Number.NaN;
      }
    }
  }
}
