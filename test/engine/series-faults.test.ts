import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import { barsFrom } from "../scripted-feed.ts";
import { type Closes, MINUTE, type Rig, startRig, T0 } from "./rig.ts";

/** What may happen to a series, a step after the other. */
const STEPS = {
  /** A bar comes as it should. */
  bar: 8,
  /** The venue has a bar that the feed does not send. */
  missed: 2,
  /** Nothing is traded. */
  silent: 2,
  /** An outage that is too long to fill. */
  outage: 1,
  /** An invalid bar is sent, and the history has it too. */
  invalid: 2,
  /** The venue puts all its invalid bars right. */
  mended: 1,
  corrected: 2,
  interrupted: 2,
  refusing: 1,
  answering: 2,
  /** A strategy is saved that reads further back than those before. */
  longer: 1,
} as const;
type Step = keyof typeof STEPS;

const step = fc.oneof(
  ...Object.entries(STEPS).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Step) })),
);
/** The first ones read no further back than a series is loaded at first. */
const NEAR = 4;
const CONDITIONS = ["CLOSE > 1", "CLOSE > SMA_5", "RSI < 60", "CLOSE > EMA_60", "MOM_3 > EMA_100", "CLOSE > EMA_120"];

/** Plays the steps; what the venue holds is recorded as it goes. */
class Play {
  readonly #rig: Rig;
  readonly #invalid = new Map<number, Bar>();
  #count = 0;
  /** How many of the conditions strategies were saved with. */
  #strategies = 0;

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  get strategies(): readonly string[] {
    return CONDITIONS.slice(0, this.#strategies);
  }

  async take(step: Step): Promise<void> {
    const rig = this.#rig;
    switch (step) {
      case "bar":
        return rig.close({ BTC: this.#next() });
      case "missed":
        await this.#nextClose();
        return rig.feed.record("BTC", "1m", this.#lastBar());
      case "silent":
        return rig.close({});
      case "outage":
        return rig.pass(60 * MINUTE);
      case "invalid":
        return rig.close(this.#broken());
      case "mended":
        return this.mend();
      case "corrected":
        return this.#correct();
      case "interrupted":
        rig.feed.send({ kind: "interrupted", symbols: ["BTC"], reason: "lost messages" });
        return rig.pass(0);
      case "refusing":
        rig.feed.historyFault = () => new RuntimeError("unavailable", "status 503");
        return;
      case "answering":
        rig.feed.historyFault = undefined;
        return;
      case "longer":
        return this.#saveLonger();
    }
  }

  mend(): void {
    this.#rig.feed.record("BTC", "1m", [...this.#invalid.values()]);
    this.#invalid.clear();
  }

  async #saveLonger(): Promise<void> {
    const conditions = CONDITIONS[this.#strategies];
    if (conditions !== undefined) {
      this.#strategies++;
      await this.#rig.save(conditions.replaceAll(/\W+/g, "-"), conditions);
    }
  }

  async #correct(): Promise<void> {
    const [before] = await this.#rig.feed.history("BTC", "1m", 1).catch(() => []);
    if (before !== undefined && before.low > 0 && before.high < 1e6) {
      const close = before.close * 1.001;
      await this.#rig.send("BTC", "1m", { ...before, close, high: Math.max(before.high, close) }, true);
    }
  }

  async #nextClose(): Promise<void> {
    await this.#rig.pass(MINUTE - (this.#rig.clock.now() % MINUTE));
  }

  #next(): number {
    this.#count++;
    return 100 + 5 * Math.sin(this.#count) + (this.#count % 7);
  }

  #lastBar(): readonly Bar[] {
    return barsFrom(this.#rig.clock.now() - MINUTE, "1m", [this.#next()]);
  }

  #broken(): Closes {
    const openTime = this.#rig.clock.now() - (this.#rig.clock.now() % MINUTE);
    const [valid] = barsFrom(openTime, "1m", [this.#next()]);
    if (valid === undefined) {
      return {};
    }
    this.#invalid.set(openTime, valid);
    return { BTC: { ...valid, low: 1e9 } };
  }
}

/** What each strategy comes to at the newest close. */
async function judged(rig: Rig, conditions: readonly string[]): Promise<readonly object[]> {
  const all: object[] = [];
  for (const text of conditions) {
    const { outcome, conditions: results } = await rig.evaluate({
      strategy: { strategyId: text.replaceAll(/\W+/g, "-") },
      at: rig.clock.now(),
    });
    // Both have decided, or one has.
    const kind = outcome === "ALREADY_DECIDED" ? "DECIDED" : outcome;
    all.push({
      text,
      kind,
      values: results.flatMap(({ left, right }) => [left, right].map((one) => one?.toPrecision(8))),
    });
  }
  return all;
}

describe("R5, R41: a series to which anything has happened", () => {
  it("is, once the venue answers, what a restart makes of the venue's history", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const closes = Array.from({ length: 2_000 }, (_, i) => 100 + Math.sin(i));
        const prepare = (feed: Rig["feed"]) =>
          feed.record("BTC", "1m", barsFrom(T0 - closes.length * MINUTE, "1m", closes));
        const rig = await startRig({ prepare, explained: false });
        const play = new Play(rig);
        for (let i = 0; i < NEAR; i++) {
          await play.take("longer");
        }
        for (const step of steps) {
          await play.take(step);
        }
        rig.feed.historyFault = undefined;
        play.mend();
        // As long as it may take until a bar that was put right is asked for again.
        for (let i = 0; i < 62; i++) {
          await play.take("bar");
        }
        const other = await startRig({ feed: rig.feed, clock: rig.clock, stores: rig.stores, explained: false });
        try {
          expect(await judged(rig, play.strategies)).toEqual(await judged(other, play.strategies));
          expect((await judged(rig, ["CLOSE > 1"]))[0]).toMatchObject({ kind: "DECIDED" });
        } finally {
          await rig.stop();
          await other.stop();
        }
      }),
      { numRuns: 40 },
    );
  });
});
