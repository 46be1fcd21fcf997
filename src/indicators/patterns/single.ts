import type { Candle } from "./candle.ts";
import { colored, either, falling, type Pattern, rising } from "./pattern.ts";

/** Patterns of one candle, and those that ask besides where the one before lies. */
export const SINGLE: readonly Pattern[] = [
  rising("DOJI", 10, "body at most a tenth of the usual range", (a) => a.doji),
  rising("DRAGONFLYDOJI", 10, "doji without upper shadow, with a lower one", (a) => a.doji && a.bareTop && a.hasLower),
  rising(
    "GRAVESTONEDOJI",
    10,
    "doji without lower shadow, with an upper one",
    (a) => a.doji && a.bareBottom && a.hasUpper,
  ),
  rising("LONGLEGGEDDOJI", 10, "doji with at least one long shadow", (a) => a.doji && (a.longLower || a.longUpper)),
  rising(
    "RICKSHAWMAN",
    10,
    "doji with two long shadows, its body near the middle of its range",
    (a) => a.doji && a.longLower && a.longUpper && isInTheMiddle(a),
  ),
  rising(
    "TAKURI",
    10,
    "doji without upper shadow, whose lower one is over twice the body",
    (a) => a.doji && a.bareTop && a.lower > 2 * a.body,
  ),
  colored("MARUBOZU", 10, "long body without shadows", (a) => a.marubozu),
  either("CLOSINGMARUBOZU", 10, "long white body that closes at its high", (a) => a.long && a.white && a.bareTop),
  either("BELTHOLD", 10, "long white body that opened at its low", (a) => a.long && a.white && a.bareBottom),
  colored("LONGLINE", 10, "long body with short shadows", (a) => a.long && a.shortShadows),
  colored("SHORTLINE", 10, "short body with short shadows", (a) => a.short && a.shortShadows),
  colored(
    "SPINNINGTOP",
    10,
    "short body, both shadows longer than the body",
    (a) => a.short && a.longUpper && a.longLower,
  ),
  colored(
    "HIGHWAVE",
    10,
    "short body, both shadows over twice the body",
    (a) => a.short && a.upper > 2 * a.body && a.lower > 2 * a.body,
  ),
  rising(
    "HAMMER",
    11,
    "short body with a long lower shadow and no upper one, near the low before or under it",
    (b, a) => hangs(b) && b.bottom <= a.low + a.near,
  ),
  falling(
    "HANGINGMAN",
    11,
    "short body with a long lower shadow and no upper one, near the high before or above it",
    (b, a) => hangs(b) && b.bottom >= a.high - a.near,
  ),
  rising(
    "INVERTEDHAMMER",
    11,
    "short body with a long upper shadow and no lower one, that gaps below the body before",
    (b, a) => stands(b) && b.gapsBelow(a),
  ),
  falling(
    "SHOOTINGSTAR",
    11,
    "short body with a long upper shadow and no lower one, that gaps above the body before",
    (b, a) => stands(b) && b.gapsAbove(a),
  ),
];

function hangs(candle: Candle): boolean {
  return candle.short && candle.longLower && candle.bareTop;
}

function stands(candle: Candle): boolean {
  return candle.short && candle.longUpper && candle.bareBottom;
}

function isInTheMiddle({ low, range, near, bottom, top }: Candle): boolean {
  const middle = low + range / 2;
  return bottom <= middle + near && top >= middle - near;
}
