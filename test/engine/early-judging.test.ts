import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/journal.ts";
import { compareDecisions, type Decision } from "../../src/domain/decision.ts";
import type { FollowQuery } from "../../src/engine/api.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import type { Signal } from "../../src/ports/signal-evaluator.ts";
import { NO_TRACER, type Tracer } from "../../src/ports/tracer.ts";
import { history, type Rig, type RigOptions, startRig } from "./rig.ts";

/** Enough for several parts that are judged before the last bar is there. */
const SYMBOLS = Array.from({ length: 100 }, (_, i) => `S${String(i).padStart(2, "0")}`);

interface Scene {
  readonly rig: Rig;
  /** Symbols that were judged so far. */
  readonly judged: readonly string[];
}

/** One strategy that decides on each symbol, with a strength of the symbol's own. */
async function opened(options: RigOptions = {}): Promise<Scene> {
  const judged: string[] = [];
  const strengthOf = ({ symbol }: Signal) => 0.5 + ((Number(symbol.slice(1)) * 37) % 50) / 100;
  const rig = await startRig({
    symbols: SYMBOLS,
    venue: SYMBOLS,
    explained: false,
    prepare(feed) {
      for (const symbol of SYMBOLS) {
        history(feed, symbol, "1m", [100, 101, 102]);
      }
    },
    evaluators: [
      {
        name: "witness",
        evaluate(signal) {
          judged.push(signal.symbol);
          return { strength: strengthOf(signal) };
        },
      },
    ],
    ...options,
  });
  await rig.save("s", "CLOSE > 1");
  return { rig, judged };
}

function closesOf(symbols: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(symbols.map((symbol) => [symbol, 103]));
}

describe("symbols whose bars came before those of others", () => {
  it("are judged while these are waited for, and decided on together with them, in order (R37)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(SYMBOLS, { minLength: SYMBOLS.length }), async (arrival) => {
        const { rig, judged } = await opened();
        const last = arrival.at(-1) ?? "";
        await rig.close(closesOf(arrival.slice(0, -1)));
        expect(judged.length).toBeGreaterThanOrEqual(SYMBOLS.length / 2);
        expect(judged).not.toContain(last);
        expect(await rig.journaled()).toEqual([]);
        expect(rig.summaries()).toEqual([]);

        const openTime = rig.clock.now() - 60_000;
        await rig.send(last, "1m", { openTime, open: 102, high: 103, low: 102, close: 103, volume: 1 });
        expect([...judged].sort()).toEqual(SYMBOLS);
        const decisions = await rig.journaled();
        expect(decisions).toHaveLength(SYMBOLS.length);
        expect(decisions).toEqual(decisions.toSorted(compareDecisions));
        expect(rig.summaries()).toMatchObject([{ evaluations: SYMBOLS.length, outcomes: { DECIDED: SYMBOLS.length } }]);
        await rig.stop();
      }),
      { numRuns: 10 },
    );
  });

  it("are decided on once BAR_WAIT is over, where the others do not come", async () => {
    const { rig } = await opened();
    const come = SYMBOLS.slice(0, -1);
    await rig.close(closesOf(come));
    expect(await rig.journaled()).toEqual([]);
    await rig.pass(500);
    expect((await rig.journaled()).map(({ symbol }) => symbol).sort()).toEqual(come);
    await rig.pass(10_000);
    expect(rig.summaries()).toMatchObject([{ outcomes: { DECIDED: 99, MARKET_DATA_UNAVAILABLE: 1 } }]);
  });

  it("are not decided on where trading was halted meanwhile", async () => {
    const { rig, judged } = await opened();
    await rig.close(closesOf(SYMBOLS.slice(0, -1)));
    expect(judged.length).toBeGreaterThan(0);
    await rig.engine.policy.change({ halted: true, haltReason: "enough" });
    await rig.close(closesOf(SYMBOLS.slice(-1)));
    expect(await rig.journaled()).toEqual([]);
    await rig.pass(10_000);
    expect(rig.summaries()[0]?.outcomes).toMatchObject({ HALTED: expect.any(Number) });
    expect(rig.summaries()[0]?.outcomes.DECIDED).toBeUndefined();
  });

  it("are as many as come in any other way, where few are in the universe", async () => {
    const { rig, judged } = await opened({ symbols: SYMBOLS.slice(0, 20) });
    await rig.close(closesOf(SYMBOLS.slice(0, 19)));
    expect(judged).toEqual([]);
    await rig.pass(500);
    expect(await rig.journaled()).toHaveLength(19);
  });
});

describe("decisions on their way to the journal", () => {
  /** A journal that answers when it is told to. */
  function slowJournal() {
    const inner = memoryJournal();
    const { promise: told, resolve: answer } = Promise.withResolvers<void>();
    const journal: DecisionJournal = {
      ...inner,
      async append(decisions) {
        await told;
        await inner.append(decisions);
      },
    };
    return { journal, answer };
  }

  it("are told to the streams that they are for, and sent only once they are journaled", async () => {
    const { journal, answer } = slowJournal();
    const { rig } = await opened({ stores: { journal } });
    const stream = new AbortController();
    const told: string[] = [];
    const sent: string[] = [];
    const query = { symbols: ["S05", "S50"], strategyIds: [], includeShadow: false, resumeToken: "" };
    const read = async () => {
      const prepare = (decisions: readonly Decision[]) => told.push(...placed(decisions).map(({ symbol }) => symbol));
      for await (const { decisions } of rig.engine.runtime.follow(query, stream.signal, prepare)) {
        sent.push(...decisions.map(({ symbol }) => symbol));
      }
    };
    const reading = read();
    await rig.pass(0);
    await rig.close(closesOf(SYMBOLS));
    await rig.pass(0);
    expect([...told].sort()).toEqual(["S05", "S50"]);
    expect(sent).toEqual([]);
    answer();
    await rig.pass(0);
    expect(sent).toEqual(told);
    stream.abort();
    await reading;
  });

  it("are told to nobody where the journal has answered at once", async () => {
    const { rig } = await opened();
    const stream = new AbortController();
    const told: Decision[] = [];
    const prepare = (decisions: readonly Decision[]) => told.push(...placed(decisions));
    const query = { symbols: [], strategyIds: [], includeShadow: false, resumeToken: "" };
    const read = async () => {
      for await (const _ of rig.engine.runtime.follow(query, stream.signal, prepare)) {
        // Only what is told beside it counts here.
      }
    };
    const reading = read();
    await rig.pass(0);
    await rig.close(closesOf(SYMBOLS));
    expect(await rig.journaled()).toHaveLength(SYMBOLS.length);
    expect(told).toEqual([]);
    stream.abort();
    await reading;
  });
});

/** Those that have their place in the journal. */
function placed(decisions: readonly Decision[]): readonly Decision[] {
  return decisions.filter(({ sequence }) => sequence > 0);
}

describe("likely decisions", () => {
  const QUERY: FollowQuery = { symbols: [], strategyIds: [], includeShadow: false, resumeToken: "" };

  interface Reader {
    /** What a stream was told of, and that it had no place in the journal then. */
    readonly drafts: Decision[];
    readonly sent: Decision[];
  }

  async function reader(rig: Rig, query: FollowQuery = QUERY): Promise<Reader> {
    const stream = new AbortController();
    const drafts: Decision[] = [];
    const sent: Decision[] = [];
    const prepare = (decisions: readonly Decision[]) =>
      drafts.push(...decisions.filter(({ sequence }) => sequence === 0));
    const read = async () => {
      for await (const { decisions } of rig.engine.runtime.follow(query, stream.signal, prepare)) {
        sent.push(...decisions);
      }
    };
    const reading = read();
    onTestFinished(async () => {
      stream.abort();
      await reading;
    });
    await rig.pass(0);
    return { drafts, sent };
  }

  it("are told to the streams that they are for while bars are waited for, and are the ones that are sent", async () => {
    const { rig } = await opened();
    const some = await reader(rig, { ...QUERY, symbols: ["S05", "S50"] });
    const all = await reader(rig);
    await rig.close(closesOf(SYMBOLS.slice(0, -1)));
    expect(all.drafts.length).toBeGreaterThanOrEqual(SYMBOLS.length / 2);
    expect(all.sent).toEqual([]);
    const early = [...all.drafts];
    await rig.pass(500);
    expect(early.every((draft) => all.sent.includes(draft))).toBe(true);
    expect(all.sent.map(({ sequence }) => sequence)).toEqual(all.sent.map((_, i) => i + 1));
    expect(some.drafts.every((draft) => some.sent.includes(draft))).toBe(true);
    expect(some.sent.map(({ symbol }) => symbol).sort()).toEqual(["S05", "S50"]);
    expect(await rig.journaled()).toEqual(all.sent);
  });

  it("are none where a gate stops them as things are", async () => {
    const { rig } = await opened();
    await rig.save("s", "CLOSE > 1", { cooldownMs: 3_600_000 });
    await rig.close(closesOf(SYMBOLS));
    const { drafts } = await reader(rig);
    await rig.close(closesOf(SYMBOLS.slice(0, -1)));
    expect(drafts).toEqual([]);
  });

  it("are kept to themselves where a sweep is traced, which its decisions name", async () => {
    let parts = 0;
    const tracer: Tracer = {
      ...NO_TRACER,
      traceparent: () => `part ${parts}`,
      span: (name, options, work) => {
        parts += name === "sweep" ? 1 : 0;
        return NO_TRACER.span(name, options, work);
      },
    };
    const { rig } = await opened({ tracer });
    const { drafts, sent } = await reader(rig);
    await rig.close(closesOf(SYMBOLS));
    await rig.pass(0);
    expect(parts).toBeGreaterThan(1);
    expect(drafts).toEqual([]);
    expect(sent.map(({ metadata }) => metadata.traceparent)).toEqual(SYMBOLS.map(() => `part ${parts}`));
  });
});
