import { ANY_VALUE, type Definition, FROM_ZERO, within } from "../definition.ts";
import type { Indicator } from "../indicator.ts";
import { type Computation, ofClose } from "../of-close.ts";

/** A function of each value by itself; what is not finite is undefined. */
class Transform implements Computation {
  value: number = Number.NaN;
  private readonly of: (value: number) => number;

  constructor(of: (value: number) => number) {
    this.of = of;
  }

  push(input: number): void {
    const value = this.of(input);
    this.value = Number.isFinite(value) ? value : Number.NaN;
  }
}

interface Row {
  readonly base: string;
  readonly of: (value: number) => number;
  readonly formula: string;
  readonly range: Indicator["range"];
  readonly unit?: Indicator["unit"];
  readonly undefinedWhere?: string;
}

const TOO_LARGE = "the result is larger than a double can be";
const BEYOND_ONE = "the close is not within −1..1";
const QUARTER = Math.PI / 2;

const ROWS: readonly Row[] = [
  { base: "LN", of: Math.log, formula: "natural logarithm of close", range: ANY_VALUE },
  { base: "LOG10", of: Math.log10, formula: "logarithm of close to the base of 10", range: ANY_VALUE },
  { base: "SQRT", of: Math.sqrt, formula: "square root of close", range: FROM_ZERO, unit: "mixed" },
  { base: "EXP", of: Math.exp, formula: "e to the power of close", range: FROM_ZERO, undefinedWhere: TOO_LARGE },
  { base: "FLOOR", of: Math.floor, formula: "largest whole number up to close", range: FROM_ZERO, unit: "price" },
  { base: "CEIL", of: Math.ceil, formula: "smallest whole number from close on", range: FROM_ZERO, unit: "price" },
  { base: "SIN", of: Math.sin, formula: "sine of close", range: within(-1, 1) },
  { base: "COS", of: Math.cos, formula: "cosine of close", range: within(-1, 1) },
  { base: "TAN", of: Math.tan, formula: "tangent of close", range: ANY_VALUE },
  {
    base: "ASIN",
    of: Math.asin,
    formula: "arc sine of close",
    range: within(-QUARTER, QUARTER),
    undefinedWhere: BEYOND_ONE,
  },
  {
    base: "ACOS",
    of: Math.acos,
    formula: "arc cosine of close",
    range: within(0, Math.PI),
    undefinedWhere: BEYOND_ONE,
  },
  { base: "ATAN", of: Math.atan, formula: "arc tangent of close", range: within(-QUARTER, QUARTER) },
  { base: "SINH", of: Math.sinh, formula: "hyperbolic sine of close", range: ANY_VALUE, undefinedWhere: TOO_LARGE },
  { base: "COSH", of: Math.cosh, formula: "hyperbolic cosine of close", range: FROM_ZERO, undefinedWhere: TOO_LARGE },
  { base: "TANH", of: Math.tanh, formula: "hyperbolic tangent of close", range: within(-1, 1) },
];

/** Functions of one value. Few of them say anything of a price: they are made for sources. */
export const MATH_TRANSFORMS: readonly Definition[] = ROWS.map(
  ({ base, of, formula, range, unit, undefinedWhere }) => ({
    base,
    parameters: [],
    family: "other",
    unit: unit ?? "dimensionless",
    range,
    takesSource: true,
    firstIndex: () => 0,
    kernel: ofClose(base, () => new Transform(of)),
    output: 0,
    formula,
    ...(undefinedWhere !== undefined && { undefinedWhere }),
    source: `TA-Lib ${base}`,
  }),
);
