import fc from "fast-check";
import { TIMEFRAMES } from "../../src/domain/timeframe.ts";

/** Texts of R52's grammar, blanks and any case included, with as many operands as fit. */
const PLAIN = [
  "CLOSE",
  "volume",
  "RSI",
  "rsi_14",
  "Ema_9",
  "HIGHEST_20",
  "BB_UPPER_20_2.5",
  "price",
  "VWAP",
  "STOCH_K",
];
const TAKING = ["SMA_20", "ema_9", "RSI", "macd", "BB_LOWER", "STDDEV_5", "roc_3", "SMA_CROSS"];

const blanks = fc.constantFrom("", "", "", " ", "  ", "\t", "\n");
const digits = fc.nat(99_999).map(String);
const number = fc.oneof(
  digits,
  fc.tuple(digits, digits).map(([whole, part]) => `${whole}.${part}`),
  fc.tuple(digits, fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), fc.nat(30)).map((parts) => parts.join("")),
);
const lag = fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined, freq: 3 });
const timeframe = fc.option(fc.constantFrom(...TIMEFRAMES), { nil: undefined, freq: 3 });

interface Bounds {
  readonly depth: number;
  readonly inSource: boolean;
}

function reading({ depth, inSource }: Bounds): fc.Arbitrary<string> {
  const plain = fc.constantFrom(...PLAIN, ...TAKING);
  const sourced =
    depth <= 1
      ? plain
      : fc
          .tuple(fc.constantFrom(...TAKING), blanks, withReading({ depth: depth - 1, inSource: true }))
          .map(([name, blank, source]) => `${name}${blank}(${source})`);
  return fc
    .tuple(fc.oneof({ weight: 2, arbitrary: plain }, sourced), blanks, lag, timeframe)
    .map(([name, blank, bars, tf]) => {
      const lagged = bars === undefined ? "" : `${blank}[${blank}${bars}]`;
      return `${name}${lagged}${tf === undefined || inSource ? "" : `${blank}@${blank}${tf}`}`;
    });
}

/** A source needs a reading. */
function withReading(bounds: Bounds): fc.Arbitrary<string> {
  return fc
    .tuple(reading({ ...bounds, depth: bounds.depth - 1 }), fc.constantFrom("", "", "*2", " - 1", "/OPEN"))
    .map((parts) => parts.join(""));
}

function primary(bounds: Bounds): fc.Arbitrary<string> {
  const { depth } = bounds;
  const leaf = fc.oneof({ weight: 3, arbitrary: reading(bounds) }, number);
  if (depth <= 1) {
    return leaf;
  }
  const inner = sum({ ...bounds, depth: depth - 1 });
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    fc.tuple(blanks, inner).map(([blank, text]) => `(${blank}${text}${blank})`),
    fc.tuple(blanks, inner).map(([blank, text]) => `abs${blank}(${text})`),
    fc
      .tuple(fc.constantFrom("MIN", "max"), fc.array(inner, { minLength: 2, maxLength: 3 }), blanks)
      .map(([name, operands, blank]) => `${name}(${operands.join(`${blank},`)})`),
  );
}

function chained(operand: fc.Arbitrary<string>, signs: readonly string[]): fc.Arbitrary<string> {
  const more = fc.array(fc.tuple(blanks, fc.constantFrom(...signs), blanks, operand), { maxLength: 2 });
  return fc.tuple(operand, more).map(([first, others]) => first + others.map((parts) => parts.join("")).join(""));
}

function sum(bounds: Bounds): fc.Arbitrary<string> {
  const unary = fc.tuple(fc.constantFrom("", "", "", "-"), primary(bounds)).map((parts) => parts.join(""));
  return chained(chained(unary, ["*", "/"]), ["+", "-"]);
}

/** Texts of the grammar; some are beyond its bounds. */
export const expressionText = fc
  .tuple(blanks, fc.oneof(...[1, 2, 2, 3].map((depth) => sum({ depth, inSource: false }))), blanks)
  .map((parts) => parts.join(""));

const piece = fc.oneof(
  fc.constantFrom(..."()[]@,+-*/. \t\u00a0€😀\ud800\0%#<>=_"),
  fc.constantFrom(...PLAIN, "ABS(", "MAX(", "MIN", "1.5", "1e9", "1e999", "4h", "@4h", "[3]", "SMA_20(", "0", "nan"),
);
/** Texts that mostly are none, made of its pieces and of any characters. */
export const noise = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.tuple(expressionText, piece, fc.nat(600)).map(([text, part, at]) => text.slice(0, at) + part + text.slice(at)),
  fc.tuple(expressionText, fc.nat(600), fc.nat(9)).map(([text, at, n]) => text.slice(0, at) + text.slice(at + n)),
);
