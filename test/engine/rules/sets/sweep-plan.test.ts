import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMBINATIONS } from "../../../../src/domain/rule.ts";
import { type Condition, OPERATORS, type Rule, type Strategy } from "../../../../src/domain/strategy.ts";
import type { Timeframe } from "../../../../src/domain/timeframe.ts";
import { timeframeMs } from "../../../../src/domain/timeframe.ts";
import { Pace } from "../../../../src/engine/concurrency/pace.ts";
import { type CompiledStrategy, compileStrategy } from "../../../../src/engine/rules/conditions/compiled-strategy.ts";
import { judgeRule } from "../../../../src/engine/rules/conditions/judged-rule.ts";
import type { MarketReading, SeriesAt } from "../../../../src/engine/rules/conditions/market-reading.ts";
import { hasBit, wordsFor } from "../../../../src/engine/rules/sets/bits.ts";
import { readFeatures } from "../../../../src/engine/rules/sets/feature-values.ts";
import { HitList } from "../../../../src/engine/rules/sets/hit-list.ts";
import { ConditionMasks } from "../../../../src/engine/rules/sets/masks.ts";
import { SweepMemory } from "../../../../src/engine/rules/sets/sweep-memory.ts";
import { SweepPlan } from "../../../../src/engine/rules/sets/sweep-plan.ts";
import type { Indicator } from "../../../../src/indicators/indicator.ts";
import { systemClock } from "../../../../src/process/system-clock.ts";

const CLOSE_TIME = 1_000 * timeframeMs("1h");
const NAMES = [
  "RSI_14",
  "RSI_7",
  "SMA_CROSS_20_50",
  "CLOSE",
  "EMA_20",
  "MACD_12_26_9",
  "MACD_SIGNAL_12_26_9",
  "VOLUME",
];
/** Sides that are no plain indicators (R52). */
const EXPRESSIONS = [
  "CLOSE - EMA_20",
  "RSI_14[1]",
  "1.5*VOLUME",
  "SMA_20(VOLUME)",
  "CLOSE@4h - CLOSE",
  "RSI_7[2]@4h",
  "ABS(CLOSE - EMA_20)/EMA_20",
  "MAX(RSI_14, RSI_7, 50)",
  "VOLUME/(RSI_14 - RSI_7)",
];

/**
 * Few values, so that ties, equal thresholds, both zeros and hair's breadths come up; NaN is not
 * ready.
 */
const value = fc.constantFrom(Number.NaN, -0, 0, 1, 1 + 1e-13, 1 + 3e-12, 1 + 1e-7, 30, 30.000001, 50, 70, 100, -5);

const comparison: fc.Arbitrary<Condition> = fc.record({
  name: fc.constantFrom(...NAMES, ...EXPRESSIONS),
  operator: fc.constantFrom(...OPERATORS),
  operand: fc.oneof(
    value.filter((number) => !Number.isNaN(number)),
    fc.constantFrom(...NAMES, ...EXPRESSIONS),
  ),
  timeframe: fc.constantFrom<Timeframe>("1h", "4h"),
});

/** Some are looked at over several bars (R58). */
const condition: fc.Arbitrary<Condition> = fc
  .tuple(comparison, fc.constantFrom({}, {}, {}, { forBars: 2 }, { forBars: 3 }, { withinBars: 2 }, { withinBars: 4 }))
  .map(([compared, window]) => ({ ...compared, ...window }));

function strategyOf(
  entryIndicators: readonly Condition[],
  entryLogic: "ALL" | "ANY" | undefined,
  entry?: Rule,
): CompiledStrategy {
  const strategy: Strategy = {
    strategyId: "s",
    name: "s",
    status: "LIVE",
    entryIndicators,
    ...(entryLogic && { entryLogic }),
    ...(entry && { entry }),
    baseSizeUsd: 1,
    confidenceScaling: true,
    stopLossPct: 0.1,
    takeProfitPct: 0.1,
    allowedRegimes: [],
    minConfidence: 0.5,
    maxPositions: 1,
    side: "LONG",
    timeframe: "1h",
    trigger: "LEVEL",
    cooldownMs: 0,
    symbols: [],
    labels: {},
    version: 1,
    createdAt: 0,
    updatedAt: 0,
  };
  return compileStrategy(strategy);
}

/** Any tree of so many parts within one another at most. */
function ruleOf(depth: number): fc.Arbitrary<Rule> {
  const leaf = condition.map((each): Rule => ({ kind: "condition", condition: each }));
  if (depth === 0) {
    return leaf;
  }
  const combined = fc.record({
    kind: fc.constantFrom(...COMBINATIONS),
    rules: fc.array(ruleOf(depth - 1), { minLength: 1, maxLength: 4 }),
  });
  return fc.oneof({ weight: 2, arbitrary: leaf }, { weight: 3, arbitrary: combined });
}

const tree = ruleOf(4).map((rule) => strategyOf([], undefined, rule));

const list = fc
  .tuple(fc.array(condition, { minLength: 1, maxLength: 5 }), fc.constantFrom("ALL" as const, "ANY" as const))
  .map(([conditions, logic]) => strategyOf(conditions, logic));

const strategy = fc.oneof(list, tree);

/** Values of every series on every symbol, made from a seed so that both ways see the same. */
interface Market {
  readonly symbols: number;
  readonly pool: readonly number[];
}

/** `bar`: which one of its series it is. */
function valueAt(market: Market, name: string, timeframe: Timeframe, bar: number, symbol: number): number {
  let hash = symbol + 31 * bar + 7 * timeframeMs(timeframe);
  for (const character of name) {
    hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
  }
  return market.pool[Math.abs(hash) % market.pool.length] ?? Number.NaN;
}

function readingOf(market: Market, symbol: number): MarketReading {
  return {
    seriesAt: function seriesAt(timeframe, time): SeriesAt {
      const bar = time / timeframeMs(timeframe);
      const value = ({ name }: Indicator, back: 0 | 1) => valueAt(market, name, timeframe, bar - back, symbol);
      // The judge takes the tolerance from the bar's close, which is there wherever the close is.
      const close = (back: 0 | 1) => valueAt(market, "CLOSE", timeframe, bar - back, symbol);
      return {
        bars: 100_000,
        settled: true,
        bar: (back) => ({ openTime: 0, open: 1, high: 1, low: 1, close: close(back), volume: 1 }),
        close,
        value,
        before: (bars) => seriesAt(timeframe, time - bars * timeframeMs(timeframe)),
      };
    },
  };
}

/** Used again and again, as sweeps do: whatever one leaves in it must not reach the next. */
const memory = new SweepMemory();

describe("a sweep plan", () => {
  it("answers for every strategy and symbol as the explained judge does", async () => {
    const market = fc.record({
      symbols: fc.integer({ min: 1, max: 70 }),
      pool: fc.array(value, { minLength: 1, maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(strategy, { minLength: 1, maxLength: 12 }),
        market,
        fc.integer(),
        async (strategies, given, seed) => {
          const pace = new Pace(systemClock);
          const plan = await SweepPlan.of(strategies, pace);
          const { features } = plan.table;
          const input = {
            features: features.length,
            symbols: given.symbols,
            values: new Float64Array(features.length * given.symbols),
          };
          for (let place = 0; place < given.symbols; place++) {
            const reading = readingOf(given, place);
            readFeatures(features, { symbol: "", reading, barClose: CLOSE_TIME }, input, place);
          }
          const masks = await ConditionMasks.of(plan.table, input, memory, pace);
          const mask = new Int32Array(wordsFor(given.symbols)).map((_, w) => seed ^ Math.imul(w, 0x9e3779b9));
          for (let symbol = given.symbols; symbol < mask.length * 32; symbol++) {
            mask[symbol >>> 5] = (mask[symbol >>> 5] ?? 0) & ~(1 << (symbol & 31));
          }
          const list = new HitList();
          let unknown = 0;
          const unknownOf = strategies.map((_, place) => {
            const count = plan.judge({ from: place, to: place + 1 }, masks, () => mask, list);
            unknown += count;
            return count;
          });
          const hits = new Set<string>();
          list.forEach((place, symbol) => {
            hits.add(`${place}/${symbol}`);
          });
          expect(plan.judge({ from: 0, to: strategies.length }, masks, () => mask, new HitList())).toBe(unknown);
          strategies.forEach((compiled, place) => {
            let open = 0;
            for (let symbol = 0; symbol < given.symbols; symbol++) {
              if (hasBit(mask, symbol)) {
                const reading = readingOf(given, symbol);
                const { met: expected } = judgeRule(compiled.entry, reading, CLOSE_TIME);
                open += expected === undefined ? 1 : 0;
                expect(hits.has(`${place}/${symbol}`)).toBe(expected === true);
              } else {
                expect(hits.has(`${place}/${symbol}`)).toBe(false);
              }
            }
            expect(unknownOf[place]).toBe(open);
          });
        },
      ),
      { numRuns: 400 },
    );
  });
});
