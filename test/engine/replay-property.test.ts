import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settled } from "../manual-clock.ts";
import { ErraticClock } from "./erratic-clock.ts";
import { played, recordMinutes } from "./replayed.ts";
import { type RigStores, T0 } from "./rig.ts";

const RUNS = 40;

let recorded: ReturnType<typeof recordMinutes>;
let asFast: readonly string[];
beforeAll(async () => {
  recorded = recordMinutes();
  asFast = await played({ dir: recorded.dir, speed: "max" });
});
afterAll(() => recorded.remove());

/** Turns of the event loop that each next call takes, over and over. */
function slowed(stores: RigStores, appends: readonly number[], reads: readonly number[]): RigStores {
  const after = (turns: readonly number[]) => {
    let calls = 0;
    return async () => {
      for (let left = turns[calls++ % turns.length] ?? 0; left > 0; left--) {
        await settled();
      }
    };
  };
  const [beforeAppend, beforeRead] = [after(appends), after(reads)];
  return {
    ...stores,
    journal: { ...stores.journal, append: (...given) => beforeAppend().then(() => stores.journal.append(...given)) },
    policy: { ...stores.policy, read: () => beforeRead().then(() => stores.policy.read()) },
  };
}

const speeds = fc.oneof(
  fc.constant("max" as const),
  fc.integer({ min: 6, max: 18 }).map((power) => Math.round(10 ** (power / 2))),
);
const turns = (most: number) => fc.array(fc.nat(most), { minLength: 1, maxLength: 5 });
/**
 * Mostly short steps, and now and then a stop of the process for longer than a policy may be used.
 */
const jumps = fc
  .tuple(fc.array(fc.constantFrom(0, 1, 5, 17, 600), { minLength: 7, maxLength: 20 }), fc.boolean())
  .map(([short, stops]) => [...short, 1, ...(stops ? [13_000] : [])]);

/**
 * Each stop falls into a read of the policy, whose time limit was over when the process went on.
 */
const STOPPED_IN_A_READ: [speed: number, appends: number[], reads: number[], jumps: number[]][] = [
  [1_000, [6, 0], [1, 1], [17, 0, 0, 1, 1, 5, 5, 5, 0, 0, 5, 1, 13_000]],
];

describe("a replay", () => {
  it("decides the same, byte for byte, at any speed, however slow the stores are and whenever the process is stopped", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(speeds, turns(6), turns(2), jumps, async (speed, appends, reads, steps) => {
        const clock = new ErraticClock(T0);
        let isOver = false;
        const decided = played({
          dir: recorded.dir,
          speed,
          clock,
          slow: (stores) => slowed(stores, appends, reads),
        }).finally(() => {
          isOver = true;
        });
        await Promise.all([decided, clock.run(steps, () => isOver)]);
        expect(await decided).toEqual(asFast);
      }),
      { numRuns: RUNS, examples: STOPPED_IN_A_READ },
    );
  });
});
