import type { Mutant } from "./mutant.ts";

const MARKET = "src/engine/market";
const BARS = ["test/engine/market/join-bars.test.ts", "test/engine/bars.test.ts"];
const LATE = ["test/engine/sweeps.test.ts"];
const TOTALS = ["test/engine/performance.test.ts", "test/engine/accounts/running-totals.test.ts"];

/** Bars, closes, and what positions add up to: R1 to R7, R45, R46. */
export const MARKET_AND_ACCOUNTS: readonly Mutant[] = [
  {
    name: "a condition on a longer timeframe reads the bar that has not closed",
    file: "src/engine/rules/conditions/sides.ts",
    find: "reading.seriesAt(condition.timeframe, lastClose(barClose, condition.timeframe))",
    replace: "reading.seriesAt(condition.timeframe, lastClose(barClose - 1, condition.timeframe) + 1)",
    tests: ["test/engine/judging.test.ts"],
  },
  {
    name: "a hole of 49 bars is filled",
    file: `${MARKET}/join-bars.ts`,
    find: "missing > LONGEST_FILL",
    replace: "missing > LONGEST_FILL + 1",
    tests: BARS,
  },
  {
    name: "a hole of the history is not filled",
    file: `${MARKET}/join-bars.ts`,
    find: "for (let i = 1; i <= missing; i++) {",
    replace: "for (let i = 1; i < missing; i++) {",
    tests: BARS,
  },
  {
    name: "a filled bar opens where the hole began to open",
    file: `${MARKET}/join-bars.ts`,
    find: "return { openTime, open: close, high: close,",
    replace: "return { openTime, open: previous.open, high: previous.high,",
    tests: BARS,
  },
  {
    name: "another bar in the place of one that is there is taken, correction or not",
    file: `${MARKET}/series.ts`,
    find: "if (!isCorrection) {",
    replace: "if (isCorrection === undefined) {",
    tests: BARS,
  },
  {
    name: "a correction leaves the indicators as they were",
    file: `${MARKET}/series.ts`,
    find: "    this.#bars.replace(place, bar);\n    this.#recompute();",
    replace: "    this.#bars.replace(place, bar);",
    tests: BARS,
  },
  {
    name: "a bar behind a gap is added",
    file: `${MARKET}/series.ts`,
    find: 'return "gap";',
    replace: 'this.#add(bar);\n      return "added";',
    tests: BARS,
  },
  {
    name: "an older bar is read as the one that closed",
    file: `${MARKET}/series.ts`,
    find: "const back = (this.#lastClose - time) / this.#length;",
    replace: "const back = Math.max(0, (this.#lastClose - time) / this.#length);",
    tests: [...LATE, "test/engine/judging.test.ts"],
  },
  {
    name: "a close is judged without the bars of longer timeframes",
    file: `${MARKET}/live-reading.ts`,
    find: "    haveAllCome &&= hasCome && series?.fault === undefined;",
    replace: "    haveAllCome ||= hasCome && series?.fault === undefined;",
    tests: [...LATE, "test/engine/outcomes.test.ts", "test/engine/properties.test.ts"],
  },
  {
    name: "closes that market time passed over are not counted as missed",
    file: "src/engine/runtime/bar-closes/due-closes.ts",
    find: "/ timeframeMs(timeframe)) - 1 });",
    replace: "/ timeframeMs(timeframe)) });",
    tests: LATE,
  },
  {
    name: "a close is judged twice",
    file: "src/engine/runtime/bar-closes/due-closes.ts",
    find: "if (close > before) {",
    replace: "if (close >= before) {",
    tests: [...LATE, "test/engine/restarts.test.ts"],
  },
  {
    name: "a restart judges again what an earlier process has judged",
    file: "src/engine/runtime/bar-closes/due-closes.ts",
    find: "return isOfThisMarket ? lastClose(this.#judgedUntil ?? 0, timeframe) : close - timeframeMs(timeframe);",
    replace: "return close - timeframeMs(timeframe);",
    tests: ["test/engine/restarts.test.ts"],
  },
  {
    name: "the profit of a SHORT is that of a LONG",
    file: "src/domain/position.ts",
    find: 'side === "LONG" ? exitPrice - entryPrice : entryPrice - exitPrice',
    replace: "exitPrice - entryPrice",
    tests: TOTALS,
  },
  {
    name: "fees are added to the profit",
    file: "src/domain/position.ts",
    find: "pnlPct * sizeUsd - feesUsd",
    replace: "pnlPct * sizeUsd + feesUsd",
    tests: TOTALS,
  },
  {
    name: "the deviation of profits is that of a population",
    file: "src/domain/performance.ts",
    find: "this.#squares / (count - 1)",
    replace: "this.#squares / count",
    tests: TOTALS,
  },
  {
    name: "a position that gained nothing is a win",
    file: "src/domain/performance.ts",
    find: "if (pnlUsd > 0) {",
    replace: "if (pnlUsd >= 0) {",
    tests: TOTALS,
  },
  {
    name: "drawdown is measured from zero, not from the peak",
    file: "src/domain/performance.ts",
    find: "this.#peak = Math.max(this.#peak, this.#total);",
    replace: "",
    tests: TOTALS,
  },
  {
    name: "positions that closed together are added up in the order of their reports",
    file: "src/engine/accounts/running-totals.ts",
    find: "(other.closedAt === closedAt && compareCodePoints(other.positionId, positionId) <= 0)",
    replace: "other.closedAt === closedAt",
    tests: TOTALS,
  },
  {
    name: "the decisions of a sweep are in the order of their symbols first",
    file: "src/domain/decision.ts",
    find: "    compareCodePoints(a.strategyId, b.strategyId) ||\n    compareCodePoints(a.symbol, b.symbol)",
    replace: "    compareCodePoints(a.symbol, b.symbol) ||\n    compareCodePoints(a.strategyId, b.strategyId)",
    tests: [...LATE, "test/engine/state.test.ts"],
  },
  {
    name: "the version of its strategy is no part of a decision's id",
    file: "src/domain/decision.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: stands in a template of the source
    find: "|${key.strategyVersion}|",
    replace: "||",
    tests: ["test/engine/journal.test.ts"],
  },
];
