import { describe, expect, it } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import type { PolicyChange } from "../../src/domain/policy.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import { history, type Rig, type RigOptions, startRig } from "./rig.ts";

const SYMBOLS = Array.from({ length: 100 }, (_, i) => `S${String(i).padStart(2, "0")}`);
const LAST = "S99";

function closesOf(symbols: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(symbols.map((symbol) => [symbol, 103]));
}

/** A strategy that fires on every symbol; the bars of all but the last symbol have come. */
async function opened(options: RigOptions = {}): Promise<Rig> {
  const rig = await startRig({
    symbols: SYMBOLS,
    venue: SYMBOLS,
    prepare(feed) {
      for (const symbol of SYMBOLS) {
        history(feed, symbol, "1m", [100, 101, 102]);
      }
    },
    ...options,
  });
  await rig.save("s", "CLOSE > 1");
  await rig.close(closesOf(SYMBOLS.slice(0, -1)));
  expect(await rig.journaled()).toEqual([]);
  return rig;
}

async function sendLast(rig: Rig): Promise<void> {
  const openTime = rig.clock.now() - 60_000;
  await rig.send(LAST, "1m", { openTime, open: 102, high: 103, low: 102, close: 103, volume: 1 });
}

/** How often each of these texts comes. */
function counted(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const text of texts) {
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

describe.each([true, false])("one close, explained: %s,", (explained) => {
  it("is judged under the risk mode ordered before its last bar came", async () => {
    const rig = await opened({ explained });
    await rig.engine.policy.change({ riskMode: "DEFENSIVE" });
    await sendLast(rig);
    expect(counted((await rig.journaled()).map((d) => `${d.riskMode} ${d.sizeUsd}`))).toEqual({ "DEFENSIVE 500": 100 });
  });

  it("is judged under the least confidence ordered before its last bar came", async () => {
    const rig = await opened({ explained });
    await rig.engine.policy.change({ globalMinConfidence: 0.99 });
    await sendLast(rig);
    expect(await rig.journaled()).toEqual([]);
    expect(rig.summaries()).toMatchObject([{ outcomes: { LOW_CONFIDENCE: 100 } }]);
  });

  it("is judged by the version saved before its last bar came", async () => {
    const rig = await opened({ explained });
    await rig.save("s", "CLOSE > 1", { side: "SHORT" });
    await sendLast(rig);
    const versions = (await rig.journaled()).map((d) => `v${d.strategyVersion} ${d.side}`);
    expect(counted(versions)).toEqual({ "v2 SHORT": 100 });
  });
});

/** A journal whose first append is answered when told to. */
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

/**
 * Decisions of strategy "s", whose judging ended while the write of another's decision took its
 * time, and what was ordered then.
 */
async function orderedBehindWrite(order: (rig: Rig) => Promise<unknown>, explained: boolean) {
  const { journal, answer } = slowJournal();
  const rig = await startRig({
    explained,
    stores: { journal },
    symbols: [],
    prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]),
  });
  await rig.save("first", "CLOSE > 1");
  await rig.save("s", "CLOSE > 1");
  const first = rig.sweep({ strategyIds: ["first"] });
  await rig.pass(0);
  const second = rig.sweep({ strategyIds: ["s"] });
  await rig.pass(0);
  await order(rig);
  answer();
  await first;
  return (await second).decisions;
}

describe.each([true, false])("what was judged while a write took its time, explained: %s,", (explained) => {
  const changes: readonly (readonly [string, PolicyChange, object])[] = [
    ["risk mode", { riskMode: "DEFENSIVE" }, { riskMode: "DEFENSIVE", sizeUsd: 500 }],
    ["regime", { currentRegime: "BULL" }, { regime: "BULL" }],
  ];
  it.each(changes)("is judged again under another %s", async (_, change, expected) => {
    const decisions = await orderedBehindWrite((rig) => rig.engine.policy.change(change), explained);
    expect(decisions).toMatchObject([expected]);
  });

  it("is not decided on under a least confidence that it does not reach", async () => {
    const decisions = await orderedBehindWrite(
      (rig) => rig.engine.policy.change({ globalMinConfidence: 0.99 }),
      explained,
    );
    expect(decisions).toEqual([]);
  });

  it("is judged again by another version", async () => {
    const decisions = await orderedBehindWrite((rig) => rig.save("s", "CLOSE > 1", { side: "SHORT" }), explained);
    expect(decisions).toMatchObject([{ strategyVersion: 2, side: "SHORT" }]);
  });

  it("is not decided on once the version in force does not hold", async () => {
    const decisions = await orderedBehindWrite((rig) => rig.save("s", "CLOSE > 1000"), explained);
    expect(decisions).toEqual([]);
  });

  it("stays as it is where only another strategy was saved", async () => {
    const decisions = await orderedBehindWrite((rig) => rig.save("other", "CLOSE > 1000"), explained);
    expect(decisions).toMatchObject([{ strategyVersion: 1, side: "LONG" }]);
  });
});

describe("orders that come during every pass of a sweep", () => {
  it("end it without a decision, with every evaluation accounted for", async () => {
    let ordered = 0;
    const rig = await startRig({
      symbols: ["BTC"],
      prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]),
      evaluators: [
        {
          name: "restless",
          evaluate() {
            ordered += 0.001;
            void rig.engine.policy.change({ globalMinConfidence: ordered });
            return {};
          },
        },
      ],
    });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103 });
    await rig.pass(600);
    expect(await rig.journaled()).toEqual([]);
    expect(rig.summaries()).toMatchObject([{ evaluations: 1, outcomes: { POLICY_UNAVAILABLE: 1 } }]);
    expect(rig.suppressed().at(-1)?.explanation).toContain("the policy changed while this was judged");
  });
});

describe("a strategy that is saved during every pass of a sweep", () => {
  it("keeps no other from deciding", async () => {
    let passes = 0;
    let saved: Promise<unknown> = Promise.resolve();
    const rig = await startRig({
      symbols: ["BTC"],
      prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]),
      stores: { lease: { fault: () => undefined, settled: () => saved.then(() => 0) } },
      evaluators: [
        {
          name: "restless",
          evaluate({ strategy: { strategyId } }) {
            if (strategyId === "saved") {
              saved = rig.save("saved", "CLOSE > 1", { labels: { pass: `${++passes}` } });
            }
            return {};
          },
        },
      ],
    });
    await rig.save("saved", "CLOSE > 1");
    await rig.save("other", "CLOSE > 1");
    await rig.close({ BTC: 103 });
    for (let waited = 0; rig.summaries().length === 0 && waited < 5_000; waited += 100) {
      await rig.pass(100);
    }
    expect((await rig.journaled()).map(({ strategyId }) => strategyId)).toEqual(["other"]);
    expect(rig.summaries()).toMatchObject([{ evaluations: 2, outcomes: { DECIDED: 1, NOT_ACTIVE: 1 } }]);
    expect(rig.suppressed().at(-1)?.explanation).toContain("strategy saved was replaced while it was judged");
  });
});

describe("a symbol that has gone silent", () => {
  const TWO = { symbols: ["BTC", "ETH"] };

  async function withSilentEth(): Promise<Rig> {
    const rig = await startRig({
      ...TWO,
      prepare(feed) {
        for (const symbol of TWO.symbols) {
          history(feed, symbol, "1m", [100, 101, 102]);
        }
      },
    });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103 });
    await rig.pass(30_000);
    return rig;
  }

  it("delays the decisions of others at the first close that it misses, and at no other", async () => {
    const rig = await startRig({
      ...TWO,
      prepare(feed) {
        for (const symbol of TWO.symbols) {
          history(feed, symbol, "1m", [100, 101, 102]);
        }
      },
    });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103 });
    expect(await rig.journaled()).toEqual([]);
    await rig.pass(500);
    expect(await rig.journaled()).toHaveLength(1);
    await rig.pass(30_000);
    await rig.close({ BTC: 104 });
    expect(await rig.journaled()).toHaveLength(2);
  });

  it("is judged when it delivers within the grace, and counted where it does not", async () => {
    const rig = await withSilentEth();
    await rig.close({ BTC: 104 });
    await rig.pass(2_000);
    await rig.send("ETH", "1m", { ...barAt(rig, 2), close: 102 });
    await rig.send("ETH", "1m", barAt(rig, 1));
    expect((await rig.journaled()).map(({ symbol }) => symbol)).toEqual(["BTC", "BTC", "ETH"]);
    await rig.close({ BTC: 105 });
    await rig.pass(500);
    await rig.pass(10_000);
    expect(rig.summaries().map(({ outcomes }) => outcomes)).toEqual([
      { DECIDED: 1, MARKET_DATA_UNAVAILABLE: 1 },
      { DECIDED: 2 },
      { DECIDED: 1, MARKET_DATA_UNAVAILABLE: 1 },
    ]);
  });

  it("is waited for again once it has delivered", async () => {
    const rig = await withSilentEth();
    await rig.close({ BTC: 104, ETH: 104 });
    await rig.pass(0);
    await rig.close({ BTC: 105 });
    const before = (await rig.journaled()).length;
    await rig.pass(500);
    expect(await rig.journaled()).toHaveLength(before + 1);
  });
});

/** The bar that closed so many bars ago, counted from 1. */
function barAt(rig: Rig, back: number) {
  const openTime = rig.clock.now() - (rig.clock.now() % 60_000) - back * 60_000;
  return { openTime, open: 102, high: 104, low: 102, close: 104, volume: 1 };
}
