import type { Chance } from "./chance.ts";

/*
 * Single values of fields. The usual ones let a call come as far as the engine; the odd ones are
 * those that programs stumble over. Ids come from small sets, so that what a run stores is bounded.
 */

const WHOLE = [0, 1, -1, 2, 7, 100, 1_000, 1_001, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1] as const;
const LONG = [
  ...[0n, 1n, -1n, 2n, 2n ** 31n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
  // The first and the last second that a Timestamp may have, and those beside them.
  ...[253_402_300_799n, 253_402_300_800n, -62_135_596_800n, -62_135_596_801n, 315_576_000_000n, 315_576_000_001n],
] as const;
const DOUBLES = [
  ...[0, -0, 1, -1, 0.1, 0.5, 2, 30, 100, 1e-300, 5e-324, 1e300, 2 ** 53, 2 ** 53 + 2],
  ...[Number.MAX_VALUE, -Number.MAX_VALUE, Number.EPSILON, Number.NaN, Number.POSITIVE_INFINITY, -Infinity],
] as const;
const TEXTS = [
  ...["", " ", "\0", "a\0b", "\r\n", "\t", "null", "true", "NaN", "0", "-1", "1e999", "undefined", "[object Object]"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "../../etc/passwd", "%00", "%s%n", "$" + "{x}"],
  ...["'; DROP TABLE sg_strategies; --", "<script>", "Ä", "e\u0301", "\u202eabc", "\ufeff", "\uffff", "𝒳", "👩‍👩‍👧"],
  ...["\ud800", "\udc00x", "start", "2024-01-01", "2024-01-01T00:00:00Z", "5m", "300s", "2%", "RSI < 30", "LIVE"],
] as const;

export const STRATEGY_IDS = Array.from({ length: 40 }, (_, i) => `fuzz-${i}`);
const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"] as const;
const TIMEFRAMES = ["1m", "5m", "15m", "1h", "4h", "1d"] as const;
const INDICATORS =
  "CLOSE PRICE VOLUME SMA_20 EMA_50 WMA_2 VWAP BB_UPPER_20_2 BB_PERCENT HIGHEST_500 RSI RSI_14 STOCH_K STOCH_D_14_3_3 MFI CCI MACD MACD_HIST_12_26_9 SMA_CROSS_20_50 ROC_10 ADX ATR NATR_14".split(
    " ",
  );
const OPERATORS = ["<", "<=", ">", ">=", "==", "crosses_above", "crosses_below"] as const;
const REGIMES = ["trend", "range", "crash"] as const;

/** What a field of this name usually holds; undefined where nothing is known of it. */
export function usualText(chance: Chance, field: string): string | undefined {
  switch (field) {
    case "strategy_id":
    case "strategy_ids":
    case "allowed_strategies":
      return chance.oneOf(STRATEGY_IDS);
    case "symbol":
    case "symbols":
      return chance.oneOf(SYMBOLS);
    case "timeframe":
      return chance.oneOf(TIMEFRAMES);
    case "indicator":
    case "indicators":
      return chance.oneOf(INDICATORS);
    case "operator":
      return chance.oneOf(OPERATORS);
    case "current_regime":
    case "regime":
    case "allowed_regimes":
      return chance.oneOf(REGIMES);
    case "position_id":
      return `position-${chance.below(60)}`;
    case "resume_token":
      return chance.oneOf(["", "", "start"]);
    case "decision_id":
      return chance.oneOf(["", ...chance.decisionIds]);
    case "page_token":
      return "";
    case "reason":
    case "name":
      return `fuzz ${chance.below(10)}`;
    default:
      return undefined;
  }
}

/** As `usualText`, for the name of a condition, which is an indicator. */
export function usualIndicator(chance: Chance): string {
  return chance.oneOf(INDICATORS);
}

export function usualNumber(chance: Chance, field: string): number {
  switch (field) {
    case "stop_loss_pct":
    case "take_profit_pct":
      return chance.oneOf([0.02, 0.05, 0.1]);
    case "min_confidence":
    case "confidence":
    case "fitness_score":
    case "strength":
      return chance.oneOf([0, 0.5, 0.9, 1]);
    case "max_positions":
      return 1 + chance.below(5);
    case "page_size":
      return chance.below(50);
    case "low":
      return 90 + chance.below(10);
    case "high":
      return 111 + chance.below(10);
    case "open":
    case "close":
      return 100 + chance.below(11);
    default:
      return 1 + chance.below(1_000);
  }
}

export function oddText(chance: Chance): string {
  if (chance.holds(0.6)) {
    return chance.oneOf(TEXTS);
  }
  if (chance.holds(0.02)) {
    return chance.oneOf(["x", "ä", "👩", "\0", "(", "9", "A_"]).repeat(chance.fewUpTo(200_000));
  }
  return Array.from({ length: chance.fewUpTo(70) }, () =>
    String.fromCodePoint(chance.below(chance.oneOf([0x80, 0x800, 0x3000, 0x10_ffff]))),
  ).join("");
}

export function oddWhole(chance: Chance): number {
  return chance.holds(0.7) ? chance.oneOf(WHOLE) : chance.below(2 ** 32) - 2 ** 31;
}

export function oddLong(chance: Chance): bigint {
  return chance.holds(0.7) ? chance.oneOf(LONG) : BigInt(chance.below(2 ** 53)) - 2n ** 52n;
}

export function oddDouble(chance: Chance): number {
  return chance.holds(0.7) ? chance.oneOf(DOUBLES) : chance.bytes(8).readDoubleLE(0);
}
