import { describe, expect, it } from "vitest";
import { memoryStrategies } from "../../../src/adapters/memory/memory-strategies.ts";
import { strategyDesk } from "../../../src/engine/strategies/strategy-desk.ts";
import { conditionsOf, draftOf } from "../validation/drafts.ts";

describe("a batch of strategies", () => {
  it("is checked in slices, so that other work has its turn, and answered in order", async () => {
    let time = 0;
    let rests = 0;
    const clock = {
      now: () => 0,
      monotonic: () => (time += 3),
      after(_: number, task: () => void) {
        rests++;
        setImmediate(task);
        return () => {};
      },
    };
    const repository = memoryStrategies();
    const desk = strategyDesk({
      repository,
      validation: {},
      clock,
      followed: () => new Set<string>(),
      openPositions: () => 0,
      inTurn: (write) => write(),
    });
    const drafts = Array.from({ length: 100 }, (_, i) =>
      draftOf({
        strategyId: `s${i}`,
        side: "LONG",
        entryIndicators: conditionsOf(i % 2 === 0 ? "CLOSE > 1" : "CLOES > 1"),
      }),
    );
    const results = await desk.saveMany(drafts);
    expect(results.map((result) => ("error" in result ? "refused" : result.strategy.strategyId))).toEqual(
      drafts.map(({ strategyId }, i) => (i % 2 === 0 ? strategyId : "refused")),
    );
    expect(rests).toBeGreaterThan(20);
  });
});
