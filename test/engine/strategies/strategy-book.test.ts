import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredStrategy } from "../../../src/domain/strategy.ts";
import { Pace } from "../../../src/engine/concurrency/pace.ts";
import {
  type RequiredSeries,
  requiredBy,
  requiredByBoth,
} from "../../../src/engine/rules/conditions/required-series.ts";
import { type Feature, isComputed } from "../../../src/engine/rules/sets/features.ts";
import { HitList } from "../../../src/engine/rules/sets/hit-list.ts";
import { ConditionMasks } from "../../../src/engine/rules/sets/masks.ts";
import type { StrategySet } from "../../../src/engine/rules/sets/strategy-set.ts";
import { SweepMemory } from "../../../src/engine/rules/sets/sweep-memory.ts";
import { SweepPlan } from "../../../src/engine/rules/sets/sweep-plan.ts";
import { cohortsOf } from "../../../src/engine/strategies/cohorts.ts";
import { loadStored, StagedChanges, StrategyBook } from "../../../src/engine/strategies/strategy-book.ts";
import { systemClock } from "../../../src/process/system-clock.ts";
import { settled } from "../../manual-clock.ts";
import { tickingClock } from "../../ticking-clock.ts";
import { conditionsOf, draftOf } from "../validation/drafts.ts";

const CONDITIONS = [
  "RSI < 30",
  "RSI < 20; CLOSE > EMA_50",
  "RSI_21 < 30 on 4h",
  "CLOSE crosses_above SMA_200",
  "MFI < 10; RSI < 30; ADX > 20; CCI < -100; WILLR < -90",
  "RSI > 100",
];

/** As a repository gives it; under "RSI > 100" it is rejected. */
function stored(strategyId: string, version: number, conditions = 0, given: Partial<StoredStrategy["draft"]> = {}) {
  const entryIndicators = conditionsOf(CONDITIONS[conditions] ?? "RSI < 30");
  const draft = draftOf({ strategyId, entryIndicators, side: "LONG", ...given });
  return { strategyId, draft, version, createdAt: 0, updatedAt: version } satisfies StoredStrategy;
}

const pace = () => new Pace(systemClock);

function nameOf(feature: Feature): string {
  if (isComputed(feature)) {
    return feature.formula.name;
  }
  return "held" in feature ? feature.held.text : feature.indicator.name;
}

/** What a set of strategies comes to on some symbols, by strategy id and version. */
async function verdicts(set: Pick<StrategySet, "strategies">, plan: SweepPlan): Promise<readonly string[]> {
  const symbols = 40;
  const values = Float64Array.from(
    plan.table.features.flatMap((feature) =>
      Array.from({ length: symbols }, (_, symbol) => {
        const mixed = Math.imul(symbol + 1, 0x9e3779b9 ^ nameOf(feature).length) >>> 0;
        return mixed % 7 === 0 ? Number.NaN : (mixed % 120) - 20;
      }),
    ),
  );
  const masks = await ConditionMasks.of(
    plan.table,
    { features: plan.table.features.length, symbols, values },
    new SweepMemory(),
    pace(),
  );
  const everyone = new Int32Array([-1, 0xff]);
  return set.strategies
    .map(({ strategy }, place) => {
      const hits = new HitList();
      const unknown = plan.judge({ from: place, to: place + 1 }, masks, () => everyone, hits);
      const held: number[] = [];
      hits.forEach((_, symbol) => {
        held.push(symbol);
      });
      return `${strategy.strategyId}/${strategy.version}: ${held.join(",")}; ${unknown} unknown`;
    })
    .toSorted();
}

const ids = fc.constantFrom(..."abcdefghijkl");
const change = fc.record({
  id: ids,
  conditions: fc.nat(CONDITIONS.length - 1),
  status: fc.constantFrom("LIVE", "LIVE", "SHADOW", "DISABLED"),
  timeframe: fc.constantFrom("1h", "1h", "15m"),
});
const step = fc.record({
  complete: fc.boolean(),
  changes: fc.uniqueArray(change, { selector: ({ id }) => id, maxLength: 12 }),
  gone: fc.uniqueArray(ids, { maxLength: 3 }),
});

function readable(required: RequiredSeries): unknown {
  return [...required].map(([timeframe, { indicators, requiredBars }]) => [
    timeframe,
    indicators.map(({ name }) => name).toSorted(),
    requiredBars,
  ]);
}

describe("the strategy book", () => {
  it("answers after any changes as one that was filled anew, and its plans sweep alike", {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const book = new StrategyBook({});
        const model = new Map<string, StoredStrategy>();
        let version = 0;
        for (const { complete, changes, gone } of steps) {
          version++;
          const strategies = changes.map(({ id, conditions, ...given }) => stored(id, version, conditions, given));
          const left = gone.filter((id) => changes.every((other) => other.id !== id));
          const mayStay = complete ? [...model.values()].filter(({ strategyId }) => left.includes(strategyId)) : [];
          const given = [
            ...strategies,
            ...mayStay.filter((one) => strategies.every((s) => s.strategyId !== one.strategyId)),
          ];
          await book.update({ complete, strategies: given, gone: complete ? [] : left }, pace());
          if (complete) {
            model.clear();
          } else {
            for (const id of left) {
              model.delete(id);
            }
          }
          for (const one of given) {
            model.set(one.strategyId, one);
          }
          await expectAlike(book, [...model.values()]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("shows nothing of an update that is under way: no sweep mixes two states of the store", async () => {
    const book = new StrategyBook({});
    const many = (version: number, count: number) =>
      Array.from({ length: count }, (_, i) => stored(`s-${i}`, version, i % 4));
    await book.update({ complete: true, strategies: many(1, 300), gone: [] }, pace());
    const before = { cohorts: book.cohorts, required: book.required, size: book.size, rejected: book.rejected };
    const seen: unknown[] = [];
    const clock = tickingClock(() => {
      seen.push({ cohorts: book.cohorts, required: book.required, size: book.size, rejected: book.rejected });
      for (const id of ["s-0", "s-150", "s-299"]) {
        expect(book.get(id)?.strategy.version).toBe(1);
      }
      expect(book.get("s-300")).toBeUndefined();
      expect(book.get("new")).toBeUndefined();
    });
    const strategies = [...many(2, 290), stored("new", 2), stored("bad", 2, 5)];
    await book.update({ complete: true, strategies, gone: [] }, new Pace(clock));
    expect(seen.length).toBeGreaterThan(10);
    for (const one of seen) {
      expect(one).toEqual(before);
    }
    expect([book.size, book.count("LIVE"), book.rejected.length]).toEqual([291, 291, 1]);
    expect([book.get("s-0")?.strategy.version, book.get("new")?.strategy.version]).toEqual([2, 2]);
    expect(book.get("s-299")).toBeUndefined();
  });

  it("keeps the set of a sweep that is under way as it was", async () => {
    const book = new StrategyBook({});
    await book.update({ complete: true, strategies: [stored("a", 1), stored("b", 1, 1)], gone: [] }, pace());
    const [cohort] = book.cohorts.get("1h") ?? [];
    const plan = await cohort?.set.plan(pace());
    if (cohort === undefined || plan === undefined) {
      throw new Error("there must be a cohort");
    }
    const before = await verdicts(cohort.set, plan);
    await book.update({ complete: false, strategies: [stored("a", 2, 2), stored("c", 2, 4)], gone: ["b"] }, pace());
    const [next] = book.cohorts.get("1h") ?? [];
    await next?.set.plan(pace());
    expect(await verdicts(cohort.set, plan)).toEqual(before);
  });

  it("comes in force only once what is read is computed, and shows nothing until then", async () => {
    const book = new StrategyBook({});
    await book.update({ complete: true, strategies: [stored("a", 1)], gone: [] }, pace());
    const asked: unknown[] = [];
    const prepare = async (required: RequiredSeries) => {
      await settled();
      asked.push(readable(required));
      expect(book.get("b")).toBeUndefined();
      expect(book.size).toBe(1);
    };
    await book.update({ complete: true, strategies: [stored("b", 1, 1)], gone: [] }, pace(), prepare);
    expect(book.get("b")).toBeDefined();
    const names = (required: RequiredSeries) =>
      required
        .get("1h")
        ?.indicators.map(({ name }) => name)
        .toSorted();
    // What was read before is computed as long as it is in force.
    expect(asked).toEqual([[["1h", expect.arrayContaining(["EMA_50", "RSI_14", "CLOSE"]), expect.any(Number)]]]);
    expect(names(book.required)).toContain("EMA_50");
    await book.update({ complete: false, strategies: [stored("c", 1, 1)], gone: [] }, pace(), prepare);
    expect(asked).toHaveLength(1);
  });

  it("is as it was where a load is given up in its middle", async () => {
    const book = new StrategyBook({});
    await book.update({ complete: true, strategies: [stored("a", 1)], gone: [] }, pace());
    const { cohorts, required, rejected } = book;
    const staged = new StagedChanges();
    await book.stage(staged, [stored("a", 2, 1), stored("b", 2), stored("c", 2, 5)], pace());
    expect(staged.changes).toHaveLength(3);
    expect(book.get("a")?.strategy.version).toBe(1);
    expect([book.get("b"), book.cohorts, book.required, book.rejected]).toEqual([
      undefined,
      cohorts,
      required,
      rejected,
    ]);
    expect(await book.update({ complete: false, strategies: [stored("a", 1)], gone: [] }, pace())).toBe(false);
  });

  it("does not remember for ever what strategies asked that are gone", async () => {
    const book = new StrategyBook({});
    let most = 0;
    for (let version = 1; version <= 4_000; version++) {
      const entryIndicators = conditionsOf(`RSI < ${version / 200}`);
      await book.update(
        { complete: false, strategies: [stored("a", version, 0, { entryIndicators })], gone: [] },
        pace(),
      );
      const [cohort] = book.cohorts.get("1h") ?? [];
      const plan = await cohort?.set.plan(pace());
      most = Math.max(most, plan?.table.size ?? 0);
    }
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThan(2_000);
  });

  it("rejects a status that is none, and forgets one that is neither LIVE nor SHADOW (R44)", async () => {
    const book = new StrategyBook({});
    const strategies = [stored("a", 1, 0, { status: "live" }), stored("b", 1, 0, { status: "DISABLED" })];
    await book.update({ complete: true, strategies, gone: [] }, pace());
    expect(book.rejected).toEqual([{ strategyId: "a", explanation: expect.stringContaining('status: is "live"') }]);
    expect(book.size).toBe(0);
    await book.update({ complete: false, strategies: [stored("a", 2, 0, { status: "DISABLED" })], gone: [] }, pace());
    expect(book.rejected).toEqual([]);
  });

  it("says that nothing has changed where nothing has, and keeps what it made", async () => {
    const book = new StrategyBook({});
    const strategies = [stored("a", 1), stored("b", 1, 5)];
    expect(await book.update({ complete: true, strategies, gone: [] }, pace())).toBe(true);
    const { cohorts, required } = book;
    expect(await book.update({ complete: true, strategies, gone: [] }, pace())).toBe(false);
    expect(await book.update({ complete: false, strategies, gone: ["nobody"] }, pace())).toBe(false);
    expect(book.cohorts).toBe(cohorts);
    expect(book.required).toBe(required);
  });

  it("tells by the object itself whether anything else is read", async () => {
    const book = new StrategyBook({});
    await book.update({ complete: true, strategies: [stored("a", 1), stored("b", 1)], gone: [] }, pace());
    const { required } = book;
    await book.update({ complete: false, strategies: [stored("a", 2, 0, { name: "other" })], gone: ["b"] }, pace());
    expect(book.required).toBe(required);
    await book.update({ complete: false, strategies: [stored("a", 3, 1)], gone: [] }, pace());
    expect(book.required).not.toBe(required);
  });
});

async function expectAlike(book: StrategyBook, model: readonly StoredStrategy[]): Promise<void> {
  const loaded = model
    .filter(({ draft }) => draft?.status === "LIVE" || draft?.status === "SHADOW")
    .map((one) => loadStored(one, {}));
  const compiled = loaded.flatMap((one) => ("compiled" in one ? [one.compiled] : []));
  const live = compiled.filter(({ strategy }) => strategy.status === "LIVE");
  const shadow = compiled.filter(({ strategy }) => strategy.status === "SHADOW");
  expect([book.size, book.count("LIVE"), book.count("SHADOW")]).toEqual([compiled.length, live.length, shadow.length]);
  expect(book.rejected.map(({ strategyId }) => strategyId).toSorted()).toEqual(
    loaded.flatMap((one) => ("rejected" in one ? [one.rejected.strategyId] : [])).toSorted(),
  );
  for (const one of compiled) {
    expect(book.get(one.strategy.strategyId)).toEqual(one);
  }
  expect(readable(book.required)).toEqual(readable(requiredByBoth(requiredBy(live), requiredBy(shadow))));
  expect(readable(book.requiredByLive)).toEqual(readable(requiredBy(live)));
  const anew = cohortsOf(compiled);
  expect([...book.cohorts.keys()]).toEqual([...anew.keys()]);
  for (const [timeframe, cohorts] of book.cohorts) {
    const others = anew.get(timeframe) ?? [];
    expect(cohorts.length).toBe(others.length);
    for (const { set, status, reads } of cohorts) {
      const other = others.find((one) => one.status === status && one.reads.join() === reads.join());
      const own = await verdicts(set, await set.plan(pace()));
      const fresh =
        other === undefined ? [] : await verdicts(other.set, await SweepPlan.of(other.set.strategies, pace()));
      expect(own).toEqual(fresh);
    }
  }
}
