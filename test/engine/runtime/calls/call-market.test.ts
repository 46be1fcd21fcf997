import { describe, expect, it } from "vitest";
import { Pace } from "../../../../src/engine/concurrency/pace.ts";
import { gatherMarket } from "../../../../src/engine/runtime/calls/call-market.ts";
import type { Clock } from "../../../../src/ports/clock.ts";

describe("a market that answers from memory", () => {
  it("is asked for thousands of symbols in slices, so that other work has its turn", async () => {
    let time = 0;
    let inThisTurn = 0;
    let most = 0;
    const clock: Clock = {
      now: () => time,
      monotonic: () => time,
      after(_, task) {
        inThisTurn = 0;
        setImmediate(task);
        return () => {};
      },
    };
    const access = {
      now: () => 0,
      async reading() {
        time += 3;
        most = Math.max(most, ++inThisTurn);
        return { seriesAt: () => undefined, fault: () => "none", short: () => undefined };
      },
      price: async () => ({ price: 1 }),
    };
    const symbols = Array.from({ length: 2_000 }, (_, i) => `S${i}`);
    const { markets } = await gatherMarket(access, symbols, new Map(), new Pace(clock));
    expect(markets.map(({ symbol }) => symbol)).toEqual(symbols);
    // Those at work at once ask for one each before the first slice ends; after that, what fits in
    // one.
    expect(most).toBeLessThan(25);
  });
});
