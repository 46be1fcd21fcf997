import fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import type { StoredStrategy, StrategyConfig } from "../../src/domain/strategy.ts";
import type { StrategyRepository } from "../../src/ports/strategy-repository.ts";
import { config, T } from "./strategy-samples.ts";

export interface StrategiesUnderTest {
  readonly repository: StrategyRepository;
  /** Deletes a strategy from the store as another writer would. */
  remove(strategyId: string): Promise<void>;
}

/**
 * The part of the repository's contract that says what has changed. `subject` gives the repository
 * of the test that runs, empty at first.
 */
export function changedSinceContract(subject: () => StrategiesUnderTest): void {
  let repository: StrategyRepository;
  let remove: StrategiesUnderTest["remove"];

  beforeEach(() => {
    ({ repository, remove } = subject());
  });

  async function save(...configs: readonly StrategyConfig[]): Promise<void> {
    await repository.save(
      configs.map((one) => ({ config: one, expectedVersion: 0 })),
      T,
    );
  }

  async function get(strategyId: string): Promise<StoredStrategy | undefined> {
    return (await repository.get([strategyId])).get(strategyId);
  }

  const ACTIVE = ["LIVE", "SHADOW"] as const;

  it("gives everything without a mark, in the order of byStatus", async () => {
    await save(config("b"), config("a", { status: "SHADOW" }), config("c", { fitnessScore: 1 }));
    await save(config("off", { status: "DISABLED" }));
    const all = await repository.changedSince(ACTIVE);
    expect(all).toMatchObject({ complete: true, gone: [] });
    expect(all.strategies).toStrictEqual(await repository.byStatus(ACTIVE));
    expect(ids(all.strategies)).toEqual(["c", "a", "b"]);
  });

  it("gives nothing where nothing has changed, an execution noted or not", async () => {
    await save(config("a"));
    const { mark } = await repository.changedSince(ACTIVE);
    expect(await changed(mark)).toEqual({ complete: false, strategies: [], gone: [] });
    await repository.touch(new Map([["a", T + 1]]));
    await repository.setStatus("a", "LIVE", "again", T);
    expect(await changed(mark)).toEqual({ complete: false, strategies: [], gone: [] });
  });

  it("gives what was made, changed, put in and out of the statuses, and deleted", async () => {
    const off = { status: "DISABLED" } as const;
    await save(config("same"), config("changed"), config("leaves"), config("comes", off), config("deleted"));
    const { mark } = await repository.changedSince(ACTIVE);
    await save(config("new"), config("new-off", off));
    await repository.save([{ config: config("changed", { name: "next" }), expectedVersion: 1 }], T);
    await repository.setStatus("leaves", "CANDIDATE", "", T);
    await repository.setStatus("comes", "SHADOW", "", T);
    await remove("deleted");
    const { strategies, gone } = await repository.changedSince(ACTIVE, mark);
    expect(ids(strategies).toSorted()).toEqual(["changed", "comes", "new"]);
    expect(strategies).toContainEqual(await get("changed"));
    expect(gone.toSorted()).toEqual(["deleted", "leaves", "new-off"]);
  });

  it("gives what was deleted and made again as stored, not as gone", async () => {
    await save(config("a"));
    const { mark } = await repository.changedSince(ACTIVE);
    await remove("a");
    await save(config("a", { name: "again" }));
    const { strategies, gone } = await repository.changedSince(ACTIVE, mark);
    expect(strategies).toStrictEqual([await get("a")]);
    expect(gone).toEqual([]);
  });

  it("goes on from each answer's mark, and again from an old one", async () => {
    const first = await repository.changedSince(ACTIVE);
    await save(config("a"));
    const second = await repository.changedSince(ACTIVE, first.mark);
    await save(config("b"));
    const third = await repository.changedSince(ACTIVE, second.mark);
    expect([ids(second.strategies), ids(third.strategies)]).toEqual([["a"], ["b"]]);
    expect(ids((await repository.changedSince(ACTIVE, first.mark)).strategies).toSorted()).toEqual(["a", "b"]);
  });

  it("gives more than a page of changes", async () => {
    const many = Array.from({ length: 600 }, (_, i) => config(`s-${i}`));
    const { mark } = await repository.changedSince(ACTIVE);
    await save(...many, config("off", { status: "DISABLED" }));
    const { strategies, gone } = await repository.changedSince(ACTIVE, mark);
    expect(ids(strategies).toSorted()).toEqual(many.map((one) => one.strategyId).toSorted());
    expect(gone).toEqual(["off"]);
  });

  it("hands strategies over as they are read, each once and in order, and then leaves them out of the answer", async () => {
    const many = Array.from({ length: 900 }, (_, i) => config(`s-${i}`));
    await save(...many);
    const pages: (readonly StoredStrategy[])[] = [];
    let open = 0;
    const take = async (page: readonly StoredStrategy[]) => {
      expect(++open).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      pages.push(page);
      open--;
    };
    const first = await repository.changedSince(ACTIVE, undefined, take);
    expect(first).toMatchObject({ complete: true, strategies: [], gone: [] });
    expect(pages.flat()).toStrictEqual(await repository.byStatus(ACTIVE));
    pages.length = 0;
    await save(config("new"));
    await repository.setStatus("s-1", "DISABLED", "", T);
    const second = await repository.changedSince(ACTIVE, first.mark, take);
    expect(second).toMatchObject({ complete: false, strategies: [], gone: ["s-1"] });
    expect(ids(pages.flat())).toEqual(["new"]);
  });

  it("fails where what takes the strategies does, and answers the same again", async () => {
    await save(config("a"));
    const { mark } = await repository.changedSince(ACTIVE);
    await save(config("b"));
    const fault = new Error("no room");
    await expect(repository.changedSince(ACTIVE, mark, () => Promise.reject(fault))).rejects.toThrow("no room");
    expect(ids((await repository.changedSince(ACTIVE, mark)).strategies)).toEqual(["b"]);
  });

  it("keeps a copy equal to the store, whatever is written", async () => {
    const writes = fc.array(
      fc.record({
        id: fc.constantFrom("a", "b", "c"),
        action: fc.constantFrom("save", "LIVE", "SHADOW", "DISABLED", "remove", "load"),
      }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(writes, async (steps) => {
        const copy = new Map<string, StoredStrategy>();
        let mark = await follow(copy);
        for (const { id, action } of steps) {
          if (action === "save") {
            const expectedVersion = (await get(id))?.version ?? 0;
            await repository.save([{ config: config(id), expectedVersion }], T);
          } else if (action === "remove") {
            await remove(id);
          } else if (action === "load") {
            mark = await follow(copy, mark);
          } else {
            await repository.setStatus(id, action, "", T);
          }
        }
        await follow(copy, mark);
        const stored = await repository.byStatus(ACTIVE);
        expect(copy).toEqual(new Map(stored.map((one) => [one.strategyId, one])));
      }),
      { numRuns: 30 },
    );
  });

  /** What changed, without the mark. */
  async function changed(since: string): Promise<unknown> {
    const { mark: _, ...rest } = await repository.changedSince(ACTIVE, since);
    return rest;
  }

  /** Brings a copy up to date; answers with the mark to go on from. */
  async function follow(copy: Map<string, StoredStrategy>, since?: string): Promise<string> {
    const { complete, strategies, gone, mark } = await repository.changedSince(ACTIVE, since);
    if (complete) {
      copy.clear();
    }
    for (const strategy of strategies) {
      copy.set(strategy.strategyId, strategy);
    }
    for (const id of gone) {
      copy.delete(id);
    }
    return mark;
  }
}

function ids(strategies: readonly StoredStrategy[]): readonly string[] {
  return strategies.map((one) => one.strategyId);
}
