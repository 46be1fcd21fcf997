import { describe, expect, it } from "vitest";
import { memoryPolicy } from "../../../src/adapters/memory/memory-policy.ts";
import { PolicyKeeper } from "../../../src/engine/policy/policy-keeper.ts";
import type { PolicyStore } from "../../../src/ports/policy-store.ts";
import { ManualClock } from "../../manual-clock.ts";

const MAX_AGE_MS = 10_000;

/** A keeper that reads when it is asked to, and not by itself. */
function keeperOf(store: PolicyStore) {
  const clock = new ManualClock(0);
  const keeper = new PolicyKeeper(store, clock, { wantsSuppressions: false, observe() {} }, MAX_AGE_MS);
  return { clock, keeper };
}

describe("the age of a policy (R29)", () => {
  it("makes it unusable though no read of it has failed: the process may have stood still", async () => {
    const { clock, keeper } = keeperOf(memoryPolicy());
    await keeper.read();
    await clock.elapse(MAX_AGE_MS);
    expect(keeper.inForce().policy).toBeDefined();
    await clock.elapse(1);
    expect(keeper.inForce()).toEqual({ fault: "the last snapshot is 10 s old, more than 10 s" });
    expect((await keeper.current()).policy).toBeDefined();
  });

  it("counts from the question, not from the answer: the store may have said it long before", async () => {
    const inner = memoryPolicy();
    const answered = Promise.withResolvers<void>();
    const { clock, keeper } = keeperOf({ ...inner, read: () => answered.promise.then(() => inner.read()) });
    const reading = keeper.read();
    await clock.elapse(7_000);
    answered.resolve();
    expect(await reading).toMatchObject({ readAt: 0 });
    await clock.elapse(3_000);
    expect(keeper.inForce().policy).toBeDefined();
    await clock.elapse(1);
    expect(keeper.inForce().policy).toBeUndefined();
  });
});
