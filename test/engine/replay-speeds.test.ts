import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningEngine } from "../../src/engine/engine.ts";
import type { EngineEvent } from "../../src/ports/observer.ts";
import { played, recordMinutes } from "./replayed.ts";
import { collected, type RigStores } from "./rig.ts";

let recorded: ReturnType<typeof recordMinutes>;
let asFast: readonly string[];

beforeAll(async () => {
  recorded = recordMinutes();
  asFast = await played({ dir: recorded.dir, speed: "max" });
});
afterAll(() => recorded.remove());

/** Each append takes so many ms of wall time. */
function slowJournal(ms: number): (stores: RigStores) => RigStores {
  return (stores) => ({
    ...stores,
    journal: {
      ...stores.journal,
      async append(...given) {
        await new Promise((resolve) => setTimeout(resolve, ms));
        await stores.journal.append(...given);
      },
    },
  });
}

describe("a replay decides the same, byte for byte", { timeout: 60_000 }, () => {
  it("at `max` as on every close that is recorded, the first one included", () => {
    const closes = new Set(asFast.filter((one) => one.includes(" each BTC ")).map((one) => one.split(" ")[0]));
    expect(closes.size).toBe(61);
    expect([...closes][0]).toBe("2026-01-05T00:00:00.000Z");
    expect(new Set(asFast.map((one) => one.split(" ")[1]))).toEqual(
      new Set(["each", "places", "rest", "long", "shadow"]),
    );
  });

  it.each(["max", 3600, 36_000, 1e9] as const)("at speed %s with a journal slower than the closes", async (speed) => {
    expect(await played({ dir: recorded.dir, speed, slow: slowJournal(25) })).toEqual(asFast);
  });

  it("on stores that a service on the market has used, and says of no close that it was missed", async () => {
    const events: EngineEvent[] = [];
    const noted: number[] = [];
    const slow = (stores: RigStores): RigStores => {
      const journal = { ...stores.journal, noteJudged: async (time: number) => void noted.push(time) };
      return { ...stores, journal: { ...journal, judgedUntil: async () => Date.UTC(2020, 0) } };
    };
    const observe = (event: EngineEvent) => void events.push(event);
    expect(await played({ dir: recorded.dir, speed: "max", slow, observe })).toEqual(asFast);
    expect(events.filter(({ kind }) => kind === "closes_missed")).toEqual([]);
    expect(noted).toEqual([]);
  });

  it.each(["max", 36_000] as const)("at speed %s while streams for other symbols come and go", async (speed) => {
    let sweeps = 0;
    let stream = new AbortController();
    const come = (engine: RunningEngine): void => {
      stream = new AbortController();
      const query = { symbols: ["ETH"], resumeToken: "", includeShadow: false, strategyIds: [] };
      void collected(engine.runtime.follow(query, stream.signal));
    };
    const changes = { symbols: ["BTC"], slow: slowJournal(5) };
    const decided = await played({
      dir: recorded.dir,
      speed,
      ...changes,
      onSwept: (engine) => (sweeps++ % 2 === 0 ? come(engine) : stream.abort()),
    });
    const closes = decided.filter((one) => one.includes(" each BTC ")).map((one) => one.split(" ")[0]);
    expect(closes.length).toBe(61);
    expect(new Set(closes).size).toBe(61);
  });
});
