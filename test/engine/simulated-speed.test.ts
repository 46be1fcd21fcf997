import { describe, expect, it, onTestFinished } from "vitest";
import { simulated } from "../../src/adapters/simulated/simulated.ts";
import { startEngine } from "../../src/engine/engine.ts";
import type { EngineEvent } from "../../src/ports/observer.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { ENGINE_DEFAULTS, freshStores, MINUTE, T0 } from "./rig.ts";
import { accepted, conditionsOf, draftOf } from "./validation/drafts.ts";

const CLOSES = 150;

describe("the simulated exchange at the highest speed, with a journal slower than its closes", () => {
  it("has every close judged, from the first one on", { timeout: 60_000 }, async () => {
    const stores = freshStores();
    const draft = { strategyId: "each", entryIndicators: conditionsOf("CLOSE > 0"), maxPositions: 100, cooldownMs: 0 };
    for (const timeframe of ["1m", "5m"] as const) {
      const { config } = accepted(draftOf({ ...draft, strategyId: timeframe, timeframe, side: "LONG" }));
      await stores.strategies.save([{ config, expectedVersion: 0 }], T0);
    }
    const { append } = stores.journal;
    const market = simulated({ seed: 1, speed: 1e6, clock: systemClock, startAt: T0 });
    await market.ready();
    const events: EngineEvent[] = [];
    const over = Promise.withResolvers<void>();
    const sweptOn = (timeframe: string) =>
      events.flatMap((event) =>
        event.kind === "sweep" && event.timeframe === timeframe ? [event.summary.barCloseTime ?? 0] : [],
      );
    const engine = await startEngine({
      market,
      stores: {
        ...stores,
        journal: {
          ...stores.journal,
          async append(...given) {
            await new Promise((resolve) => setTimeout(resolve, 5));
            await append(...given);
          },
        },
      },
      clock: systemClock,
      observer: {
        wantsSuppressions: false,
        observe(event) {
          events.push(event);
          if (sweptOn("1m").length === CLOSES) {
            over.resolve();
          }
        },
      },
      ...ENGINE_DEFAULTS,
      symbols: ["BTC", "ETH"],
    });
    onTestFinished(async () => {
      await engine.close();
      await market.close();
    });
    await over.promise;
    const passed = [MINUTE, 5 * MINUTE].map((length, i) => {
      const closes = sweptOn(i === 0 ? "1m" : "5m");
      return closes.filter((close, n) => n > 0 && close - (closes[n - 1] ?? 0) !== length);
    });
    expect(passed).toEqual([[], []]);
    expect(events.filter(({ kind }) => kind === "closes_missed")).toEqual([]);
    const outcomes = events.flatMap((event) => (event.kind === "sweep" ? Object.keys(event.summary.outcomes) : []));
    expect(new Set(outcomes)).toEqual(new Set(["DECIDED"]));
  });
});
