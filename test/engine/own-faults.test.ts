import { afterEach, describe, expect, it, vi } from "vitest";
import type { SweepSummary } from "../../src/domain/decision.ts";
import { Series } from "../../src/engine/market/series.ts";
import { Candidate } from "../../src/engine/rules/judging/candidate.ts";
import { BlockSweep } from "../../src/engine/rules/sets/block-sweep.ts";
import { Broadcast } from "../../src/engine/streams/broadcast.ts";
import type { SignalEvaluator } from "../../src/ports/signal-evaluator.ts";
import { NO_TRACER } from "../../src/ports/tracer.ts";
import { history, MINUTE, onBothPaths, type Rig, type RigOptions, startRig } from "./rig.ts";

const TWO: RigOptions = {
  symbols: ["BTC", "ETH"],
  prepare(feed) {
    history(feed, "BTC", "1m", [100, 101]);
    history(feed, "ETH", "1m", [10, 11]);
  },
};

const BUG = new Error("a is undefined");

afterEach(() => {
  vi.restoreAllMocks();
});

/** R27: every pair counts once, whatever was thrown. */
function expectConserved(summary: SweepSummary | undefined, pairs: number): void {
  expect(summary?.evaluations).toBe(pairs);
  expect(Object.values(summary?.outcomes ?? {}).reduce((sum, count) => sum + count, 0)).toBe(pairs);
}

/** Where something was thrown that nobody foresaw. */
function thrownIn(rig: Rig): readonly string[] {
  return rig.events.flatMap((event) => (event.kind === "thrown" ? [event.where] : []));
}

async function deciders(rig: Rig): Promise<readonly string[]> {
  return (await rig.journaled()).map(({ strategyId, symbol }) => `${strategyId} ${symbol}`).sort();
}

onBothPaths("a fault in the judging", () => {
  it("of one strategy fails that strategy, and no other", async () => {
    const faulty: SignalEvaluator = {
      name: "faulty",
      evaluate({ strategy }) {
        if (strategy.strategyId === "bad") {
          throw BUG;
        }
        return {};
      },
    };
    const rig = await startRig({ ...TWO, evaluators: [faulty] });
    await rig.save("good", "CLOSE > 1");
    await rig.save("bad", "CLOSE > 1");
    await rig.close({ BTC: 102, ETH: 12 });
    expect(await deciders(rig)).toEqual(["good BTC", "good ETH"]);
    expectConserved(rig.summaries().at(-1), 4);
    expect(rig.summaries().at(-1)?.outcomes).toEqual({ DECIDED: 2, FAILED: 2 });
    expect(rig.events.filter(({ kind }) => kind === "evaluation_failed")).toHaveLength(2);
  });

  it("of one decision fails that one: the others are journaled without a gap, and streams go on", async () => {
    const rig = await startRig(TWO);
    await rig.save("bad", "CLOSE > 1");
    await rig.save("good", "CLOSE > 1");
    const stream = rig.follow();
    const { decide } = Candidate.prototype;
    vi.spyOn(Candidate.prototype, "decide").mockImplementation(function (this: Candidate, ...args) {
      if (this.strategyId === "bad") {
        throw BUG;
      }
      return decide.apply(this, args);
    });
    await rig.close({ BTC: 102, ETH: 12 });
    expect(rig.summaries().at(-1)?.outcomes).toEqual({ DECIDED: 2, FAILED: 2 });
    vi.restoreAllMocks();
    await rig.close({ BTC: 103, ETH: 13 });
    expect((await rig.journaled()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stream.decisions.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("of a whole close counts all of it as failed, and the next close is judged", async () => {
    let isBroken = false;
    const tracer: typeof NO_TRACER = {
      ...NO_TRACER,
      span(...args) {
        if (isBroken) {
          throw BUG;
        }
        return NO_TRACER.span(...args);
      },
    };
    const rig = await startRig({ ...TWO, tracer });
    await rig.save("s", "CLOSE > 1");
    const stream = rig.follow();
    isBroken = true;
    await rig.close({ BTC: 102, ETH: 12 });
    expect(await rig.journaled()).toEqual([]);
    expect(rig.summaries().at(-1)?.outcomes).toEqual({ FAILED: 2 });
    expect(thrownIn(rig)).toEqual(["close"]);
    isBroken = false;
    await rig.close({ BTC: 103, ETH: 13 });
    expect(rig.summaries().at(-1)?.outcomes).toEqual({ DECIDED: 2 });
    expect(stream.error).toBeUndefined();
    expect(stream.decisions).toHaveLength(2);
  });

  it("lets a feed that waits for its closes go on", async () => {
    const rig = await startRig({ ...TWO, completes: true });
    await rig.save("s", "CLOSE > 1");
    rig.feed.now = () => {
      throw BUG;
    };
    await rig.close({ BTC: 102, ETH: 12 });
    rig.feed.now = () => rig.clock.now();
    for (const close of [103, 104]) {
      await rig.close({ BTC: close, ETH: close });
    }
    expect(rig.summaries().at(-1)?.outcomes).toEqual({ DECIDED: 2 });
  });

  it("of a timer that looks for closes does not end it", async () => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    const now = rig.feed.now;
    rig.feed.now = () => {
      throw BUG;
    };
    await rig.pass(5_000);
    rig.feed.now = now;
    expect(thrownIn(rig)).toContain("timer");
    // No bar comes: the timer alone opens the close, and its limits end it.
    await rig.pass(2 * MINUTE);
    expectConserved(rig.summaries().at(-1), 2);
  });

  it("of one series makes that series unusable until it is loaded anew, and no other", async () => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    const { accept } = Series.prototype;
    vi.spyOn(Series.prototype, "accept").mockImplementation(function (this: Series, ...args) {
      if (this.symbol === "ETH") {
        throw BUG;
      }
      return accept.apply(this, args);
    });
    await rig.close({ BTC: 102, ETH: 12 });
    vi.restoreAllMocks();
    expect(rig.engine.runtime.status().whyNot.join()).not.toContain("feed broke off");
    await rig.pass(500);
    expect(await deciders(rig)).toEqual(["s BTC"]);
    expect(thrownIn(rig)).toEqual(["feed"]);
    await rig.pass(10_000);
    expectConserved(rig.summaries().at(-1), 2);
    await rig.close({ BTC: 103, ETH: 13 });
    expect(rig.summaries().at(-1)?.outcomes).toEqual({ DECIDED: 2 });
  });

  it("keeps nobody from what is decided: a stream that cannot be told ends, and resumes behind what it has", async () => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    const stream = rig.follow();
    await rig.close({ BTC: 102, ETH: 12 });
    vi.spyOn(Broadcast.prototype, "send").mockImplementationOnce(() => {
      throw BUG;
    });
    await rig.close({ BTC: 103, ETH: 13 });
    expect(stream.error).toMatchObject({ code: "unavailable", message: expect.stringContaining("resume") });
    expect(thrownIn(rig)).toEqual(["stream"]);
    const resumed = rig.follow({ resumeToken: stream.token });
    await rig.close({ BTC: 104, ETH: 14 });
    const all = [...stream.decisions, ...resumed.decisions].map(({ sequence }) => sequence);
    expect(all).toEqual([1, 2, 3, 4, 5, 6]);
    expectConserved(rig.summaries().at(-2), 2);
  });
});

describe("a fault of the sweep by sets", () => {
  it("leaves every pair judged by itself, and counted once", async () => {
    const rig = await startRig({ ...TWO, explained: false });
    await rig.save("met", "CLOSE > 1");
    await rig.save("not", "CLOSE > 1000");
    vi.spyOn(BlockSweep.prototype, "judge").mockImplementationOnce(() => {
      throw BUG;
    });
    await rig.close({ BTC: 102, ETH: 12 });
    expect(rig.summaries().at(-1)?.outcomes).toEqual({ DECIDED: 2, CONDITIONS_NOT_MET: 2 });
    expectConserved(rig.summaries().at(-1), 4);
    expect(thrownIn(rig)).toEqual(["sweep"]);
  });
});
