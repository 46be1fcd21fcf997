import { type Candle, isWithin } from "./candle.ts";
import { either, falling, graded, type Pattern, penetrating, rising, valued } from "./pattern.ts";

/** Patterns of two candles. */
export const DOUBLE: readonly Pattern[] = [
  graded(
    "ENGULFING",
    2,
    "white body that engulfs a black one before; 80 where one end is the same",
    (b, a) => a.black && b.white && b.engulfs(a),
    (b, a) => a.black && b.white && coversMore(b, a),
  ),
  graded(
    "HARAMI",
    11,
    "long black body, then a body that is not long inside of it; 80 where an end is the same",
    (b, a) => a.black && a.long && !b.long && a.engulfs(b),
    (b, a) => a.black && a.long && !b.long && covers(a, b),
  ),
  graded(
    "HARAMICROSS",
    11,
    "long black body, then a doji inside of it; 80 where an end is the same",
    (b, a) => a.black && a.long && b.doji && a.engulfs(b),
    (b, a) => a.black && a.long && b.doji && covers(a, b),
  ),
  either(
    "DOJISTAR",
    11,
    "long black body, then a doji that gaps below it",
    (b, a) => a.black && a.long && b.doji && b.gapsBelow(a),
  ),
  either(
    "COUNTERATTACK",
    11,
    "long black body, then a long white one with an equal close",
    (b, a) => a.black && a.long && b.white && b.long && isWithin(b.close, a.close, a.equal),
  ),
  either(
    "SEPARATINGLINES",
    11,
    "black candle, then a long white body without lower shadow that opens where the first one did",
    (b, a) => a.black && b.white && b.long && b.bareBottom && isWithin(b.open, a.open, a.equal),
  ),
  either("KICKING", 11, "black marubozu, then a white one that gaps above its range", kicks),
  valued(
    "KICKINGBYLENGTH",
    11,
    [-100, 0, 100],
    "as KICKING either way, 100 where the longer marubozu is white, −100 where it is black",
    (b, a) => (kicks(b, a) || kicks(b.mirror, a.mirror) ? colorOf(b.body > a.body ? b : a) : 0),
  ),
  rising(
    "PIERCING",
    11,
    "long black body, then a long white one that opens under its low and closes in its upper half",
    (b, a) => opensUnderneath(b, a) && b.long && b.close < a.open && b.close > a.close + a.body * 0.5,
  ),
  penetrating(0.5, (share) =>
    falling(
      "DARKCLOUDCOVER",
      11,
      "long white body, then a black one that opens above its high and closes within, at least that share of the body down",
      (b, a) => opensUnderneath(b.mirror, a.mirror) && b.close > a.open && b.close < a.close - a.body * share,
    ),
  ),
  falling(
    "THRUSTING",
    11,
    "long black body, then a white candle that opens under its low and closes within its lower half, not at its close",
    (b, a) => opensUnderneath(b, a) && b.close > a.close + a.equal && b.close <= a.close + a.body * 0.5,
  ),
  falling(
    "INNECK",
    11,
    "long black body, then a white candle that opens under its low and closes at its close or a little above",
    (b, a) => opensUnderneath(b, a) && b.close >= a.close && b.close <= a.close + a.equal,
  ),
  falling(
    "ONNECK",
    11,
    "long black body, then a white candle that opens under its low and closes at that low",
    (b, a) => opensUnderneath(b, a) && isWithin(b.close, a.low, a.equal),
  ),
  rising(
    "HOMINGPIGEON",
    11,
    "long black body, then a black one inside of it that is not long",
    (b, a) => a.black && a.long && b.black && !b.long && a.engulfs(b),
  ),
  rising(
    "MATCHINGLOW",
    6,
    "two black candles with equal closes",
    (b, a) => a.black && b.black && isWithin(b.close, a.close, a.equal),
  ),
];

/** A long black body, and a white candle that opens under its low. */
function opensUnderneath(b: Candle, a: Candle): boolean {
  return a.black && a.long && b.white && b.open < a.low;
}

/** Two marubozu away from each other. */
function kicks(b: Candle, a: Candle): boolean {
  return a.black && a.marubozu && b.white && b.marubozu && b.low > a.high;
}

function colorOf({ white }: Candle): number {
  return white ? 100 : -100;
}

/** The body reaches as far as another's at both ends. */
function covers(outer: Candle, inner: Candle): boolean {
  return outer.top >= inner.top && outer.bottom <= inner.bottom;
}

/** As `covers`, and further at one end at least. */
function coversMore(outer: Candle, inner: Candle): boolean {
  return covers(outer, inner) && (outer.top > inner.top || outer.bottom < inner.bottom);
}
