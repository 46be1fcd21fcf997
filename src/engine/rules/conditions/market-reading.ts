import type { Bar } from "../../../domain/bar.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import type { SetLayout } from "../../../indicators/indicator-set.ts";
import { missingBars } from "../../../indicators/readiness.ts";

/** A series as it was when one of its bars had just closed. */
export interface SeriesAt {
  /** Bars up to and including that one. */
  readonly bars: number;
  /**
   * R11: on the runtime's own data an indicator is ready once settled, on bars given in a request
   * once defined.
   */
  readonly settled: boolean;
  /**
   * The series as it was so many bars before, for indicators whose values are kept as long (R58);
   * absent: not known any more.
   */
  before?(bars: number): SeriesAt | undefined;
  /** The bar itself, or the one before it. */
  bar(back: 0 | 1): Bar | undefined;
  /** The close of the same; NaN without one. */
  close(back: 0 | 1): number;
  /** NaN where undefined or not computed. */
  value(indicator: Indicator, back: 0 | 1): number;
  /**
   * Bars that a reading lacks because of what its source was, beyond the number of bars that there
   * are (R54); absent: none.
   */
  lacking?(indicator: Indicator, back: number): number;
  /**
   * The same of a whole list, NaN where not ready, where there is a faster way than one by one:
   * value `i` goes to `into[from + step * i]`.
   */
  readAll?(list: ReadingList, into: Float64Array, from: number, step: number): void;
}

/** What a sweep reads of a series on every symbol. */
export class ReadingList {
  readonly length: number;
  readonly backs: Int32Array;
  /** Bars from which on all are ready. */
  readonly mostBars: number;
  /** Undefined: a place between the others that is filled in by whoever knows its value. */
  readonly #indicators: readonly (Indicator | undefined)[];
  #layout: SetLayout | undefined;
  #slots = new Int32Array(0);

  constructor(values: readonly ({ readonly indicator: Indicator; readonly back: 0 | 1 } | undefined)[]) {
    this.length = values.length;
    this.backs = Int32Array.from(values, (value) => value?.back ?? 0);
    this.#indicators = values.map((value) => value?.indicator);
    this.mostBars = values.reduce(
      (most, value) => (value === undefined ? most : Math.max(most, missingBars(value.indicator, -value.back, true))),
      0,
    );
  }

  /** R11, for value `i` of a series of so many bars. */
  isReady(i: number, bars: number, settled: boolean): boolean {
    const indicator = this.#indicators[i];
    return indicator === undefined || missingBars(indicator, bars - (this.backs[i] as number), settled) === 0;
  }

  /** Where they are in sets of this layout, which is nearly always the one asked for before. */
  slotsIn(layout: SetLayout): Int32Array {
    if (layout !== this.#layout) {
      this.#layout = layout;
      this.#slots = Int32Array.from(this.#indicators, (each) => (each === undefined ? -1 : layout.slot(each.name)));
    }
    return this.#slots;
  }
}

/** Where judging gets its values for one symbol. */
export interface MarketReading {
  /**
   * Whether values are ready once settled, rather than defined (R11); where there is a series, it
   * says so itself.
   */
  readonly settled?: boolean;
  /**
   * The series as of the bar that closed at exactly `closeTime`; undefined where there is no such
   * bar.
   */
  seriesAt(timeframe: Timeframe, closeTime: number): SeriesAt | undefined;
  /** A value given in a request, which stands in for a computed one (R48). */
  given?(timeframe: Timeframe, indicator: Indicator): number | undefined;
}

/**
 * A computed value `back` bars before the bar of `series`: NaN unless it is ready (R11), and
 * without a series.
 */
export function computedValue(series: SeriesAt | undefined, indicator: Indicator, back: 0 | 1): number {
  return series === undefined || missingBars(indicator, series.bars - back, series.settled) > 0
    ? Number.NaN
    : series.value(indicator, back);
}

/** R11, R54: how many bars a reading lacks `back` bars before the bar of `series`. */
export function lackingBars(series: SeriesAt, indicator: Indicator, back: number): number {
  const missing = missingBars(indicator, series.bars - back, series.settled);
  return Math.max(missing, series.lacking?.(indicator, back) ?? 0);
}

/**
 * A series that can be used, but not by strategies that need more than `limit` bars: the history
 * that they need has not come.
 */
export interface ShortHistory {
  readonly limit: number;
  readonly why: string;
}
