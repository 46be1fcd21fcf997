import { describe, expect, it } from "vitest";
import type { Timeframe } from "../../src/domain/timeframe.ts";
import type { FeedDelay } from "../../src/ports/market-data.ts";
import { watchDelays } from "../../src/process/watch-delays.ts";
import { ManualClock } from "../manual-clock.ts";

function delay(timeframe: Timeframe, lateMs: number): FeedDelay {
  return { timeframe, symbols: ["BTC"], since: 0, lateMs, text: `bars come ${lateMs / 1_000} s late` };
}

function watch() {
  const clock = new ManualClock(0);
  const said: string[] = [];
  const now: { delays: readonly FeedDelay[] } = { delays: [] };
  const stop = watchDelays({
    clock,
    delays: () => now.delays,
    warn: (_, text) => said.push(`warn ${text}`),
    info: ({ lastedMs }, text) => said.push(`info ${text}, ${lastedMs}`),
  });
  return { clock, said, now, stop };
}

describe("watchDelays", () => {
  it("says within a second that bars come late, by timeframe, and when they no longer do", () => {
    const { clock, said, now } = watch();
    clock.advance(10_000);
    now.delays = [delay("1s", 3_000), delay("1m", 500)];
    clock.advance(1_000);
    now.delays = [delay("1s", 3_000)];
    clock.advance(20_000);
    now.delays = [];
    clock.advance(1_000);
    expect(said).toEqual([
      "warn market data: 1s: bars come 3 s late",
      "warn market data: 1m: bars come 0.5 s late",
      "info market data: 1m: bars come as they should again, 1000",
      "info market data: 1s: bars come as they should again, 21000",
    ]);
  });

  it("says once a minute that it lasts, with how late bars are by then", () => {
    const { clock, said, now } = watch();
    now.delays = [delay("1s", 3_000)];
    clock.advance(30_000);
    now.delays = [delay("1s", 4_000)];
    clock.advance(40_000);
    expect(said).toEqual(["warn market data: 1s: bars come 3 s late", "warn market data: 1s: bars come 4 s late"]);
  });

  it("leaves no timer behind once it is ended", () => {
    const { clock, stop } = watch();
    clock.advance(3_000);
    stop();
    expect(clock.pending).toBe(0);
  });
});
