import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServerTime } from "../../../src/adapters/postgres/server-time.ts";

const ms = (most: number) => fc.integer({ min: 0, max: most });
/** A question to the server: how long it took there, and back. */
const question = fc.record({ pause: ms(60_000), there: ms(5_000), back: ms(5_000) });

/**
 * Asks a server whose clock is ahead of this one by `ahead`; answers the time here after all of
 * them.
 */
function asked(questions: readonly { pause: number; there: number; back: number }[], ahead: number) {
  let here = 0;
  const time = new ServerTime(() => here);
  for (const { pause, there, back } of questions) {
    here += pause;
    const from = here;
    here += there;
    const shown = here + ahead;
    here += back;
    time.note(from, shown);
  }
  return { time, here };
}

describe("a deadline told in the server's time", () => {
  it("is never later than meant, and early by no more than the quickest question took, whatever the clocks show", () => {
    const skew = fc.integer({ min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 8 }), skew, ms(60_000), (questions, ahead, within) => {
        const { time, here } = asked(questions, ahead);
        const until = here + within;
        const inServersTime = time.showsAt(until) - ahead;
        expect(inServersTime).toBeLessThanOrEqual(until);
        const quickest = Math.min(...questions.map(({ there, back }) => there + back));
        expect(until - inServersTime).toBeLessThanOrEqual(quickest);
      }),
    );
  });

  it("asks for a new look when the last one is ten minutes old", () => {
    const { time } = asked([{ pause: 0, there: 1, back: 1 }], 0);
    expect(time.isUnknown).toBe(false);
    expect(asked([], 0).time.isUnknown).toBe(true);
    let here = 0;
    const other = new ServerTime(() => here);
    other.note(0, 5_000);
    here = 600_001;
    expect(other.isUnknown).toBe(true);
    other.note(here - 4_000, 9_000_000);
    expect(other.showsAt(here)).toBe(9_000_000);
  });
});
