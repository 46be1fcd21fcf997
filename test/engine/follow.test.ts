import { describe, expect, it, onTestFinished } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import type { Decision } from "../../src/domain/decision.ts";
import { BEFORE_ALL, placeOfDecision } from "../../src/domain/place.ts";
import { Serial } from "../../src/engine/concurrency/serial.ts";
import type { Published } from "../../src/engine/runtime/follow/batches.ts";
import { follow } from "../../src/engine/runtime/follow/follow.ts";
import { Broadcast } from "../../src/engine/streams/broadcast.ts";
import { CatchUpTurns } from "../../src/engine/streams/catch-up-turns.ts";
import type { DecisionJournal, JournalQuery } from "../../src/ports/decision-journal.ts";
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

  it.each([
    ...["p1.0", "d1.x", "d1.", "d1.-1", "nonsense", "d1.1234567890123456", "p2.000000000000.0.-", "d2.000000000000"],
    ...["d2.000000000000.1", "d2.000000000000.x.-", "d2.000000000000.-1.-", "d2.000000000000.1.-.", "d2.0.1.123456789"],
  ])("refuses the token %j", async (resumeToken) => {
    const rig = await startRig(HISTORY);
    const steps = rig.engine.runtime.follow({ ...ALL, resumeToken }, NO_SIGNAL);
    await expect(collected(steps)).rejects.toMatchObject({ code: "invalid" });
    expect(rig.engine.runtime.status().openStreams).toBe(0);
  });

  /** Journals of so many decisions that are copies of one another, and part at some place. */
  async function copyOf(journal: DecisionJournal, upTo: number): Promise<DecisionJournal> {
    const copy = memoryJournal();
    await copy.append(await journal.read({ upTo, includeShadow: true, limit: 1_000 }));
    return { ...copy, identity: () => journal.identity() };
  }

  /** Follows with the token on a journal, and answers the sequences that come, or the refusal. */
  async function resumed(journal: DecisionJournal, resumeToken: string): Promise<number[] | string> {
    const rig = await startRig({ ...HISTORY, symbols: [], stores: { journal } });
    const stop = new AbortController();
    const seen: number[] = [];
    try {
      for await (const { decisions, watermark } of rig.engine.runtime.follow({ ...ALL, resumeToken }, stop.signal)) {
        seen.push(...decisions.map(({ sequence }) => sequence));
        if (watermark !== undefined) {
          stop.abort();
        }
      }
      return seen;
    } catch (error) {
      expect(error).toMatchObject({ code: "failed_precondition" });
      return (error as Error).message;
    }
  }

  /** A journal of 15 decisions, and the token of a stream that has seen them all. */
  async function fifteen(): Promise<{ readonly journal: DecisionJournal; readonly token: string }> {
    const journal = memoryJournal();
    await journal.append(Array.from({ length: 15 }, (_, i) => decision(i + 1)));
    const rig = await startRig({ ...HISTORY, symbols: [], stores: { journal } });
    const stream = rig.follow();
    await rig.pass(1_000);
    return { journal, token: stream.batches.at(-1)?.resumeToken ?? "" };
  }

  it("goes on from a token of its journal, and of a copy of it that has come further", async () => {
    const { journal, token } = await fifteen();
    const copy = await copyOf(journal, 15);
    await copy.append([decision(16), decision(17)]);
    expect(await resumed(journal, token)).toStrictEqual([]);
    expect(await resumed(copy, token)).toStrictEqual([16, 17]);
  });

  it("refuses a token of before a restore, also once the sequence has passed it", async () => {
    const { journal, token } = await fifteen();
    const restored = await copyOf(journal, 9);
    expect(await resumed(restored, token)).toMatch(/is ahead of the last .* go on with "start"/);
    await restored.append(
      Array.from({ length: 10 }, (_, i) => decision(10 + i, { decisionId: `${i}`.padStart(32, "b") })),
    );
    expect(await resumed(restored, token)).toMatch(
      /number 15 of the decisions is another one here .* go on with "start"/,
    );
  });

  it("refuses a token of another journal, and those of versions that did not name it", async () => {
    const { journal, token } = await fifteen();
    const other = memoryJournal();
    await other.append(await journal.read({ includeShadow: true, limit: 100 }));
    expect(await resumed(other, token)).toMatch(/from another journal .* go on with "start"/);
    expect(await resumed(journal, "d1.15")).toMatch(/earlier version.* go on with "start"/);
  });

  it("goes on from a token whose decision retention has dropped", async () => {
    const { journal, token } = await fifteen();
    await journal.append([decision(16), decision(17)]);
    const before = decision(17).timestamp;
    await journal.drop({ before, keepNewestFrom: before, limit: 100 });
    expect(await resumed(journal, token)).toStrictEqual([17]);
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

  it("ends at once where its reader leaves while the journal is being read, and is not silent until then", async () => {
    const journal = memoryJournal();
    await journal.append([decision(1)]);
    const slow = {
      ...journal,
      read: (query: JournalQuery) => (query.signal ? new Promise<never>(() => {}) : journal.read(query)),
    };
    const rig = await startRig({ ...HISTORY, stores: { journal: slow } });
    const stream = rig.follow({ resumeToken: "start" });
    await rig.pass(0);
    expect(stream.batches).toHaveLength(1);
    await rig.pass(3_000);
    expect(stream.batches.length).toBeGreaterThanOrEqual(4);
    expect(rig.engine.runtime.status().openStreams).toBe(1);
    await stream.stop();
    expect(rig.engine.runtime.status().openStreams).toBe(0);
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
        const { sequence, decisionId = "" } = batch.decisions.at(-1) ?? {};
        expect(batch.resumeToken).toMatch(/^d2\.[0-9a-f]{12}\./);
        expect(batch.resumeToken.slice("d2.0123456789ab".length)).toBe(`.${sequence}.${decisionId.slice(0, 8)}`);
      }
    }
  });
});

describe("between the journal and the live messages", () => {
  const STREAM = {
    identity: "0123456789ab",
    catchUps: new CatchUpTurns(2),
    watermark: () => 0,
    tracer: NO_TRACER,
    queueLimit: 100,
  };

  /**
   * A stream over a journal to which a decision is committed some turns after the stream has looked
   * at the end of it.
   */
  async function raced(turns: number): Promise<number[]> {
    const clock = new ManualClock(T0);
    const journal = memoryJournal();
    const published = new Broadcast<Published>(() => undefined);
    let last = 0;
    let looks = 0;
    const writer = new Serial();
    const commit = () =>
      writer.run(async () => {
        const next = decision(last + 1);
        await journal.append([next]);
        last = next.sequence;
        published.send({ decisions: [next], watermark: 0, position: placeOfDecision(next) });
      });
    await commit();
    const lastPlace = () => {
      looks++;
      if (looks <= 6) {
        let chain: Promise<void> = Promise.resolve();
        for (let i = 0; i < turns; i++) {
          chain = chain.then(() => undefined);
        }
        void chain.then(commit);
      }
      return last === 0 ? BEFORE_ALL : placeOfDecision(decision(last));
    };
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const seen: number[] = [];
    const options = { ...STREAM, journal, published, last: lastPlace, clock };
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
      const published = new Broadcast<Published>(() => undefined);
      let last = BEFORE_ALL;
      const controller = new AbortController();
      onTestFinished(() => controller.abort());
      const options = { ...STREAM, journal, published, last: () => last, clock };
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
      last = placeOfDecision(decision(1));
      published.send({ decisions: [decision(1)], watermark: 0, position: last });
      await settled();
      expect(steps.at(-1)?.seen).toBe(1);
      for (const { seen, token } of steps) {
        expect(token.split(".")[2]).toBe(`${seen}`);
      }
    },
  );
});
