import type { Bar } from "../../domain/bar.ts";
import { type Definition, factor, type KernelKind, parameter, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { type Candle, Candles } from "./candle.ts";

/**
 * Whether the last candles have a form. A form names its candles from the newest one back: of three
 * `(c, b, a)`, a is the oldest.
 */
export type Form = (e: Candle, d: Candle, c: Candle, b: Candle, a: Candle) => boolean;
/** TA-Lib's value for the last candles: 0 where they do not have the form. */
export type Reading = (e: Candle, d: Candle, c: Candle, b: Candle, a: Candle) => number;

/** A candle pattern: a row of the tables of patterns. */
export interface Pattern {
  /** As TA-Lib's function, without CDL. */
  readonly name: string;
  readonly firstIndex: number;
  readonly values: readonly number[];
  readonly words: string;
  readonly reading: Reading;
  /** Where the share of a body that another one must reach into can be chosen. */
  readonly penetration?: { readonly standard: number; reading(share: number): Reading };
}

/** 100 where the candles have the form. */
export function rising(name: string, firstIndex: number, words: string, form: Form): Pattern {
  return valued(name, firstIndex, [0, 100], words, (e, d, c, b, a) => (form(e, d, c, b, a) ? 100 : 0));
}

/** −100 where the candles have the form. */
export function falling(name: string, firstIndex: number, words: string, form: Form): Pattern {
  return valued(name, firstIndex, [-100, 0], words, (e, d, c, b, a) => (form(e, d, c, b, a) ? -100 : 0));
}

/** 100 where the candles have the form, −100 where they have it upside down. */
export function either(name: string, firstIndex: number, words: string, form: Form): Pattern {
  const down = upsideDown(form);
  return valued(name, firstIndex, [-100, 0, 100], words, (e, d, c, b, a) =>
    form(e, d, c, b, a) ? 100 : down(e, d, c, b, a) ? -100 : 0,
  );
}

/** As `either`, and ±80 where only the looser form is there. */
export function graded(name: string, firstIndex: number, words: string, form: Form, looser: Form): Pattern {
  const strict = either(name, firstIndex, words, form);
  const loose = either(name, firstIndex, words, looser);
  return valued(
    name,
    firstIndex,
    [-100, -80, 0, 80, 100],
    words,
    (e, d, c, b, a) => strict.reading(e, d, c, b, a) || 0.8 * loose.reading(e, d, c, b, a),
  );
}

/** 100 for a white candle of the form, −100 for a black one. */
export function colored(name: string, firstIndex: number, words: string, form: (candle: Candle) => boolean): Pattern {
  return valued(name, firstIndex, [-100, 0, 100], words, (a) => (form(a) ? (a.white ? 100 : -100) : 0));
}

export function valued(
  name: string,
  firstIndex: number,
  values: readonly number[],
  words: string,
  reading: Reading,
): Pattern {
  return { name, firstIndex, values, words, reading };
}

/** A pattern for any penetration, of which `standard` is the default. */
export function penetrating(standard: number, make: (share: number) => Pattern): Pattern {
  return { ...make(standard), penetration: { standard, reading: (share) => make(share).reading } };
}

/** The form of candles that stand on their heads: white is black, and up is down. */
export function upsideDown(form: Form): Form {
  return (e, d, c, b, a) => form(e.mirror, d.mirror, c.mirror, b.mirror, a.mirror);
}

class PatternReader implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly candles = new Candles();
  private readonly reading: Reading;
  private missing: number;

  constructor(reading: Reading, firstIndex: number) {
    this.reading = reading;
    this.missing = firstIndex;
  }

  push(bar: Bar): void {
    this.candles.push(bar);
    if (this.missing > 0) {
      this.missing--;
      return;
    }
    const e = this.candles.last;
    const d = e.before;
    const c = d.before;
    const b = c.before;
    this.outputs[0] = this.reading(e, d, c, b, b.before);
  }
}

/** A pattern as an indicator. */
export function definitionOfPattern({ name, firstIndex, values, words, reading, penetration }: Pattern): Definition {
  const base = `CDL_${name}`;
  const kernel: KernelKind = {
    name: base,
    create: (p) => new PatternReader(penetration?.reading(parameter(p, 0)) ?? reading, firstIndex),
  };
  return {
    base,
    parameters: penetration === undefined ? [] : [factor("penetration", penetration.standard)],
    family: "pattern",
    unit: "dimensionless",
    range: within(Math.min(...values), Math.max(...values)),
    values,
    firstIndex: () => firstIndex,
    kernel,
    output: 0,
    formula: words,
    source: `TA-Lib CDL${name}`,
  };
}
