import { describe, expect, it } from "vitest";
import type { Suppression } from "../../../../src/domain/decision.ts";
import { DEFAULT_POLICY } from "../../../../src/domain/policy.ts";
import type { Strategy } from "../../../../src/domain/strategy.ts";
import { timeframeMs } from "../../../../src/domain/timeframe.ts";
import { Pace } from "../../../../src/engine/concurrency/pace.ts";
import { compileStrategy } from "../../../../src/engine/rules/conditions/compiled-strategy.ts";
import type { JudgeContext, JudgeMarket } from "../../../../src/engine/rules/judging/judge.ts";
import { StrategySet } from "../../../../src/engine/rules/sets/strategy-set.ts";
import { JudgingPass } from "../../../../src/engine/runtime/sweeps/judging-pass.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import type { Observer } from "../../../../src/ports/observer.ts";
import { systemClock } from "../../../../src/process/system-clock.ts";
import { tickingClock } from "../../../ticking-clock.ts";
import { accepted, conditionsOf, draftOf } from "../../validation/drafts.ts";

const CLOSE_TIME = 1_000 * timeframeMs("1h");
const CONTEXT: JudgeContext = {
  inForce: { policy: { ...DEFAULT_POLICY, globalMinConfidence: 0 }, allowed: new Set() },
  evaluators: [],
};

function strategies(count: number, version = 1) {
  return Array.from({ length: count }, (_, i) => {
    // Later versions have many thresholds between those of the first.
    const own = version === 1 ? 10 * (i % 9) : (i % 98) + (version % 64) / 64;
    const texts = `RSI < ${10 + (i % 50)}; CLOSE > EMA_${20 + (i % 9)}; MFI crosses_above ${i % 30}.5; ADX > ${own}; NATR < ${1 + own}`;
    const conditions = conditionsOf(texts);
    const draft = draftOf({ strategyId: `s-${i}`, entryIndicators: conditions, entryLogic: "ANY", side: "LONG" });
    const strategy: Strategy = { ...accepted(draft).config, minConfidence: 0, version, createdAt: 0, updatedAt: 0 };
    return compileStrategy(strategy);
  });
}

/** Values that were read. */
let reads = 0;

/** Values that differ from symbol to symbol; one in eleven is not there. */
function marketOf(place: number): JudgeMarket {
  const seriesAt: JudgeMarket["reading"]["seriesAt"] = () => ({
    bars: 100_000,
    settled: true,
    bar: () => ({ openTime: 0, open: 50, high: 50, low: 50, close: 50, volume: 1 }),
    close: () => 50,
    value: (indicator, back) => {
      reads++;
      const mixed = Math.imul(place + 7 * back + 1, 0x9e3779b9 ^ indicator.name.length) >>> 0;
      return mixed % 11 === 0 ? Number.NaN : (mixed % 10_000) / 100;
    },
  });
  return { symbol: `SYM${place}`, reading: { seriesAt }, barClose: CLOSE_TIME };
}

const NOBODY: Observer = { wantsSuppressions: false, observe() {} };

/** What a sweep of these strategies on so many symbols comes to. */
async function swept(clock: Clock, set: StrategySet, symbols: number, pairByPair = false, observer = NOBODY) {
  const pass = new JudgingPass({ observer, dataSource: "test", pairByPair }, CONTEXT, new Pace(clock), false);
  const units = Array.from({ length: symbols }, (_, place) => ({
    set,
    symbol: `SYM${place}`,
    market: () => marketOf(place),
    entryPrice: () => 50,
    timestamp: CLOSE_TIME,
  }));
  await pass.judge(units);
  return {
    outcomes: Object.fromEntries([...pass.outcomes].sort()),
    candidates: pass.candidates.map((candidate) => candidate.decide(0).decisionId).toSorted(),
  };
}

describe("a sweep", () => {
  it.each(["by sets", "pair by pair"])(
    "lets other work go first, however often, and comes to the same %s",
    async (how) => {
      const pairByPair = how === "pair by pair";
      let rests = 0;
      const clock = tickingClock(() => rests++);
      const rested = await swept(clock, new StrategySet(strategies(120)), 100, pairByPair);
      expect(rests).toBeGreaterThan(20);
      expect(rested).toEqual(await swept(systemClock, new StrategySet(strategies(120)), 100));
      expect(rested.candidates.length).toBeGreaterThan(100);
    },
  );

  it("judges by sets whoever listens: a log at debug is told of some pairs, each judged once more for its words", async () => {
    const told: Suppression[] = [];
    const debug: Observer = {
      wantsSuppressions: true,
      observe(event) {
        if (event.kind === "suppressed") {
          told.push(event.suppression);
        }
      },
    };
    const set = new StrategySet(strategies(120));
    const silent = await swept(systemClock, set, 100);
    const before = reads;
    await swept(systemClock, set, 100);
    const bySets = reads - before;
    const heard = await swept(systemClock, set, 100, false, debug);
    expect(heard).toEqual(silent);
    expect(told.length).toBeGreaterThan(5);
    expect(told.length).toBeLessThanOrEqual(100);
    expect(new Set(told.map(({ strategyId, symbol }) => `${strategyId} ${symbol}`)).size).toBe(told.length);
    expect(told.every(({ explanation }) => explanation.length > 20)).toBe(true);
    // A pair takes some ten values, a sweep pair by pair 12,000 times as many.
    expect(reads - before - 2 * bySets).toBeLessThan(100 * 20);
  });

  it("tells of every pair where they are few, as pair by pair", async () => {
    const tellers = [true, false].map(async (pairByPair) => {
      const told: string[] = [];
      const observe: Observer["observe"] = (event) => {
        if (event.kind === "suppressed") {
          const { strategyId, symbol, outcome, explanation } = event.suppression;
          told.push(`${strategyId} ${symbol} ${outcome} ${explanation}`);
        }
      };
      const observer = { wantsSuppressions: true, observe };
      await swept(systemClock, new StrategySet(strategies(9)), 11, pairByPair, observer);
      return told.sort();
    });
    const [pairByPair = [], bySets = []] = await Promise.all(tellers);
    expect(pairByPair.length).toBeGreaterThan(10);
    expect(bySets).toEqual(pairByPair);
  });

  it("is not disturbed by others of the same strategies that go on at the same time", async () => {
    const set = new StrategySet(strategies(120));
    const sizes = [100, 40, 7, 100];
    const apart = [];
    for (const symbols of sizes) {
      apart.push(await swept(systemClock, set, symbols));
    }
    let rests = 0;
    const clock = tickingClock(() => rests++);
    const together = await Promise.all(sizes.map((symbols) => swept(clock, set, symbols)));
    expect(rests).toBeGreaterThan(20);
    expect(together).toEqual(apart);
  });

  it("judges the versions that it began with, whatever is put in their place meanwhile", async () => {
    let newest = new StrategySet(strategies(120));
    const first = newest;
    await first.plan(new Pace(systemClock));
    let version = 1;
    const clock = tickingClock(() => {
      version++;
      const next = strategies(120, version);
      const places = next.keys().filter((place) => place % 4 === version % 4);
      newest = newest.changed(
        next.map((compiled, place) => (place % 4 === version % 4 ? compiled : (newest.strategies[place] ?? compiled))),
        [...places],
      );
      // Its plan shares a table with the one that is being swept.
      void newest.plan(new Pace(systemClock));
    });
    const rested = await swept(clock, first, 40);
    expect(version).toBeGreaterThan(10);
    expect(rested).toEqual(await swept(systemClock, new StrategySet(strategies(120)), 40));
  });
});

describe("a set whose strategies are saved over and over", () => {
  it("has its plan made anew once more was saved than it has strategies, so that nothing grows until it is swept", async () => {
    const first = new StrategySet(strategies(5));
    const plan = await first.plan(new Pace(systemClock));
    const savedTimes = (times: number) => {
      let set = first;
      for (let i = 0; i < times; i++) {
        set = set.changed(set.strategies, [i % 2]);
      }
      return set.plan(new Pace(systemClock));
    };
    expect((await savedTimes(5)).table).toBe(plan.table);
    expect((await savedTimes(6)).table).not.toBe(plan.table);
  });
});
