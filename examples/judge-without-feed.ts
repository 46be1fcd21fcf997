/** Judges a strategy on the bars of a file, with parts of the engine: no feed, no journal. */
import { readFileSync } from "node:fs";
import { type Bar, closeTime } from "../src/domain/bar.ts";
import type { Decision } from "../src/domain/decision.ts";
import { DEFAULT_POLICY } from "../src/domain/policy.ts";
import type { StoredStrategy } from "../src/domain/strategy.ts";
import { Pace } from "../src/engine/concurrency/pace.ts";
import { SeriesTable } from "../src/engine/market/series-table.ts";
import { closeUnits } from "../src/engine/runtime/bar-closes/close-units.ts";
import { MemoryDecider } from "../src/engine/runtime/deciding/memory-decider.ts";
import { SweepRun } from "../src/engine/runtime/sweeps/sweep-run.ts";
import { StrategyBook } from "../src/engine/strategies/strategy-book.ts";
import { NO_TRACER } from "../src/ports/tracer.ts";
import { systemClock } from "../src/process/system-clock.ts";

const SYMBOL = "BTCUSD";
const TIMEFRAME = "30m";

const dip: StoredStrategy = {
  strategyId: "dip",
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  draft: {
    strategyId: "dip",
    name: "Buy what has fallen far",
    status: "LIVE",
    timeframe: TIMEFRAME,
    side: "LONG",
    entryIndicators: [{ name: "RSI", operator: "<", value: 25, timeframe: "" }],
    entryLogic: "ALL",
    trigger: "EDGE",
    baseSizeUsd: 1_000,
    stopLossPct: 0.02,
    takeProfitPct: 0.05,
    allowedRegimes: [],
    symbols: [],
    labels: {},
  },
};

// 1. The strategies in force, checked and compiled.
const book = new StrategyBook({});
await book.update({ complete: true, strategies: [dip], gone: [] }, new Pace(systemClock));

// 2. The market: series of all that these strategies read.
const series = new SeriesTable(book.required);

// 3. Who decides: the gates, with a memory of the decisions before, and nothing behind.
const decisions: Decision[] = [];
const decider = new MemoryDecider((made) => decisions.push(...made));

// 4. One sweep at each close.
const observer = { wantsSuppressions: false, observe() {} };
const parts = { clock: systemClock, observer, tracer: NO_TRACER, decider, dataSource: "file" };
const context = { inForce: { policy: DEFAULT_POLICY, allowed: new Set<string>() }, evaluators: [] };
const bars = barsOf(new URL("../data/BTCUSD-30m.csv", import.meta.url));
for (const bar of bars) {
  series.add(SYMBOL, TIMEFRAME, [bar]);
  const close = closeTime(bar, TIMEFRAME);
  const cohorts = book.cohorts.get(TIMEFRAME) ?? [];
  const units = closeUnits(
    series,
    () => close,
    cohorts,
    () => new Set([SYMBOL]),
    close,
  );
  await NO_TRACER.span("sweep", {}, (span) => new SweepRun(parts).decide(() => ({ units, context }), false, span));
}

console.log(`${bars.length} bars, ${decisions.length} decisions; the last three:`);
for (const { barCloseTime, side, entryPrice, stopLoss, takeProfit } of decisions.slice(-3)) {
  console.log(
    `${new Date(barCloseTime).toISOString()} ${side} at ${entryPrice}, stop ${stopLoss}, target ${takeProfit}`,
  );
}

function barsOf(file: URL): readonly Bar[] {
  const [, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [time = "", ...numbers] = line.split(",");
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers.map(Number);
    return { openTime: Date.parse(time), open, high, low, close, volume };
  });
}
