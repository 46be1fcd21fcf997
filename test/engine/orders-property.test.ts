import fc from "fast-check";
import { expect, it } from "vitest";
import { memoryPolicy } from "../../src/adapters/memory/memory-policy.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { PolicyChange } from "../../src/domain/policy.ts";
import { PolicyKeeper } from "../../src/engine/policy/policy-keeper.ts";
import type { PolicyStore } from "../../src/ports/policy-store.ts";
import { ManualClock } from "../manual-clock.ts";

const HALT: PolicyChange = { halted: true, haltReason: "enough" };
const GO_ON: PolicyChange = { halted: false, haltReason: "" };
const SOUND = { afterMs: 0, fate: "answered" } as const;

/**
 * How a call of the store ends, and after how long; never behind its time limit, since stores fence
 * what comes late.
 */
interface Answer {
  readonly afterMs: number;
  /** `lost`: carried out, and told of as a failure. */
  readonly fate: "answered" | "away" | "lost";
}

interface Step {
  readonly order: PolicyChange | undefined;
  readonly thenMs: number;
}

const answers: fc.Arbitrary<Answer> = fc.record({
  afterMs: fc.oneof(fc.nat(500), fc.nat(7_000)),
  fate: fc.constantFrom("answered", "away", "lost"),
});
const steps: fc.Arbitrary<Step> = fc.record({
  order: fc.constantFrom(HALT, HALT, GO_ON, { currentRegime: "BULL" }, { riskMode: "AGGRESSIVE" } as const, undefined),
  thenMs: fc.nat(1_500),
});

/** A store whose calls end as told, over and over, until it is mended. */
function eventful(given: readonly Answer[], clock: ManualClock) {
  const inner = memoryPolicy();
  let calls = 0;
  let isSound = false;
  async function called<T>(call: () => Promise<T>): Promise<T> {
    const { afterMs, fate } = isSound ? SOUND : (given[calls++ % given.length] ?? SOUND);
    await new Promise<void>((resolve) => clock.after(afterMs, resolve));
    const answer = fate === "away" ? undefined : await call();
    if (answer === undefined || fate === "lost") {
      throw new RuntimeError("unavailable", "the store is away");
    }
    return answer;
  }
  const store: PolicyStore = {
    ...inner,
    read: () => called(() => inner.read()),
    change: (change) => called(() => inner.change(change)),
  };
  const mend = (): void => {
    isSound = true;
  };
  return { store, inner, mend };
}

it("a halt holds from the moment it is given until going on is ordered after it, whatever the store does", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(answers, { minLength: 1, maxLength: 30 }),
      fc.array(steps, { minLength: 10, maxLength: 30 }),
      async (calls, given) => {
        const clock = new ManualClock(0);
        const { store, inner, mend } = eventful(calls, clock);
        const keeper = new PolicyKeeper(store, clock, { wantsSuppressions: false, observe() {} }, 60_000);
        const started = keeper.start();
        let isHalted = false;
        for (const { order, thenMs } of given) {
          isHalted = order?.halted ?? isHalted;
          if (order !== undefined) {
            void keeper.change(order).catch(() => undefined);
          }
          for (let passed = 0; passed < thenMs; passed += 100) {
            await clock.elapse(100);
            const { policy } = keeper.inForce();
            expect(isHalted && policy?.halted === false).toBe(false);
          }
        }
        mend();
        await clock.elapse(200_000);
        await started;
        const stored = await inner.read();
        expect(isHalted && !stored.halted).toBe(false);
        expect(keeper.inForce().policy).toMatchObject(stored);
        keeper.stop();
      },
    ),
    { numRuns: 300 },
  );
}, 60_000);
