import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compareCodePoints } from "../../src/domain/decision.ts";
import { type StoredStrategy, type StrategyConfig, toDraft } from "../../src/domain/strategy.ts";
import type { StrategyCursor, StrategyRepository } from "../../src/ports/strategy-repository.ts";
import { strategyConfig, time } from "./arbitraries.ts";
import { changedSinceContract, type StrategiesUnderTest } from "./changed-since.ts";
import { refusal } from "./refusal.ts";
import { config, RSI, T } from "./strategy-samples.ts";

/** `open` gives a new, empty repository that is ready. */
export function strategyRepositoryContract(open: () => Promise<StrategiesUnderTest>): void {
  let repository: StrategyRepository;
  let remove: StrategiesUnderTest["remove"];

  beforeEach(async () => {
    ({ repository, remove } = await open());
  });

  afterEach(() => repository.close());

  async function save(...configs: readonly StrategyConfig[]): Promise<void> {
    await repository.save(
      configs.map((one) => ({ config: one, expectedVersion: 0 })),
      T,
    );
  }

  async function get(strategyId: string): Promise<StoredStrategy | undefined> {
    return (await repository.get([strategyId])).get(strategyId);
  }

  describe("save", () => {
    it("makes version 1 of a new strategy and reads it back as it was given", async () => {
      const stored = {
        strategyId: "rsi",
        draft: toDraft(RSI),
        version: 1,
        createdAt: T,
        updatedAt: T,
      };
      expect(await repository.save([{ config: RSI, expectedVersion: 0 }], T)).toStrictEqual([{ stored }]);
      expect(await get("rsi")).toStrictEqual(stored);
    });

    it("makes the next version, keeps created_at and last_executed_at, and sets updated_at", async () => {
      await save(RSI);
      await repository.touch(new Map([["rsi", T + 5]]));
      const changed = { ...RSI, name: "changed", status: "SHADOW", fitnessScore: 0.25 } as const;
      const [result] = await repository.save([{ config: changed, expectedVersion: 1 }], T + 9);
      const stored = {
        strategyId: "rsi",
        draft: toDraft(changed),
        version: 2,
        createdAt: T,
        updatedAt: T + 9,
        lastExecutedAt: T + 5,
      };
      expect(result).toStrictEqual({ stored });
      expect(await get("rsi")).toStrictEqual(stored);
    });

    it("makes a version of equal content too, at the time given even where that is the old one", async () => {
      await save(RSI);
      const [result] = await repository.save([{ config: RSI, expectedVersion: 1 }], T);
      expect(result).toMatchObject({ stored: { version: 2, updatedAt: T } });
    });

    it("answers a conflict with the version found and writes nothing", async () => {
      await save(RSI);
      const changed = { ...RSI, name: "changed" };
      expect(await repository.save([{ config: changed, expectedVersion: 0 }], T)).toEqual([{ conflict: { found: 1 } }]);
      expect(await repository.save([{ config: changed, expectedVersion: 7 }], T)).toEqual([{ conflict: { found: 1 } }]);
      expect(await repository.save([{ config: config("new"), expectedVersion: 3 }], T)).toEqual([
        { conflict: { found: 0 } },
      ]);
      expect(await get("rsi")).toMatchObject({ version: 1, draft: { name: RSI.name } });
      expect(await get("new")).toBeUndefined();
    });

    it("lets one conflict stop no other and answers in the order of the writes", async () => {
      await save(config("b"), config("d"));
      const results = await repository.save(
        [
          { config: config("z"), expectedVersion: 0 },
          { config: config("b"), expectedVersion: 0 },
          { config: config("a"), expectedVersion: 0 },
          { config: config("d"), expectedVersion: 1 },
        ],
        T,
      );
      expect(results).toMatchObject([
        { stored: { strategyId: "z", version: 1 } },
        { conflict: { found: 1 } },
        { stored: { strategyId: "a", version: 1 } },
        { stored: { strategyId: "d", version: 2 } },
      ]);
    });

    it("refuses an id that comes twice in one call", async () => {
      await refusal(save(RSI, RSI), "internal");
      expect(await get("rsi")).toBeUndefined();
    });

    it("lets one of two that expect the same version win", async () => {
      await save(RSI);
      const attempts = ["left", "right"].map((name) =>
        repository.save([{ config: { ...RSI, name }, expectedVersion: 1 }], T),
      );
      const results = (await Promise.all(attempts)).flat();
      expect(results.filter((result) => "stored" in result)).toHaveLength(1);
      expect(results.filter((result) => "conflict" in result)).toEqual([{ conflict: { found: 2 } }]);
    });

    it("writes a thousand in one call", async () => {
      const many = Array.from({ length: 1000 }, (_, i) => config(`s-${i}`));
      await save(...many);
      expect(await repository.byStatus(["LIVE"])).toHaveLength(1000);
    });

    it("accepts no writes at all", async () => {
      expect(await repository.save([], T)).toEqual([]);
    });

    it("reads any strategy back as it was given", async () => {
      await fc.assert(
        fc.asyncProperty(strategyConfig, time, async (any, at) => {
          const [result] = await repository.save([{ config: any, expectedVersion: await versionOf(any) }], at);
          const read = await get(any.strategyId);
          expect(result).toStrictEqual({ stored: read });
          expect(read?.draft).toStrictEqual(toDraft(any));
          expect(read?.updatedAt).toBe(at);
        }),
        { numRuns: 60 },
      );

      async function versionOf({ strategyId }: StrategyConfig): Promise<number> {
        return (await get(strategyId))?.version ?? 0;
      }
    });
  });

  describe("reading", () => {
    it("gives those that exist, by id", async () => {
      await save(config("a"), config("b"));
      const found = await repository.get(["b", "nobody", "a", "a"]);
      expect([...found.keys()].sort()).toEqual(["a", "b"]);
      expect(found.get("b")?.strategyId).toBe("b");
      expect(await repository.get([])).toEqual(new Map());
    });

    it("gives all with one of the statuses and no others", async () => {
      await save(
        config("live"),
        config("shadow", { status: "SHADOW" }),
        config("candidate", { status: "CANDIDATE" }),
        config("off", { status: "DISABLED" }),
      );
      expect(ids(await repository.byStatus(["SHADOW", "LIVE", "LIVE"]))).toEqual(["live", "shadow"]);
      expect(ids(await repository.byStatus(["DISABLED"]))).toEqual(["off"]);
      expect(await repository.byStatus([])).toEqual([]);
    });

    it("puts the best fitness first, those without one last, then goes by id in code-point order", async () => {
      await save(
        config("b"),
        config("\u{1f600}"),
        config("\u{ff5e}"),
        config("B"),
        config("low", { fitnessScore: 0 }),
        config("high", { fitnessScore: 1 }),
        config("z", { fitnessScore: 0.5 }),
        config("y", { fitnessScore: 0.5 }),
      );
      const order = ["high", "y", "z", "low", "B", "b", "\u{ff5e}", "\u{1f600}"];
      expect(ids(await repository.byStatus(["LIVE"]))).toEqual(order);
      expect(ids(await repository.list({ limit: 100 }))).toEqual(order);
      expect(ids(await repository.list({ limit: 3 }))).toEqual(order.slice(0, 3));
    });

    it("lists strictly after the cursor, whether or not a strategy stands there still", async () => {
      await save(config("a", { fitnessScore: 0.5 }), config("c", { fitnessScore: 0.5 }), config("d"), config("f"));
      const idsAfter = async (cursor: StrategyCursor) => ids(await repository.list({ after: cursor, limit: 9 }));
      expect(await idsAfter({ strategyId: "a", fitnessScore: 0.5 })).toEqual(["c", "d", "f"]);
      expect(await idsAfter({ strategyId: "b", fitnessScore: 0.5 })).toEqual(["c", "d", "f"]);
      expect(await idsAfter({ strategyId: "z", fitnessScore: 0.6 })).toEqual(["a", "c", "d", "f"]);
      expect(await idsAfter({ strategyId: "d" })).toEqual(["f"]);
      expect(await idsAfter({ strategyId: "f" })).toEqual([]);
    });

    it("chains pages into the order of byStatus", async () => {
      const many = fc.uniqueArray(strategyConfig, { selector: (one) => one.strategyId, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(many, fc.integer({ min: 1, max: 5 }), async (configs, limit) => {
          await repository.close();
          ({ repository } = await open());
          await save(...configs);
          const live = configs.filter((one) => one.status === "LIVE").sort(compareConfigs);
          expect(ids(await repository.byStatus(["LIVE"]))).toEqual(live.map((one) => one.strategyId));
          const all = [...configs].sort(compareConfigs).map((one) => one.strategyId);
          expect(ids(await repository.byStatus(["LIVE", "SHADOW", "CANDIDATE", "DISABLED"]))).toEqual(all);
          expect(ids(await chain({ limit }))).toEqual(all);
          expect(ids(await chain({ limit, status: "LIVE" }))).toEqual(live.map((one) => one.strategyId));
        }),
        { numRuns: 30 },
      );
    });
  });

  describe("setStatus", () => {
    it("sets the status and makes the next version", async () => {
      await save(RSI);
      const changed = await repository.setStatus("rsi", "DISABLED", "drawdown", T + 1);
      expect(changed).toStrictEqual({
        strategyId: "rsi",
        draft: toDraft({ ...RSI, status: "DISABLED" }),
        version: 2,
        createdAt: T,
        updatedAt: T + 1,
      });
      expect(await get("rsi")).toStrictEqual(changed);
    });

    it("changes nothing where it is the status already", async () => {
      await save(RSI);
      expect(await repository.setStatus("rsi", "LIVE", "again", T + 1)).toStrictEqual(await get("rsi"));
      expect(await get("rsi")).toMatchObject({ version: 1, updatedAt: T });
    });

    it("is undefined where there is no such strategy", async () => {
      expect(await repository.setStatus("nobody", "LIVE", "", T)).toBeUndefined();
    });
  });

  describe("delete", () => {
    it("removes a strategy that is neither LIVE nor SHADOW, and begins at version 1 where it is saved again", async () => {
      await save({ ...RSI, status: "CANDIDATE" }, config("stays"));
      expect(await repository.delete("rsi", "never traded", T + 1)).toBe("deleted");
      expect(await get("rsi")).toBeUndefined();
      expect(await get("stays")).toBeDefined();
      expect(await repository.delete("rsi", "again", T + 2)).toBeUndefined();
      await save(RSI);
      expect(await get("rsi")).toMatchObject({ version: 1 });
    });

    it.each(["LIVE", "SHADOW"] as const)("leaves a strategy that is %s as it is", async (status) => {
      await save({ ...RSI, status });
      const before = await get("rsi");
      expect(await repository.delete("rsi", "", T + 1)).toBe("active");
      expect(await get("rsi")).toStrictEqual(before);
    });

    it("is a change that others hear of", async () => {
      await save({ ...RSI, status: "DISABLED" });
      const { mark } = await repository.changedSince(["DISABLED"]);
      await repository.delete("rsi", "", T + 1);
      expect(await repository.changedSince(["DISABLED"], mark)).toMatchObject({
        complete: false,
        strategies: [],
        gone: expect.arrayContaining(["rsi"]),
      });
    });
  });

  describe("touch", () => {
    it("notes the last execution and leaves version and updated_at", async () => {
      await save(RSI, config("b"));
      await repository.touch(
        new Map([
          ["rsi", T + 1],
          ["b", T + 2],
        ]),
      );
      expect(await get("rsi")).toMatchObject({ lastExecutedAt: T + 1, version: 1, updatedAt: T });
      expect(await get("b")).toMatchObject({ lastExecutedAt: T + 2 });
    });

    it("never moves one back", async () => {
      await save(RSI);
      await repository.touch(new Map([["rsi", T + 2]]));
      await repository.touch(new Map([["rsi", T + 1]]));
      expect(await get("rsi")).toMatchObject({ lastExecutedAt: T + 2 });
    });

    it("ignores ids it does not know", async () => {
      await repository.touch(new Map([["nobody", T]]));
      expect(await get("nobody")).toBeUndefined();
    });
  });

  describe("changedSince", () => changedSinceContract(() => ({ repository, remove })));

  describe("changes", () => {
    it("yields after a save and after a change of status", async () => {
      const steps = repository.changes(new AbortController().signal)[Symbol.asyncIterator]();
      const saved = steps.next();
      await save(RSI);
      expect(await saved).toEqual({ done: false, value: undefined });
      const changed = steps.next();
      await repository.setStatus("rsi", "SHADOW", "", T);
      expect(await changed).toEqual({ done: false, value: undefined });
    });

    it("keeps a change for a reader that is busy", async () => {
      const steps = repository.changes(new AbortController().signal)[Symbol.asyncIterator]();
      await save(RSI);
      expect(await steps.next()).toEqual({ done: false, value: undefined });
    });

    it("ends when the signal aborts, and when the repository closes", async () => {
      const controller = new AbortController();
      const aborted = repository.changes(controller.signal)[Symbol.asyncIterator]().next();
      const closed = repository.changes(new AbortController().signal)[Symbol.asyncIterator]().next();
      controller.abort();
      expect(await aborted).toEqual({ done: true, value: undefined });
      await repository.close();
      await repository.close();
      expect(await closed).toEqual({ done: true, value: undefined });
      const late = repository.changes(controller.signal)[Symbol.asyncIterator]().next();
      expect(await late).toEqual({ done: true, value: undefined });
    });
  });

  async function chain(page: { limit: number; status?: "LIVE" }): Promise<readonly StoredStrategy[]> {
    const all: StoredStrategy[] = [];
    for (;;) {
      const last = all.at(-1);
      const found = await repository.list({ ...page, ...(last && { after: cursorOf(last) }) });
      expect(found.length).toBeLessThanOrEqual(page.limit);
      if (found.length === 0) {
        return all;
      }
      all.push(...found);
      // A cursor that stands still would give the same page for ever.
      expect(new Set(ids(all)).size).toBe(all.length);
    }
  }
}

export function cursorOf({ strategyId, draft }: StoredStrategy): StrategyCursor {
  return draft?.fitnessScore === undefined ? { strategyId } : { strategyId, fitnessScore: draft.fitnessScore };
}

function ids(strategies: readonly StoredStrategy[]): readonly string[] {
  return strategies.map((one) => one.strategyId);
}

function compareConfigs(a: StrategyConfig, b: StrategyConfig): number {
  const [x, y] = [a.fitnessScore, b.fitnessScore];
  if (x === undefined || y === undefined) {
    return x === y ? compareCodePoints(a.strategyId, b.strategyId) : x === undefined ? 1 : -1;
  }
  return x === y ? compareCodePoints(a.strategyId, b.strategyId) : x > y ? -1 : 1;
}
