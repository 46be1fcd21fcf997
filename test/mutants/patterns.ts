import type { Mutant } from "./mutant.ts";

const FOLDER = "src/indicators";
const CANDLES = ["test/indicators/patterns.test.ts"];
const GROUPS = ["test/indicators/groups.test.ts"];

/** Candle patterns, and what public strategies read besides TA-Lib's older functions. */
export const PATTERNS: readonly Mutant[] = [
  {
    name: "a body as large as a tenth of the range is no doji",
    file: `${FOLDER}/patterns/candle.ts`,
    find: "return this.body <= this.tiny;",
    replace: "return this.body < this.tiny;",
    tests: CANDLES,
  },
  {
    name: "a candle upside down keeps its color",
    file: `${FOLDER}/patterns/candle.ts`,
    find: "candle.mirror.set(-open, -low, -high, -close, !white);",
    replace: "candle.mirror.set(-open, -low, -high, -close, white);",
    tests: CANDLES,
  },
  {
    name: "near is of as many candles as long",
    file: `${FOLDER}/patterns/candle.ts`,
    find: "const NEARNESS = 5;",
    replace: "const NEARNESS = 10;",
    tests: CANDLES,
  },
  {
    name: "a candle is compared with its own body, too",
    file: `${FOLDER}/patterns/candle.ts`,
    find: "sum += candle.body;",
    replace: "sum += (i === 0 ? this : candle).body;",
    tests: CANDLES,
  },
  {
    name: "a pattern begins one bar late",
    file: `${FOLDER}/patterns/pattern.ts`,
    find: "this.missing = firstIndex;",
    replace: "this.missing = firstIndex + 1;",
    tests: CANDLES,
  },
  {
    name: "a trap can be confirmed four bars later",
    file: `${FOLDER}/patterns/longer.ts`,
    find: "age <= 3;",
    replace: "age <= 4;",
    tests: CANDLES,
  },
  {
    name: "a trap is confirmed more than once",
    file: `${FOLDER}/patterns/longer.ts`,
    find: "if (escapes(candle)) {",
    replace: "if (escapes(candle) && candle === last) {",
    tests: CANDLES,
  },
  {
    name: "SUPERTREND turns at a close on its line",
    file: `${FOLDER}/channels/supertrend.ts`,
    find: "this.rises ? bar.close >= this.lower",
    replace: "this.rises ? bar.close > this.lower",
    tests: GROUPS,
  },
  {
    name: "KELTNER's range is seeded with the first bars",
    file: `${FOLDER}/channels/keltner.ts`,
    find: "this.rangeFrom = firstOf(n, m) - (m - 1);",
    replace: "this.rangeFrom = 1;",
    tests: GROUPS,
  },
  {
    name: "the cloud stands a bar early",
    file: `${FOLDER}/channels/ichimoku.ts`,
    find: "this.slow = new Channel(slow);\n    this.lag = new Lag(displacement);",
    replace: "this.slow = new Channel(slow);\n    this.lag = new Lag(displacement - 1);",
    tests: GROUPS,
  },
  {
    name: "STOCHRSI takes rounding of the RSI for a move",
    file: `${FOLDER}/momentum/stochastic-rsi.ts`,
    find: "upper - lower <= ROUNDING) {",
    replace: "upper - lower <= 0) {",
    tests: GROUPS,
  },
  {
    name: "the bands of VWAP keep the spread of the day before",
    file: `${FOLDER}/vwap.ts`,
    find: "      this.spread = 0;\n",
    replace: "",
    tests: GROUPS,
  },
  {
    name: "pivots are of the current day",
    file: `${FOLDER}/session/pivots.ts`,
    find: "      if (this.anchored) {\n        this.draw();\n      }\n      this.anchored = true;\n      this.high = bar.high;\n      this.low = bar.low;",
    replace:
      "      this.anchored = true;\n      this.high = bar.high;\n      this.low = bar.low;\n      this.close = bar.close;\n      this.draw();",
    tests: GROUPS,
  },
  {
    name: "pivots are loaded with one day",
    file: `${FOLDER}/readiness.ts`,
    find: '(wholeDays * timeframeMs("1d"))',
    replace: 'timeframeMs("1d")',
    tests: ["test/indicators/readiness.test.ts"],
  },
];
