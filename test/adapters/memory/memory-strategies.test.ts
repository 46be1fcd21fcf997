import { describe, expect, it } from "vitest";
import { memoryStrategies } from "../../../src/adapters/memory/memory-strategies.ts";
import { strategyRepositoryContract } from "../../contracts/strategy-repository.ts";

describe("memoryStrategies", () => {
  strategyRepositoryContract(async () => {
    const repository = memoryStrategies();
    return { repository, remove: async (strategyId) => repository.remove(strategyId) };
  });

  it("lists a row that cannot be read under every status, after those with a score", async () => {
    const broken = { strategyId: "broken", fault: "no conditions", version: 3, createdAt: 0, updatedAt: 0 };
    const strategies = memoryStrategies({ stored: [broken] });
    expect(await strategies.byStatus(["LIVE"])).toEqual([broken]);
    expect(await strategies.list({ status: "SHADOW", limit: 9 })).toEqual([broken]);
  });

  it("wakes those that watch where another writer plants a row", async () => {
    const strategies = memoryStrategies();
    const steps = strategies.changes(new AbortController().signal)[Symbol.asyncIterator]();
    strategies.plant({ strategyId: "new", fault: "empty", version: 1, createdAt: 0, updatedAt: 0 });
    expect((await steps.next()).done).toBe(false);
  });
});
