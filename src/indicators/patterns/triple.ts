import { type Candle, isWithin } from "./candle.ts";
import { either, falling, type Pattern, penetrating, rising, valued } from "./pattern.ts";

/** Patterns of three candles. */
export const TRIPLE: readonly Pattern[] = [
  penetrating(0.3, (share) =>
    rising(
      "MORNINGSTAR",
      12,
      "long black body, one that is not long and gaps below, then a long white one that closes that share into the first",
      (c, b, a) => !b.long && isStar(c, b, a, share),
    ),
  ),
  penetrating(0.3, (share) =>
    rising(
      "MORNINGDOJISTAR",
      12,
      "as MORNINGSTAR, with a doji in the middle",
      (c, b, a) => b.doji && isStar(c, b, a, share),
    ),
  ),
  penetrating(0.3, (share) =>
    falling(
      "EVENINGSTAR",
      12,
      "MORNINGSTAR upside down",
      (c, b, a) => !b.long && isStar(c.mirror, b.mirror, a.mirror, share),
    ),
  ),
  penetrating(0.3, (share) =>
    falling(
      "EVENINGDOJISTAR",
      12,
      "MORNINGDOJISTAR upside down",
      (c, b, a) => b.doji && isStar(c.mirror, b.mirror, a.mirror, share),
    ),
  ),
  penetrating(0.3, (share) =>
    either(
      "ABANDONEDBABY",
      12,
      "long black body, a doji below its range, then above the doji's range a long white body that closes that share into the first",
      (c, b, a) => isTurn(c, a, share) && b.doji && b.high < a.low && c.low > b.high,
    ),
  ),
  either(
    "TRISTAR",
    12,
    "three dojis, the second one gaps below the first, the third one is higher",
    (c, b, a) => a.doji && b.body <= a.tiny && c.body <= a.tiny && b.gapsBelow(a) && c.bottom > b.bottom,
  ),
  either(
    "3INSIDE",
    12,
    "long black body, one that is not long inside of it, then a white candle that closes above the first open",
    (c, b, a) => a.black && a.long && !b.long && a.engulfs(b) && c.white && c.close > a.open,
  ),
  either(
    "3OUTSIDE",
    3,
    "white body that engulfs a black one before, then a higher close",
    (c, b, a) => a.black && b.white && b.engulfs(a) && c.close > b.close,
  ),
  rising(
    "3STARSINSOUTH",
    12,
    "three black candles: a long one with a long lower shadow, a smaller one within its range, a short one without shadows within that",
    (c, b, a) => a.black && b.black && c.black && startsInSouth(b, a) && endsInSouth(c, b),
  ),
  rising(
    "3WHITESOLDIERS",
    12,
    "three white candles without upper shadows, each opening in the one before or near it and closing higher, none far shorter than the one before, the last one long",
    (c, b, a) =>
      advances(c, b, a) &&
      [a, b, c].every((candle) => candle.bareTop) &&
      b.body > a.body - a.far &&
      c.body > b.body - b.far &&
      c.long,
  ),
  falling(
    "ADVANCEBLOCK",
    12,
    "three white candles, each opening in the one before or near it and closing higher, the first one long, the later ones ever weaker",
    (c, b, a) => advances(c, b, a) && a.long && a.upper < a.usualShadow && weakens(c, b, a),
  ),
  falling(
    "STALLEDPATTERN",
    12,
    "two long white bodies, the second one without upper shadow, then a short white one on its shoulder",
    (c, b, a) =>
      closesRise(c, b, a) &&
      a.long &&
      b.long &&
      b.bareTop &&
      opensInOrNear(b, a) &&
      c.short &&
      c.open >= b.close - c.body - b.near,
  ),
  falling(
    "IDENTICAL3CROWS",
    12,
    "three black candles without lower shadows, each opening at the close before and closing lower",
    (c, b, a) => areBareCrows(c, b, a) && isWithin(b.open, a.close, a.equal) && isWithin(c.open, b.close, b.equal),
  ),
  falling(
    "3BLACKCROWS",
    13,
    "white candle, then three black ones without lower shadows, each opening in the body before and closing lower",
    (d, c, b, a) => a.white && areBareCrows(d, c, b) && b.holds(c.open) && c.holds(d.open) && a.high > b.close,
  ),
  falling(
    "2CROWS",
    12,
    "long white body, a black one that gaps above it, then a black one from inside of the second into the first",
    (c, b, a) => a.white && a.long && b.black && b.gapsAbove(a) && c.black && b.holds(c.open) && a.holds(c.close),
  ),
  falling(
    "UPSIDEGAP2CROWS",
    12,
    "long white body, a black one that is not long and gaps above it, then a black one that engulfs the second above the first close",
    (c, b, a) =>
      a.white && a.long && b.black && !b.long && b.gapsAbove(a) && c.black && c.engulfs(b) && c.close > a.close,
  ),
  either(
    "TASUKIGAP",
    7,
    "white body that gaps above the one before, then a black one of near its size from inside of it into the gap",
    (c, b, a) =>
      b.gapsAbove(a) &&
      b.white &&
      c.black &&
      b.holds(c.open) &&
      c.close < b.open &&
      c.close > a.top &&
      Math.abs(b.body - c.body) < b.near,
  ),
  either(
    "XSIDEGAP3METHODS",
    2,
    "two white bodies with a gap up between, then a black one from inside of the second into the first",
    (c, b, a) => a.white && b.white && b.gapsAbove(a) && c.black && b.holds(c.open) && a.holds(c.close),
  ),
  valued(
    "GAPSIDESIDEWHITE",
    7,
    [-100, 0, 100],
    "two white bodies of near the same size and equal opens, both with a gap above (100) or below (−100) the body before",
    (c, b, a) => {
      const alike = b.white && c.white && isWithin(c.body, b.body, b.near) && isWithin(c.open, b.open, b.equal);
      return !alike ? 0 : b.gapsAbove(a) && c.gapsAbove(a) ? 100 : b.gapsBelow(a) && c.gapsBelow(a) ? -100 : 0;
    },
  ),
  rising(
    "STICKSANDWICH",
    7,
    "black candle, a white one wholly above its close, then a black one with an equal close",
    (c, b, a) => a.black && b.white && c.black && b.low > a.close && isWithin(c.close, a.close, a.equal),
  ),
  rising(
    "UNIQUE3RIVER",
    12,
    "long black body, a black one inside of it with a lower low, then a short white one that opens above that low",
    (c, b, a) =>
      a.black &&
      a.long &&
      b.black &&
      b.close > a.close &&
      b.open <= a.open &&
      b.low < a.low &&
      c.white &&
      c.short &&
      c.open > b.low,
  ),
];

/** A long black body, and a long white one that closes the share of the body into it. */
function isTurn(c: Candle, a: Candle, share: number): boolean {
  return a.black && a.long && c.white && c.long && c.close > a.close + a.body * share;
}

function isStar(c: Candle, b: Candle, a: Candle, share: number): boolean {
  return isTurn(c, a, share) && b.gapsBelow(a);
}

function closesRise(c: Candle, b: Candle, a: Candle): boolean {
  return a.white && b.white && c.white && b.close > a.close && c.close > b.close;
}

function opensInOrNear(later: Candle, earlier: Candle): boolean {
  return later.open > earlier.open && later.open <= earlier.close + earlier.near;
}

function advances(c: Candle, b: Candle, a: Candle): boolean {
  return closesRise(c, b, a) && opensInOrNear(b, a) && opensInOrNear(c, b);
}

/** Bodies that shrink, or shadows above them that grow. */
function weakens(c: Candle, b: Candle, a: Candle): boolean {
  const lasts = c.body < b.body + b.near;
  const shrinks = c.body < b.body;
  return (
    (b.body < a.body - a.far && lasts) ||
    c.body < b.body - b.far ||
    (shrinks && b.body < a.body && (c.upper > c.usualShadow || b.upper > b.usualShadow)) ||
    (shrinks && c.longUpper)
  );
}

function areBareCrows(c: Candle, b: Candle, a: Candle): boolean {
  const bare = a.black && a.bareBottom && b.black && b.bareBottom && c.black && c.bareBottom;
  return bare && a.close > b.close && b.close > c.close;
}

function startsInSouth(b: Candle, a: Candle): boolean {
  const opensWithin = b.open > a.close && b.open <= a.high;
  return a.long && a.longLower && b.body < a.body && opensWithin && b.low < a.close && b.low >= a.low && b.hasLower;
}

function endsInSouth(c: Candle, b: Candle): boolean {
  return c.short && c.bareBottom && c.bareTop && c.low > b.low && c.high < b.high;
}
