import { lastClose } from "../../../domain/timeframe.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import { missingBars } from "../../../indicators/readiness.ts";
import { tolerance } from "./comparison.ts";
import type { FormulaCondition, PlainCondition } from "./compiled-condition.ts";
import { formulaLacks, formulaTolerance, formulaValue } from "./formula-values.ts";
import { computedValue, lackingBars, type MarketReading, type SeriesAt } from "./market-reading.ts";

/** What a condition compares, on the bar judged or on one before it. */
export interface Sides {
  /** NaN where it is not ready. */
  left(back: 0 | 1): number;
  /** The same; a number is its own previous (R14). */
  right(back: 0 | 1): number;
  /** R13: how far the two count as equal. */
  tolerance(left: number, right: number, back: 0 | 1): number;
  /** R11: bars that they lack, the larger number of both. */
  lacking(back: number): number;
}

/** Sides of a plain condition, which read one series. */
export class PlainSides implements Sides {
  readonly #condition: PlainCondition;
  readonly #reading: MarketReading;
  readonly #series: SeriesAt | undefined;

  constructor(condition: PlainCondition, reading: MarketReading, barClose: number) {
    this.#condition = condition;
    this.#reading = reading;
    this.#series = reading.seriesAt(condition.timeframe, lastClose(barClose, condition.timeframe));
  }

  left(back: 0 | 1): number {
    return this.#value(this.#condition.left, back);
  }

  right(back: 0 | 1): number {
    return this.#value(this.#condition.right, back);
  }

  tolerance(a: number, b: number, back: 0 | 1): number {
    const { left, right } = this.#condition;
    return typeof right === "number" ? 0 : tolerance(left, right, a, b, this.#series?.close(back) ?? Number.NaN);
  }

  lacking(back: number): number {
    const { left, right } = this.#condition;
    return Math.max(this.#lacks(left, back), this.#lacks(right, back));
  }

  /** A value given has no previous (R14). */
  #value(side: Indicator | number, back: 0 | 1): number {
    if (typeof side === "number") {
      return side;
    }
    const given = this.#reading.given?.(this.#condition.timeframe, side);
    if (given !== undefined) {
      return back === 0 ? given : Number.NaN;
    }
    return computedValue(this.#series, side, back);
  }

  #lacks(side: Indicator | number, back: number): number {
    if (typeof side === "number" || this.#reading.given?.(this.#condition.timeframe, side) !== undefined) {
      return 0;
    }
    return this.#series === undefined
      ? missingBars(side, -back, this.#reading.settled ?? false)
      : lackingBars(this.#series, side, back);
  }
}

/** Sides of a condition with an expression. */
export class FormulaSides implements Sides {
  readonly #condition: FormulaCondition;
  readonly #reading: MarketReading;
  readonly #barClose: number;

  constructor(condition: FormulaCondition, reading: MarketReading, barClose: number) {
    this.#condition = condition;
    this.#reading = reading;
    this.#barClose = barClose;
  }

  left(back: 0 | 1): number {
    return formulaValue(this.#condition.left, this.#reading, this.#barClose, back);
  }

  right(back: 0 | 1): number {
    const { right } = this.#condition;
    return typeof right === "number" ? right : formulaValue(right, this.#reading, this.#barClose, back);
  }

  tolerance(_left: number, _right: number, back: 0 | 1): number {
    const { left, right } = this.#condition;
    const own = formulaTolerance(left, this.#reading, this.#barClose, back);
    return typeof right === "number" ? own : own + formulaTolerance(right, this.#reading, this.#barClose, back);
  }

  lacking(back: number): number {
    const { left, right } = this.#condition;
    const own = formulaLacks(left, this.#reading, this.#barClose, back);
    return typeof right === "number" ? own : Math.max(own, formulaLacks(right, this.#reading, this.#barClose, back));
  }
}
