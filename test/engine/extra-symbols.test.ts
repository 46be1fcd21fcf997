import { describe, expect, it } from "vitest";
import { collected, history, type Rig, type RigOptions, startRig } from "./rig.ts";

/** The universe is BTC alone; the venue has others. */
const ONE: RigOptions = {
  symbols: ["BTC"],
  venue: ["BTC", "ETH", "SOL", "ADA"],
  prepare(feed) {
    for (const symbol of ["BTC", "ETH", "SOL", "ADA"]) {
      history(feed, symbol, "1m", [100]);
    }
  },
};

const NO_SIGNAL = new AbortController().signal;

function trackedBy(rig: Rig): readonly string[] {
  return rig.engine.runtime.status().symbols.map(({ symbol }) => symbol);
}

function symbolsOf({ decisions }: { readonly decisions: readonly { readonly symbol: string }[] }): readonly string[] {
  return decisions.map(({ symbol }) => symbol);
}

describe("R40: symbols beyond SYMBOLS that a stream names", () => {
  it("are judged for those who name them, and never sent to who follows all: live, caught up or resumed", async () => {
    const rig = await startRig(ONE);
    await rig.save("s", "CLOSE > 1");
    const all = rig.follow();
    const eth = rig.follow({ symbols: ["ETH"] });
    const both = rig.follow({ symbols: ["ETH", "BTC"] });
    await rig.pass(0);
    await rig.close({ BTC: 101, ETH: 11 });
    const { token } = all;
    await all.stop();
    await rig.close({ BTC: 102, ETH: 12 });
    const resumed = rig.follow({ resumeToken: token });
    const fromStart = rig.follow({ resumeToken: "start" });
    const lateEth = rig.follow({ symbols: ["ETH"], resumeToken: "start" });
    await rig.pass(0);
    await rig.close({ BTC: 103, ETH: 13 });
    expect(symbolsOf(all)).toStrictEqual(["BTC"]);
    expect(symbolsOf(resumed)).toStrictEqual(["BTC", "BTC"]);
    expect(symbolsOf(fromStart)).toStrictEqual(["BTC", "BTC", "BTC"]);
    expect(symbolsOf(eth)).toStrictEqual(["ETH", "ETH", "ETH"]);
    expect(symbolsOf(lateEth)).toStrictEqual(["ETH", "ETH", "ETH"]);
    expect(symbolsOf(both)).toHaveLength(6);
    expect(resumed.token).toBe(eth.token);
  });

  it("are not sent to who follows all where a one-shot call decides on them", async () => {
    const rig = await startRig(ONE);
    await rig.save("s", "CLOSE > 1");
    const all = rig.follow();
    const eth = rig.follow({ symbols: ["ETH"] });
    await rig.sweep({ symbols: ["ETH", "BTC"] });
    await rig.pass(1_000);
    expect([symbolsOf(all), symbolsOf(eth)]).toStrictEqual([["BTC"], ["ETH"]]);
  });

  it("are all that is followed where SYMBOLS is empty: there is nothing that they would be beyond", async () => {
    const rig = await startRig({ ...ONE, symbols: [] });
    await rig.save("s", "CLOSE > 1");
    const all = rig.follow();
    await rig.sweep({ symbols: ["ETH"] });
    await rig.pass(0);
    expect(symbolsOf(all)).toStrictEqual(["ETH"]);
  });

  it("are judged no longer than somebody names them", async () => {
    const rig = await startRig(ONE);
    await rig.save("s", "CLOSE > 1");
    const streams = [rig.follow({ symbols: ["ETH"] }), rig.follow({ symbols: ["ETH"] })];
    await rig.pass(0);
    expect(trackedBy(rig)).toStrictEqual(["BTC", "ETH"]);
    await streams[0]?.stop();
    expect(trackedBy(rig)).toStrictEqual(["BTC", "ETH"]);
    await streams[1]?.stop();
    expect(trackedBy(rig)).toStrictEqual(["BTC"]);
    await rig.close({ BTC: 101, ETH: 11 });
    expect((await rig.journaled()).map(({ symbol }) => symbol)).toStrictEqual(["BTC"]);
  });

  it.each(["nonsense", "d1.99"])("are not looked at for a call whose token is refused (%s)", async (resumeToken) => {
    const rig = await startRig(ONE);
    await rig.save("s", "CLOSE > 1");
    const asked = rig.feed.asked.history;
    const query = { symbols: ["ETH"], strategyIds: [], includeShadow: false, resumeToken };
    await expect(collected(rig.engine.runtime.follow(query, NO_SIGNAL))).rejects.toThrow(/resume_token|token/);
    expect(trackedBy(rig)).toStrictEqual(["BTC"]);
    expect(rig.feed.asked.history).toBe(asked);
  });
});

describe("a venue's share for callers", () => {
  it("is what extra symbols, and calls for what nobody follows, draw on; SYMBOLS never does", async () => {
    const asked = new Set<string>();
    const subscribed = new Set<string>();
    const rig = await startRig({
      ...ONE,
      prepare(feed) {
        ONE.prepare?.(feed);
        const { history: ask, subscribe } = feed;
        feed.history = (symbol, timeframe, count, until, asker = "engine") => {
          asked.add(`${symbol} ${asker}`);
          return ask(symbol, timeframe, count, until, asker);
        };
        feed.subscribe = (series, signal) => {
          for (const { symbol, asker = "engine" } of series) {
            subscribed.add(`${symbol} ${asker}`);
          }
          return subscribe(series, signal);
        };
      },
    });
    await rig.save("s", "CLOSE > 1");
    const eth = rig.follow({ symbols: ["ETH"] });
    await rig.pass(0);
    await rig.sweep({ symbols: ["SOL"] });
    await rig.close({ BTC: 101, ETH: 11 });
    expect([...asked].sort()).toStrictEqual(["BTC engine", "ETH caller", "SOL caller"]);
    expect([...subscribed].sort()).toStrictEqual(["BTC engine", "ETH caller"]);
    await eth.stop();
  });
});

describe("MAX_EXTRA_SYMBOLS", () => {
  it("bounds the symbols of all streams together, whoever names them and however often", async () => {
    const rig = await startRig({ ...ONE, maxExtraSymbols: 2 });
    await rig.save("s", "CLOSE > 1");
    const first = rig.follow({ symbols: ["ETH", "SOL", "BTC"] });
    const again = rig.follow({ symbols: ["SOL", "ETH"] });
    const refused = rig.follow({ symbols: ["BTC", "ETH", "ADA"] });
    await rig.pass(0);
    expect([first.error, again.error]).toStrictEqual([undefined, undefined]);
    expect(refused.error).toMatchObject({
      code: "resource_exhausted",
      message: expect.stringMatching(/with "ADA", open streams would name 3 symbols .* MAX_EXTRA_SYMBOLS allows 2/),
    });
    expect(rig.engine.runtime.status().openStreams).toBe(2);
    await first.stop();
    await again.stop();
    const later = rig.follow({ symbols: ["ADA"] });
    await rig.pass(0);
    expect(later.error).toBeUndefined();
    expect(trackedBy(rig)).toStrictEqual(["BTC", "ADA"]);
  });

  it("of 0 lets streams name the universe alone", async () => {
    const rig = await startRig({ ...ONE, maxExtraSymbols: 0 });
    const [fine, refused] = [rig.follow({ symbols: ["BTC"] }), rig.follow({ symbols: ["ETH"] })];
    await rig.pass(0);
    expect(fine.error).toBeUndefined();
    expect(refused.error).toMatchObject({ code: "resource_exhausted" });
  });
});
