import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { memoryPositions } from "../../src/adapters/memory/memory-positions.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import type { Lease } from "../../src/ports/lease.ts";
import type { PositionBook } from "../../src/ports/position-book.ts";
import { ManualClock } from "../manual-clock.ts";
import { barsFrom, scriptedFeed } from "../scripted-feed.ts";
import { collected, history, MINUTE, onBothPaths, type RigOptions, startRig, T0 } from "./rig.ts";

const HISTORY: RigOptions = {
  symbols: ["BTC", "ETH"],
  completes: true,
  prepare(feed) {
    history(feed, "BTC", "1m", [100, 101, 102]);
    history(feed, "ETH", "1m", [10, 11, 12]);
  },
};

/** A journal whose next writes go as told: not at all, or stored with the answer lost. */
function faulty(): { journal: DecisionJournal; fail: "never" | "unstored" | "stored"; reads: boolean } {
  const memory = memoryJournal();
  const control = {
    fail: "never" as "never" | "unstored" | "stored",
    reads: true,
    journal: {
      ...memory,
      async append(decisions) {
        if (control.fail !== "unstored") {
          await memory.append(decisions);
        }
        if (control.fail !== "never") {
          throw new RuntimeError("unavailable", "the disk is on fire");
        }
      },
      async probe() {
        if (control.fail !== "never") {
          throw new RuntimeError("unavailable", "the disk is still on fire");
        }
      },
      async read(query) {
        if (!control.reads) {
          throw new RuntimeError("unavailable", "no connection");
        }
        return memory.read(query);
      },
    } satisfies DecisionJournal,
  };
  return control;
}

onBothPaths("R34 to R36: what a decision says of itself", () => {
  it("is a SHA-256 over its identity, valid for one bar, at the bar's close", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"] });
    await rig.save("s", "CLOSE > 1");
    await rig.save("s", "CLOSE > 2", { side: "LONG" });
    await rig.close({ BTC: 103 });
    const [decision] = await rig.journaled();
    const text = `s|2|BTC|1m|${T0 + MINUTE}|LONG`;
    expect(decision).toMatchObject({
      decisionId: createHash("sha256").update(text, "utf8").digest("hex").slice(0, 32),
      strategyVersion: 2,
      barCloseTime: T0 + MINUTE,
      timestamp: T0 + MINUTE,
      validUntil: T0 + 2 * MINUTE,
      entryPrice: 103,
      dataSource: "scripted",
      shadow: false,
    });
  });

  it("bears the time of the call in a one-shot call, and the feed's price", async () => {
    const rig = await startRig({ ...HISTORY, symbols: [] });
    await rig.save("s", "CLOSE > 1", { side: "SHORT" });
    await rig.pass(7_000);
    rig.feed.setPrice("BTC", 99.5, T0 + 5_000);
    const { decisions } = await rig.sweep();
    const text = `s|1|BTC|1m|${T0}|SHORT`;
    expect(decisions).toMatchObject([
      {
        decisionId: createHash("sha256").update(text).digest("hex").slice(0, 32),
        timestamp: T0 + 7_000,
        barCloseTime: T0,
        validUntil: T0 + MINUTE,
        entryPrice: 99.5,
        sequence: 1,
      },
    ]);
  });
});

/**
 * A journal whose writes take so long, on this clock, and that writes nothing that comes too late.
 */
function slow(clock: ManualClock): {
  readonly journal: DecisionJournal;
  delayMs: number;
  readonly limits: (number | undefined)[];
} {
  const memory = memoryJournal();
  const control = {
    delayMs: 0,
    limits: [] as (number | undefined)[],
    journal: {
      ...memory,
      async append(decisions, withinMs) {
        control.limits.push(withinMs);
        if (control.limits.length > 20) {
          throw new Error("the same was written over and over");
        }
        const sent = clock.monotonic();
        if (control.delayMs > 0) {
          await new Promise<void>((resolve) => clock.after(control.delayMs, resolve));
        }
        await memory.append(decisions, withinMs === undefined ? undefined : withinMs - (clock.monotonic() - sent));
      },
    } satisfies DecisionJournal,
  };
  return control;
}

onBothPaths("R38: a write that comes late", () => {
  const LIVE: RigOptions = { ...HISTORY, symbols: ["BTC"], completes: false };

  async function started(options: RigOptions, clock = new ManualClock(T0)) {
    const control = slow(clock);
    const rig = await startRig({ ...options, clock, stores: { journal: control.journal } });
    return { control, rig };
  }

  it("of decisions that have expired by then writes and sends nothing on a live feed: MARKET_DATA_UNAVAILABLE", async () => {
    const { control, rig } = await started(LIVE);
    await rig.save("s", "CLOSE > 1", { maxPositions: 1, cooldownMs: 3_600_000 });
    const stream = rig.follow();
    control.delayMs = 61_000;
    await rig.close({ BTC: 103 });
    await rig.pass(61_000);
    expect(control.limits).toEqual([expect.toSatisfy((ms: number) => ms > 0 && ms <= MINUTE)]);
    expect(rig.summaries()).toMatchObject([{ outcomes: { MARKET_DATA_UNAVAILABLE: 1 } }]);
    expect([await rig.journaled(), stream.decisions]).toEqual([[], []]);
    // Nothing is left of it: neither a place nor a cooldown.
    control.delayMs = 0;
    await rig.close({ BTC: 104 });
    expect(await rig.journaled()).toMatchObject([{ sequence: 1, entryPrice: 104 }]);
    expect(stream.decisions).toHaveLength(1);
    expect(rig.engine.runtime.status().whyNot).toEqual([]);
  });

  it("is written on a feed whose time waits for it", async () => {
    const clock = new ManualClock(T0);
    const feed = Object.assign(scriptedFeed(clock, ["BTC"]), { completes: true });
    const { control, rig } = await started({ ...LIVE, feed, completes: true }, clock);
    await rig.save("s", "CLOSE > 1");
    control.delayMs = 61_000;
    await rig.close({ BTC: 103 });
    await rig.pass(61_000);
    expect(control.limits[0]).toBeUndefined();
    expect(await rig.journaled()).toHaveLength(1);
  });

  it("keeps what is valid for longer from nothing: that is written without what has expired", async () => {
    const { control, rig } = await started({
      ...LIVE,
      prepare(feed) {
        history(feed, "BTC", "1m", [100, 101, 102]);
        history(feed, "BTC", "1h", [100, 101, 102]);
      },
    });
    await rig.save("short", "CLOSE > 1");
    await rig.save("long", "CLOSE > 1", { timeframe: "1h" });
    control.delayMs = 61_000;
    const swept = rig.sweep();
    await rig.pass(62_000);
    await rig.pass(62_000);
    const { outcomes, decisions } = await swept;
    expect(outcomes).toEqual({ "short BTC": "MARKET_DATA_UNAVAILABLE" });
    expect(decisions).toMatchObject([{ strategyId: "long", sequence: 1 }]);
    expect(await rig.journaled()).toMatchObject([{ strategyId: "long", sequence: 1 }]);
  });

  it("that was written in time and told of late is not sent live, and is there for whoever reads the journal", async () => {
    const clock = new ManualClock(T0);
    const memory = memoryJournal();
    const journal: DecisionJournal = {
      ...memory,
      async append(decisions) {
        await memory.append(decisions);
        await new Promise<void>((resolve) => clock.after(61_000, resolve));
      },
    };
    const rig = await startRig({ ...LIVE, clock, stores: { journal } });
    await rig.save("s", "CLOSE > 1");
    const stream = rig.follow();
    await rig.close({ BTC: 103 });
    await rig.pass(62_000);
    expect(await rig.journaled()).toHaveLength(1);
    expect(stream.decisions).toEqual([]);
    expect(rig.events).toContainEqual(expect.objectContaining({ kind: "fault", what: "decision journal" }));
    const again = rig.follow({ resumeToken: "start" });
    await rig.pass(0);
    expect(again.decisions).toHaveLength(1);
  });
});

onBothPaths("R38: a journal that cannot be written", () => {
  it("means UNAVAILABLE for a call, and leaves no cooldown, reservation or id behind", async () => {
    const control = faulty();
    const rig = await startRig({ ...HISTORY, symbols: [], stores: { journal: control.journal } });
    await rig.save("s", "CLOSE > 1", { maxPositions: 1, cooldownMs: 3_600_000 });
    const stream = rig.follow({ symbols: ["BTC"] });
    control.fail = "unstored";
    await expect(rig.sweep()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("on fire"),
    });
    expect(rig.engine.runtime.status()).toMatchObject({ ready: false, whyNot: [expect.stringContaining("on fire")] });
    control.fail = "never";
    const { decisions } = await rig.sweep();
    expect(decisions).toMatchObject([{ sequence: 1 }]);
    await rig.pass(0);
    expect(stream.decisions).toHaveLength(1);
    expect(rig.engine.runtime.status().ready).toBe(true);
  });

  it("counts as FAILED at a bar close, where the next bar decides again", async () => {
    const control = faulty();
    const rig = await startRig({ ...HISTORY, stores: { journal: control.journal } });
    await rig.save("s", "CLOSE > 1");
    control.fail = "unstored";
    await rig.close({ BTC: 103, ETH: 13 });
    expect(rig.summaries()).toMatchObject([{ evaluations: 2, outcomes: { FAILED: 2 } }]);
    control.fail = "never";
    await rig.close({ BTC: 104, ETH: 14 });
    expect((await rig.journaled()).map(({ sequence }) => sequence)).toStrictEqual([1, 2]);
  });

  it("is a fault until a write has succeeded, though it can be read", async () => {
    const control = faulty();
    const rig = await startRig({ ...HISTORY, symbols: [], stores: { journal: control.journal } });
    await rig.save("s", "CLOSE > 1");
    control.fail = "unstored";
    await expect(rig.sweep()).rejects.toMatchObject({ code: "unavailable" });
    for (let i = 0; i < 5; i++) {
      await rig.pass(1_000);
      const { ready, whyNot } = rig.engine.runtime.status();
      expect({ ready, whyNot }).toEqual({ ready: false, whyNot: [expect.stringContaining("on fire")] });
    }
    control.fail = "never";
    await rig.pass(2_000);
    expect(rig.engine.runtime.status()).toMatchObject({ ready: true, whyNot: [] });
    expect(await rig.journaled()).toEqual([]);
  });

  it("whose answer was lost though it stored: the decision is published, and not made twice", async () => {
    const control = faulty();
    const rig = await startRig({ ...HISTORY, symbols: [], stores: { journal: control.journal } });
    await rig.save("s", "CLOSE > 1");
    const stream = rig.follow({ symbols: ["BTC"] });
    control.fail = "stored";
    await expect(rig.sweep()).rejects.toMatchObject({ code: "unavailable" });
    await rig.pass(0);
    expect(stream.decisions).toHaveLength(0);
    control.fail = "never";
    const again = await rig.sweep();
    expect(again.outcomes).toStrictEqual({ "s BTC": "ALREADY_DECIDED" });
    await rig.pass(0);
    expect(stream.decisions).toMatchObject([{ sequence: 1 }]);
    expect(await rig.journaled()).toHaveLength(1);
  });

  it("is asked what it holds before anything else is decided", async () => {
    const control = faulty();
    const rig = await startRig({ ...HISTORY, symbols: [], stores: { journal: control.journal } });
    await rig.save("s", "CLOSE > 1");
    control.fail = "stored";
    await expect(rig.sweep()).rejects.toMatchObject({ code: "unavailable" });
    control.fail = "never";
    control.reads = false;
    await expect(rig.sweep({ symbols: ["ETH"] })).rejects.toMatchObject({ code: "unavailable" });
    control.reads = true;
    expect((await rig.sweep({ symbols: ["ETH"] })).decisions).toMatchObject([{ sequence: 2, symbol: "ETH" }]);
  });

  it("in doubt holds the watermark still, and is asked again without a sweep", async () => {
    const control = faulty();
    const rig = await startRig({ ...HISTORY, symbols: [], stores: { journal: control.journal } });
    await rig.save("s", "CLOSE > 1");
    const stream = rig.follow({ symbols: ["BTC"] });
    await rig.pass(2_000);
    control.fail = "stored";
    control.reads = false;
    await expect(rig.sweep()).rejects.toMatchObject({ code: "unavailable" });
    await rig.pass(1_000);
    const before = stream.batches.at(-1)?.watermark;
    await rig.pass(5_000);
    expect(stream.batches.at(-1)?.watermark).toBe(before);
    control.fail = "never";
    control.reads = true;
    await rig.pass(3_000);
    expect(stream.decisions).toMatchObject([{ sequence: 1 }]);
    expect(stream.batches.at(-1)?.watermark).toBeGreaterThan(before ?? 0);
  });

  it("that another process writes is not written again: whoever started the engine hears that it is outdated, once", async () => {
    const outdated: RuntimeError[] = [];
    const rig = await startRig({ ...HISTORY, symbols: [] });
    const onOutdated = (error: RuntimeError) => outdated.push(error);
    const other = await startRig({ ...HISTORY, symbols: [], stores: rig.stores, onOutdated });
    await rig.save("s", "CLOSE > 1");
    await other.engine.runtime.refresh();
    expect((await rig.sweep()).decisions).toHaveLength(1);
    await expect(other.sweep({ symbols: ["ETH"] })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("another process"),
    });
    await expect(other.sweep({ symbols: ["ETH"] })).rejects.toMatchObject({ code: "unavailable" });
    expect(other.engine.runtime.status().whyNot.join()).toContain("another process");
    expect(outdated).toMatchObject([{ message: expect.stringContaining("not as this process left it") }]);
  });

  it("is not written by a process that may not decide, and what reports came to is settled under a new epoch", async () => {
    const memory = memoryPositions();
    let epoch = 1;
    let fault: string | undefined;
    let loses = false;
    const positions: PositionBook = {
      ...memory,
      async put(position) {
        await memory.put(position);
        if (loses) {
          epoch++;
          throw new RuntimeError("unavailable", "the answer was lost");
        }
      },
    };
    const lease: Lease = { fault: () => fault, settled: async () => epoch };
    const rig = await startRig({ ...HISTORY, symbols: [], stores: { positions, lease } });
    await rig.save("s", "CLOSE > 1", { maxPositions: 1 });
    fault = "the lease could not be renewed for 2001 ms";
    await expect(rig.sweep()).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining(fault) });
    expect(await rig.journaled()).toEqual([]);
    fault = undefined;
    // A place is taken by a report whose answer was lost: nobody may decide as though it were free.
    loses = true;
    const position = {
      positionId: "p",
      strategyId: "s",
      symbol: "ETH",
      side: "LONG",
      sizeUsd: 1,
      entryPrice: 1,
    } as const;
    const report = rig.engine.performance.opened({ ...position, openedAt: T0 });
    await expect(report).rejects.toMatchObject({ code: "unavailable" });
    const { decisions, outcomes } = await rig.sweep();
    expect(decisions).toEqual([]);
    expect(outcomes).toStrictEqual({ "s BTC": "MAX_POSITIONS" });
  });
});

onBothPaths("R39: one-shot calls", () => {
  it("return a decision once, and again with include_emitted, in journal order", async () => {
    const rig = await startRig({ ...HISTORY, symbols: [] });
    await rig.save("s", "CLOSE > 1");
    expect((await rig.sweep()).decisions).toHaveLength(1);
    const again = await rig.sweep({ symbols: ["BTC", "ETH"] });
    expect(again.decisions.map(({ symbol }) => symbol)).toStrictEqual(["ETH"]);
    expect(again.outcomes).toStrictEqual({ "s BTC": "ALREADY_DECIDED" });
    const all = await rig.sweep({ symbols: ["ETH", "BTC"], includeEmitted: true });
    expect(all.decisions.map(({ sequence }) => sequence)).toStrictEqual([1, 2]);
    expect(all.summary.outcomes).toStrictEqual({ ALREADY_DECIDED: 2 });
  });

  it("send what others decided while the call was under way", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"] });
    await rig.save("s", "CLOSE > 1");
    await rig.pass(MINUTE);
    const query = { symbols: ["BTC"], strategyIds: [], includeShadow: false, includeSuppressions: false };
    const steps = rig.engine.runtime.generate(
      { ...query, dryRun: false, includeEmitted: true },
      new AbortController().signal,
    );
    const read = collected(steps);
    await rig.pass(300);
    // The call waits for the bar, and so does the sweep of the universe, which is first.
    for (const bar of barsFrom(T0, "1m", [103])) {
      await rig.send("BTC", "1m", bar);
    }
    rig.feed.setPrice("BTC", 103, rig.clock.now());
    await rig.pass(200);
    expect((await read).flatMap(({ decisions }) => decisions)).toHaveLength(1);
  });

  it("do not return what has expired, nor SHADOW decisions unless asked, nor other strategies'", async () => {
    const rig = await startRig({ ...HISTORY, symbols: [] });
    await rig.save("s", "CLOSE > 1");
    await rig.save("t", "CLOSE > 1");
    await rig.save("shadow", "CLOSE > 1", { status: "SHADOW" });
    await rig.sweep({ includeShadow: true });
    const ids = async (query: object) =>
      (await rig.sweep({ includeEmitted: true, ...query })).decisions.map(({ strategyId }) => strategyId);
    expect(await ids({})).toStrictEqual(["s", "t"]);
    expect(await ids({ includeShadow: true })).toStrictEqual(["s", "shadow", "t"]);
    expect(await ids({ strategyIds: ["t"] })).toStrictEqual(["t"]);
    await rig.close({ BTC: 103, ETH: 13 });
    expect((await rig.sweep({ includeEmitted: true })).decisions).toMatchObject([{ sequence: 4 }, { sequence: 5 }]);
  });

  it("find what is valid behind ten thousand that are not", async () => {
    const rig = await startRig({ ...HISTORY, symbols: [] });
    await rig.save("s", "CLOSE > 1");
    const [real] = (await rig.sweep()).decisions;
    if (real === undefined) {
      throw new Error("no decision");
    }
    const old = Array.from({ length: 10_500 }, (_, i) => ({
      ...real,
      decisionId: `old-${i}`,
      sequence: i + 1,
      timestamp: T0 - 3_600_000,
      validUntil: T0 - 3_000_000,
    }));
    const journal = memoryJournal();
    await journal.append([...old, { ...real, sequence: 10_501 }]);
    const again = await startRig({ ...HISTORY, symbols: [], stores: { ...rig.stores, journal } });
    const { decisions } = await again.sweep({ includeEmitted: true });
    expect(decisions).toMatchObject([{ sequence: 10_501 }]);
  });

  it("send at most 200 decisions and 500 suppressions a message, the summary with the last", async () => {
    const rig = await startRig({ ...HISTORY, symbols: [] });
    for (let i = 0; i < 201; i++) {
      await rig.save(`fires-${i}`, "CLOSE > 1");
    }
    for (let i = 0; i < 501; i++) {
      await rig.save(`rests-${i}`, "CLOSE > 1000");
    }
    const { batches, summary } = await rig.sweep({ includeSuppressions: true });
    expect(batches.map(({ decisions }) => decisions.length)).toStrictEqual([200, 1, 0, 0]);
    expect(batches.map(({ suppressions }) => suppressions.length)).toStrictEqual([0, 0, 500, 1]);
    expect(batches.map((batch) => batch.summary !== undefined)).toStrictEqual([false, false, false, true]);
    expect(summary).toMatchObject({ evaluations: 702, strategies: 702, symbols: 1 });
  });

  it("name the symbols that no strategy could be judged on, and judge the others", async () => {
    const rig = await startRig({ ...HISTORY, symbols: [] });
    await rig.save("s", "CLOSE > 1");
    const { batches, decisions, summary } = await rig.sweep({ symbols: ["BTC", "NOPE"] });
    expect(decisions).toHaveLength(1);
    expect(batches.at(-1)?.failures).toMatchObject([{ symbol: "NOPE", outcome: "MARKET_DATA_UNAVAILABLE" }]);
    expect(summary).toMatchObject({ evaluations: 2, outcomes: { DECIDED: 1, MARKET_DATA_UNAVAILABLE: 1 } });
  });

  it("refuse suppressions of more than 100,000 pairs", async () => {
    const rig = await startRig({ ...HISTORY, symbols: [] });
    await rig.save("a", "CLOSE > 1");
    const symbols = Array.from({ length: 100_001 }, (_, i) => `S${i}`);
    await expect(rig.sweep({ symbols, includeSuppressions: true })).rejects.toMatchObject({ code: "invalid" });
  });
});

onBothPaths("R24: the price of a one-shot call", () => {
  it.each([
    { age: 59_999, decisions: 1 },
    { age: 60_000, decisions: 0 },
  ])("that is $age ms old gives $decisions decision", async ({ age, decisions }) => {
    const rig = await startRig({ ...HISTORY, symbols: [] });
    await rig.save("s", "CLOSE > 1");
    rig.feed.setPrice("BTC", 100, T0 - age);
    const swept = await rig.sweep();
    expect(swept.decisions).toHaveLength(decisions);
    expect(swept.suppressions.map(({ outcome }) => outcome)).toStrictEqual(
      decisions === 1 ? [] : ["MARKET_DATA_UNAVAILABLE"],
    );
  });

  it("is asked for once no bar is waited for any more", async () => {
    const rig = await startRig({ ...HISTORY, symbols: [], priceMaxAgeMs: 2_000 });
    await rig.save("s", "CLOSE > 1");
    await rig.pass(MINUTE);
    rig.feed.setPrice("BTC", 100, rig.clock.now());
    const controller = new AbortController();
    const query = { symbols: ["BTC", "ETH"], strategyIds: [], includeShadow: false, includeSuppressions: true };
    const steps = rig.engine.runtime.generate({ ...query, dryRun: true, includeEmitted: false }, controller.signal);
    const read = collected(steps);
    await rig.pass(3_000);
    expect(rig.feed.asked.price).toBe(0);
    await rig.pass(8_000);
    const outcomes = (await read).flatMap(({ suppressions }) => suppressions).map(({ explanation }) => explanation);
    expect(outcomes).toHaveLength(2);
  });
});
