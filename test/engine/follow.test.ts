import { describe, expect, it, onTestFinished } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/journal.ts";
import type { Decision } from "../../src/domain/decision.ts";
import { follow, type Published } from "../../src/engine/calls/follow.ts";
import { Broadcast, Serial } from "../../src/engine/channel.ts";
import { NO_TRACER } from "../../src/ports/tracer.ts";
import { decision } from "../contracts/decision-samples.ts";
import { ManualClock, settled } from "../manual-clock.ts";
import { collected, history, type RigOptions, startRig, T0 } from "./rig.ts";

const HISTORY: RigOptions = {
  symbols: ["BTC", "ETH"],
  completes: true,
  prepare(feed) {
    history(feed, "BTC", "1m", [100]);
    history(feed, "ETH", "1m", [10]);
  },
};

const NO_SIGNAL = new AbortController().signal;
const ALL = { symbols: [], strategyIds: [], includeShadow: true, resumeToken: "start" };

describe("R39: a follow stream", () => {
  it("starts with an empty message, and sends what is decided from then on", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 101, ETH: 11 });
    const stream = rig.follow();
    await rig.pass(0);
    expect(stream.batches[0]).toMatchObject({ decisions: [], suppressions: [], failures: [] });
    await rig.close({ BTC: 102, ETH: 12 });
    expect(stream.decisions.map(({ sequence }) => sequence)).toStrictEqual([3, 4]);
  });

  it("sends what calls decided, too, and its own symbols, strategies and kinds alone", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC", "ETH"] });
    await rig.save("s", "CLOSE > 1");
    await rig.save("t", "CLOSE > 1", { status: "SHADOW" });
    const streams = [
      {},
      { symbols: ["ETH"] },
      { strategyIds: ["t"] },
      { strategyIds: ["t"], includeShadow: true },
      { includeShadow: true },
    ];
    const live = streams.map((query) => rig.follow(query));
    await rig.sweep({ symbols: ["ETH", "BTC"], includeShadow: true });
    await rig.pass(1_000);
    const late = streams.map((query) => rig.follow({ ...query, resumeToken: "start" }));
    await rig.pass(0);
    for (const opened of [live, late]) {
      const seen = opened.map(({ decisions }) => decisions.map((each) => `${each.strategyId} ${each.symbol}`));
      expect(seen).toStrictEqual([
        ["s BTC", "s ETH"],
        ["s ETH"],
        [],
        ["t BTC", "t ETH"],
        ["s BTC", "s ETH", "t BTC", "t ETH"],
      ]);
    }
  });

  it("ends a sweep with its summary and a watermark, which a silent one brings each second", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1");
    const stream = rig.follow();
    await rig.close({ BTC: 101, ETH: 11 });
    const summary = stream.batches.find((batch) => batch.summary !== undefined);
    expect(summary).toMatchObject({ summary: { evaluations: 2 }, watermark: T0 + 60_000 });
    for (let i = 1; i <= 5; i++) {
      const before = stream.batches.length;
      await rig.pass(1_000);
      expect(stream.batches.length).toBeGreaterThan(before);
    }
    const marks = stream.batches.flatMap(({ watermark }) => watermark ?? []);
    expect(marks).toStrictEqual(marks.toSorted((a, b) => a - b));
    expect(marks.at(-1)).toBeGreaterThan(T0 + 60_000);
  });

  it("holds its watermark before a close that still waits for a bar", async () => {
    const rig = await startRig({ ...HISTORY, completes: false });
    await rig.save("s", "CLOSE > 1");
    const stream = rig.follow();
    await rig.close({ BTC: 101 });
    await rig.pass(5_000);
    expect(stream.batches.at(-1)?.watermark).toBe(T0 + 60_000 - 1);
    await rig.pass(6_000);
    expect(stream.batches.at(-1)?.watermark).toBeGreaterThan(T0 + 60_000);
  });

  it.each(["p1.0", "d1.x", "d1.", "d1.-1", "nonsense", "d1.1234567890123456"])(
    "refuses the token %j",
    async (resumeToken) => {
      const rig = await startRig(HISTORY);
      const steps = rig.engine.runtime.follow({ ...ALL, resumeToken }, NO_SIGNAL);
      await expect(collected(steps)).rejects.toMatchObject({ code: "invalid" });
      expect(rig.engine.runtime.status().openStreams).toBe(0);
    },
  );

  it("refuses a token of other data", async () => {
    const rig = await startRig(HISTORY);
    const steps = rig.engine.runtime.follow({ ...ALL, resumeToken: "d1.1" }, NO_SIGNAL);
    await expect(collected(steps)).rejects.toMatchObject({ code: "failed_precondition" });
  });

  it("ends a reader that is too slow with RESOURCE_EXHAUSTED, and its token loses nothing", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"], streamQueue: 3 });
    await rig.save("s", "CLOSE > 1");
    const steps = rig.engine.runtime.follow(ALL, NO_SIGNAL)[Symbol.asyncIterator]();
    await steps.next();
    await steps.next();
    const seen: Decision[] = [];
    let token = "";
    for (let i = 0; i < 6; i++) {
      await rig.close({ BTC: 101 + i });
    }
    const drain = async () => {
      for (;;) {
        const { value, done } = await steps.next();
        if (done) {
          return;
        }
        seen.push(...value.decisions);
        token = value.resumeToken;
      }
    };
    await expect(drain()).rejects.toMatchObject({ code: "resource_exhausted" });
    const rest = rig.follow({ resumeToken: token });
    await rig.pass(0);
    expect([...seen, ...rest.decisions].map(({ sequence }) => sequence)).toStrictEqual([1, 2, 3, 4, 5, 6]);
  });

  it("sends at most 200 decisions a message, each with a token of its own", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"] });
    for (let i = 0; i < 401; i++) {
      await rig.save(`s${i}`, "CLOSE > 1");
    }
    const live = rig.follow();
    await rig.close({ BTC: 101 });
    const late = rig.follow({ resumeToken: "start" });
    await rig.pass(0);
    for (const { batches } of [live, late]) {
      const sizes = batches.map(({ decisions }) => decisions.length).filter((length) => length > 0);
      expect(sizes).toStrictEqual([200, 200, 1]);
      for (const batch of batches.filter(({ decisions }) => decisions.length > 0)) {
        expect(batch.resumeToken).toBe(`d1.${batch.decisions.at(-1)?.sequence}`);
      }
    }
  });
});

describe("between the journal and the live messages", () => {
  /** A stream over a journal to which a decision is committed some turns after the stream has looked at the end of it. */
  async function raced(turns: number): Promise<number[]> {
    const clock = new ManualClock(T0);
    const journal = memoryJournal();
    const published = new Broadcast<Published>();
    let last = 0;
    let looks = 0;
    const writer = new Serial();
    const commit = () =>
      writer.run(async () => {
        const next = decision(last + 1);
        await journal.append([next]);
        last = next.sequence;
        published.send({ decisions: [next], watermark: 0, position: last });
      });
    await commit();
    const lastSequence = () => {
      looks++;
      if (looks <= 6) {
        let chain: Promise<void> = Promise.resolve();
        for (let i = 0; i < turns; i++) {
          chain = chain.then(() => undefined);
        }
        void chain.then(commit);
      }
      return last;
    };
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const seen: number[] = [];
    const options = { journal, published, lastSequence, watermark: () => 0, clock, tracer: NO_TRACER, queueLimit: 100 };
    const read = async () => {
      for await (const { decisions } of follow(options, ALL, controller.signal)) {
        seen.push(...decisions.map(({ sequence }) => sequence));
      }
    };
    void read();
    for (let i = 0; i < 5; i++) {
      await settled();
      await clock.elapse(900);
    }
    expect(last).toBeGreaterThan(4);
    return seen.length === last ? seen : [...seen, -last];
  }

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("nothing is lost or sent twice (%d turns)", async (turns) => {
    const seen = await raced(turns);
    expect(seen).toStrictEqual(seen.map((_, i) => i + 1));
  });

  it.each([0, 1, 2, 3, 4, 5])(
    "no heartbeat's token runs ahead of a decision made meanwhile (%d turns)",
    async (turns) => {
      const clock = new ManualClock(T0);
      const journal = memoryJournal();
      const published = new Broadcast<Published>();
      let last = 0;
      const controller = new AbortController();
      onTestFinished(() => controller.abort());
      const options = {
        journal,
        published,
        lastSequence: () => last,
        watermark: () => 0,
        clock,
        tracer: NO_TRACER,
        queueLimit: 100,
      };
      const steps: { readonly seen: number; readonly token: string }[] = [];
      const read = async () => {
        let seen = 0;
        for await (const { decisions, resumeToken } of follow(options, ALL, controller.signal)) {
          seen += decisions.length;
          steps.push({ seen, token: resumeToken });
        }
      };
      void read();
      await settled();
      // The heartbeat is due, and the decision is committed just as the stream wakes.
      clock.advance(1_000);
      for (let i = 0; i < turns; i++) {
        await undefined;
      }
      last = 1;
      published.send({ decisions: [decision(1)], watermark: 0, position: last });
      await settled();
      expect(steps.at(-1)).toStrictEqual({ seen: 1, token: "d1.1" });
      for (const { seen, token } of steps) {
        expect(token).toBe(`d1.${seen}`);
      }
    },
  );
});
