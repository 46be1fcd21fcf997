import type { Candle } from "./candle.ts";
import { either, type Pattern, penetrating, rising, valued } from "./pattern.ts";

/** Patterns of four candles and more. */
export const LONGER: readonly Pattern[] = [
  either(
    "3LINESTRIKE",
    8,
    "three white candles that open in or near the body before and close higher, then a black one from above the last close to under the first open",
    (d, c, b, a) =>
      [a, b, c].every(({ white }) => white) &&
      isInOrNear(b.open, a) &&
      isInOrNear(c.open, b) &&
      b.close > a.close &&
      c.close > b.close &&
      d.black &&
      d.open > c.close &&
      d.close < a.open,
  ),
  rising(
    "CONCEALBABYSWALL",
    13,
    "four black candles: two without shadows, one that gaps below with a shadow up into the second, one whose range is larger at both ends",
    (d, c, b, a) =>
      [a, b, c, d].every(({ black }) => black) &&
      [a, b].every(({ bareTop, bareBottom }) => bareTop && bareBottom) &&
      c.gapsBelow(b) &&
      c.hasUpper &&
      c.high > b.close &&
      d.high > c.high &&
      d.low < c.low,
  ),
  either(
    "BREAKAWAY",
    14,
    "long black body, a black one that gaps below, two with lower highs and lows of which the last is black, then a white one that closes in the gap",
    (e, d, c, b, a) =>
      a.long &&
      [a, b, d].every(({ black }) => black) &&
      e.white &&
      b.gapsBelow(a) &&
      isLower(c, b) &&
      isLower(d, c) &&
      e.close > b.open &&
      e.close < a.close,
  ),
  rising(
    "LADDERBOTTOM",
    14,
    "three black candles with falling opens and closes, a black one with an upper shadow, then a white one that opens above its open and closes above its high",
    (e, d, c, b, a) =>
      [a, b, c, d].every(({ black }) => black) &&
      isSlower(b, a) &&
      isSlower(c, b) &&
      d.hasUpper &&
      e.white &&
      e.open > d.open &&
      e.close > d.high,
  ),
  penetrating(0.5, (share) =>
    rising(
      "MATHOLD",
      14,
      "long white body, a short black one that gaps above, two falling short ones that reach less than that share into the first, then a white one that closes above them all",
      (e, d, c, b, a) =>
        a.white &&
        a.long &&
        [b, c, d].every(({ short }) => short) &&
        b.black &&
        b.gapsAbove(a) &&
        [c, d].every(({ bottom }) => bottom < a.close && bottom > a.close - a.body * share) &&
        c.top < b.open &&
        d.top < c.top &&
        e.white &&
        e.open > d.close &&
        e.close > Math.max(b.high, c.high, d.high),
    ),
  ),
  either(
    "RISEFALL3METHODS",
    14,
    "long white body, three short black ones that fall within its range, then a long white one that opens above the last close and closes above the first",
    (e, d, c, b, a) =>
      a.white &&
      a.long &&
      [b, c, d].every(({ black, short, bottom, top }) => black && short && bottom < a.high && top > a.low) &&
      c.close < b.close &&
      d.close < c.close &&
      e.white &&
      e.long &&
      e.open > d.close &&
      e.close > a.close,
  ),
  valued(
    "HIKKAKE",
    5,
    [-200, -100, 0, 100, 200],
    "100 where an inside bar is followed by a lower high and low; 200 where one of the next three closes is the first above the inside bar's high; negative upside down",
    (last) => confirmed(last, trap),
  ),
  valued(
    "HIKKAKEMOD",
    10,
    [-200, -100, 0, 100, 200],
    "as HIKKAKE, where the bar before the inside bar is one, too, and closed near its low (near its high upside down)",
    (last) => confirmed(last, narrowTrap),
  ),
];

function isInOrNear(price: number, { top, bottom, near }: Candle): boolean {
  return price <= top + near && price >= bottom - near;
}

function isLower(later: Candle, earlier: Candle): boolean {
  return later.high < earlier.high && later.low < earlier.low;
}

function isSlower(later: Candle, earlier: Candle): boolean {
  return later.open < earlier.open && later.close < earlier.close;
}

/** The whole range lies inside of another's. */
function isInside(inner: Candle, outer: Candle): boolean {
  return inner.high < outer.high && inner.low > outer.low;
}

/** 1 where the candle left the inside bar before it downwards, −1 where upwards, else 0. */
function trap(candle: Candle): number {
  const inside = candle.before;
  return !isInside(inside, inside.before)
    ? 0
    : isLower(candle, inside)
      ? 1
      : isLower(candle.mirror, inside.mirror)
        ? -1
        : 0;
}

function narrowTrap(candle: Candle): number {
  const outer = candle.before.before;
  const sign = trap(candle);
  if (sign === 0 || !isInside(outer, outer.before)) {
    return 0;
  }
  const nearItsEnd = sign > 0 ? outer.close <= outer.low + outer.near : outer.close >= outer.high - outer.near;
  return nearItsEnd ? sign : 0;
}

/**
 * A new trap counts before the confirmation of an earlier one; the newest trap alone can be
 * confirmed, by one of the next three candles, and once.
 */
function confirmed(last: Candle, trapAt: (candle: Candle) => number): number {
  const now = trapAt(last);
  if (now !== 0) {
    return 100 * now;
  }
  for (let age = 1, sprung = last.before; age <= 3; age++, sprung = sprung.before) {
    const sign = trapAt(sprung);
    if (sign !== 0) {
      return isFirstEscape(last, sprung, sign) ? 200 * sign : 0;
    }
  }
  return 0;
}

/** The close is the first one after the trap beyond its inside bar. */
function isFirstEscape(last: Candle, sprung: Candle, sign: number): boolean {
  const { high, low } = sprung.before;
  const escapes = ({ close }: Candle) => (sign > 0 ? close > high : close < low);
  for (let candle = last.before; candle !== sprung; candle = candle.before) {
    if (escapes(candle)) {
      return false;
    }
  }
  return escapes(last);
}
