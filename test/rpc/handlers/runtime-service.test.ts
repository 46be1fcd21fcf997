import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { TradeDecisionSchema } from "../../../gen/strategyruntime/v1/decision_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { DecisionQuery, EvaluateQuery } from "../../../src/engine/api.ts";
import { Faults } from "../../../src/rpc/faults.ts";
import { encodePageToken } from "../../../src/rpc/pages.ts";
import { collect, failureOf } from "../client.ts";
import { fieldsOf } from "../google-rpc.ts";
import * as sample from "../samples.ts";
import { serve } from "../serve.ts";

const { evaluate, generateSignals, refreshStrategies, listDecisions, getRuntimeStatus } = StrategyRuntimeService.method;
const seconds = (ms: number) => ({ seconds: BigInt(ms) / 1000n, nanos: 0 });
const inline = { case: "config", value: { strategyId: "dip", name: "Dip" } } as const;
const stored = { case: "strategyId", value: "dip" } as const;

describe("Evaluate", () => {
  it("hands the request on exactly and answers with everything judged", async () => {
    const { engine, client } = await serve();
    const { evaluation } = await client.call(evaluate, {
      strategy: stored,
      symbol: "BTC/USD:x",
      currentRegime: "bull",
      bars: [{ openTime: seconds(3_600_000), open: 1, high: 3, low: 0.5, close: 2, volume: 0 }],
      indicators: { "RSI@4h": 20, MACD: -1.5 },
      price: 101.5,
      at: { seconds: 7_200n, nanos: 999_999_999 },
    });
    expect(engine.argsOf("evaluate")[0]).toEqual({
      strategy: { strategyId: "dip" },
      symbol: "BTC/USD:x",
      currentRegime: "bull",
      bars: [{ openTime: 3_600_000, open: 1, high: 3, low: 0.5, close: 2, volume: 0 }],
      indicators: { "RSI@4h": 20, MACD: -1.5 },
      price: 101.5,
      at: 7_200_999,
    });
    expect(evaluation).toMatchObject({ outcome: 1, side: 1, strength: 0.75, indicators: { RSI_14: 25 } });
    expect(evaluation?.decision?.decisionId).toBe(sample.aDecision().decisionId);
  });

  it("leaves out what is not given", async () => {
    const { engine, client } = await serve();
    await client.call(evaluate, { strategy: inline, symbol: "BTCUSDT" });
    const [query] = engine.argsOf("evaluate") as [Record<string, unknown>];
    expect(Object.keys(query).sort()).toEqual(["bars", "indicators", "strategy", "symbol"]);
    expect(query.strategy).toMatchObject({ config: { strategyId: "dip", status: "" } });
  });

  it("hands the engine what the wire alone can get wrong, for it to report with all else", async () => {
    const { engine, client } = await serve();
    const one = { open: 1, high: 1, low: 1, close: 1, volume: 1 };
    await client.call(evaluate, {
      symbol: "no such symbol",
      bars: [
        one,
        { openTime: { seconds: 0n, nanos: 1_000_000_000 }, ...one },
        { openTime: { seconds: 0n, nanos: 1 }, ...one },
        { openTime: seconds(0), ...one, high: Number.NaN },
      ],
      at: { seconds: 300_000_000_000n, nanos: 0 },
    });
    const [query] = engine.argsOf("evaluate") as [EvaluateQuery];
    expect(query.faults?.map(({ field }) => field)).toEqual(["strategy", "at", "bars[0]", "bars[1]", "bars[2]"]);
    expect(query.bars.map(({ openTime }) => openTime)).toEqual([Number.NaN, Number.NaN, Number.NaN, 0]);
  });

  it("reports at most 20 bars that are wrong", async () => {
    const { engine, client } = await serve();
    await client.call(evaluate, {
      strategy: stored,
      symbol: "X",
      bars: Array.from({ length: 30 }, () => ({ open: 1 })),
    });
    const [query] = engine.argsOf("evaluate") as [EvaluateQuery];
    expect(query.faults).toHaveLength(20);
  });

  it("takes 20,000 bars", async () => {
    const { engine, client } = await serve();
    const bars = Array.from({ length: 20_000 }, (_, index) => ({ openTime: seconds(index * 60_000), close: 2.25 }));
    await client.call(evaluate, { strategy: stored, symbol: "X", bars });
    expect(engine.argsOf("evaluate")[0]).toMatchObject({ bars: { length: 20_000 } });
  });
});

describe("GenerateSignals, one-shot", () => {
  it("hands the request on and streams every part of every batch", async () => {
    const batch = sample.aBatch({
      decisions: [sample.aDecision()],
      suppressions: [{ strategyId: "s", symbol: "X", outcome: "COOLDOWN", explanation: "too soon" }],
      failures: [{ symbol: "Y", outcome: "MARKET_DATA_UNAVAILABLE", explanation: "no bars" }],
      summary: sample.SUMMARY,
      resumeToken: "t",
      watermark: sample.BAR_CLOSE,
    });
    const { engine, client } = await serve({
      runtime: {
        async *generate() {
          yield sample.aBatch();
          yield batch;
        },
      },
    });
    const flags = {
      includeShadow: true,
      includeSuppressions: true,
      dryRun: true,
      includeEmitted: true,
      includeExits: true,
    };
    const request = { symbols: ["X", "Y"], currentRegime: "bull", strategyIds: ["s"], ...flags };
    const { messages } = await collect(client.stream(generateSignals, request));
    expect(engine.argsOf("generate")[0]).toEqual(request);
    expect(messages).toHaveLength(2);
    expect(messages[1]).toMatchObject({
      decisions: [{ decisionId: sample.aDecision().decisionId, sequence: 7n }],
      suppressions: [{ outcome: 15 + 1 }],
      failures: [{ symbol: "Y", outcome: 9 }],
      summary: { evaluations: 4n, outcomes: { DECIDED: 1n, CONDITIONS_NOT_MET: 3n }, duration: { nanos: 12_500_000 } },
      resumeToken: "t",
      watermark: seconds(sample.BAR_CLOSE),
    });
  });

  it("refuses at once all that a one-shot request may not say", async () => {
    const { engine, client } = await serve();
    const request = { symbols: ["X", "Y", "X", "€", ""], currentRegime: "", resumeToken: "t", strategyIds: ["a b"] };
    const { messages, error } = await collect(client.stream(generateSignals, request));
    expect(messages).toEqual([]);
    expect(error && fieldsOf(error)).toEqual([
      "symbols[2]",
      "symbols[3]",
      "symbols[4]",
      "current_regime",
      "resume_token",
      "strategy_ids[0]",
    ]);
    const long = await collect(client.stream(generateSignals, { symbols: ["X"], currentRegime: "r".repeat(65) }));
    expect(long.error && fieldsOf(long.error)).toEqual(["current_regime"]);
    expect(engine.calls).toEqual([]);
  });

  it("takes 1 to 5,000 symbols", async () => {
    const { client } = await serve();
    const symbols = Array.from({ length: 5_001 }, (_, index) => `S${index}`);
    const fine = await collect(client.stream(generateSignals, { symbols: symbols.slice(1) }));
    expect(fine.error).toBeUndefined();
    for (const wrong of [[], symbols]) {
      const { error } = await collect(client.stream(generateSignals, { symbols: wrong }));
      expect(error && fieldsOf(error)).toEqual(["symbols"]);
    }
  });
});

describe("GenerateSignals, follow", () => {
  it("hands the request on, the whole universe where no symbols are given", async () => {
    const { engine, client } = await serve();
    const request = {
      follow: true,
      resumeToken: "start",
      includeShadow: true,
      strategyIds: ["s"],
      includeExits: true,
    };
    await collect(client.stream(generateSignals, request));
    const query = { symbols: [], resumeToken: "start", includeShadow: true, strategyIds: ["s"], includeExits: true };
    expect(engine.argsOf("follow")[0]).toEqual(query);
  });

  it("refuses at once all that goes only without follow", async () => {
    const { client } = await serve();
    const flags = { includeSuppressions: true, dryRun: true, includeEmitted: true };
    const request = { follow: true, symbols: ["X", "X"], currentRegime: "bull", strategyIds: ["s", "s"], ...flags };
    const { error } = await collect(client.stream(generateSignals, request));
    expect(error && fieldsOf(error)).toEqual([
      "symbols[1]",
      "strategy_ids[1]",
      "current_regime",
      "include_suppressions",
      "dry_run",
      "include_emitted",
    ]);
  });
});

describe("RefreshStrategies", () => {
  it("answers with what is loaded and what is not", async () => {
    const { client } = await serve();
    expect(await client.call(refreshStrategies, {})).toMatchObject({
      liveStrategies: 2,
      shadowStrategies: 1,
      notAllowedStrategies: 1,
      rejectedStrategies: [{ strategyId: "bad", explanation: "side is required" }],
      policy: { riskMode: 1, halted: true },
      refreshedAt: seconds(sample.BAR_CLOSE),
    });
  });
});

describe("strategies that are not valid", () => {
  it("are named as far as clients take the message, and the others counted", async () => {
    const row = (_: unknown, i: number) => ({ strategyId: `bad-${i}`, explanation: "x".repeat(200) });
    const rejectedStrategies = Array.from({ length: 30_000 }, row);
    const { client } = await serve({
      runtime: {
        refresh: async () => ({
          liveStrategies: 0,
          shadowStrategies: 0,
          notAllowedStrategies: 0,
          rejectedStrategies,
          policy: sample.POLICY,
          refreshedAt: sample.BAR_CLOSE,
        }),
        status: () => ({ ...sample.STATUS, rejectedStrategies }),
      },
    });
    const answers = [await client.call(refreshStrategies, {}), await client.call(getRuntimeStatus, {})];
    for (const { rejectedStrategies: shown } of answers) {
      const left = rejectedStrategies.length - (shown.length - 1);
      expect(left).toBeGreaterThan(0);
      expect(shown.slice(0, -1)).toMatchObject(rejectedStrategies.slice(0, -left));
      expect(shown.at(-1)).toMatchObject({ strategyId: "", explanation: expect.stringContaining(`${left} more`) });
    }
  });
});

describe("ListDecisions", () => {
  /** Twelve decisions, filtered as the engine would by sequence alone. */
  const journal = Array.from({ length: 12 }, (_, index) => sample.aDecision({ sequence: index + 1 }));
  const decisions = async ({ after, limit }: DecisionQuery) =>
    journal.filter(({ sequence }) => sequence > after).slice(0, limit);

  it("pages through all, none twice, and ends with an empty token", async () => {
    const { client } = await serve({ runtime: { decisions } });
    const seen: bigint[] = [];
    let pageToken = "";
    do {
      const page = await client.call(listDecisions, { pageSize: 5, pageToken });
      seen.push(...page.decisions.map(({ sequence }) => sequence));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen.map(Number)).toEqual(journal.map(({ sequence }) => sequence));
  });

  it("pages from the newest on, where that is asked for, whatever is decided meanwhile", async () => {
    const growing = [...journal];
    const newest = async ({ upTo = growing.length, limit }: DecisionQuery) =>
      growing
        .filter(({ sequence }) => sequence <= upTo)
        .toReversed()
        .slice(0, limit);
    const { client } = await serve({ runtime: { decisions: newest } });
    const seen: bigint[] = [];
    let pageToken = "";
    do {
      const page = await client.call(listDecisions, { pageSize: 5, pageToken, newestFirst: true });
      seen.push(...page.decisions.map(({ sequence }) => sequence));
      pageToken = page.nextPageToken;
      growing.push(sample.aDecision({ sequence: growing.length + 1 }));
    } while (pageToken !== "");
    expect(seen.map(Number)).toEqual(journal.map(({ sequence }) => sequence).toReversed());
    const { nextPageToken } = await client.call(listDecisions, { pageSize: 5, newestFirst: true });
    const other = await failureOf(client.call(listDecisions, { pageSize: 5, pageToken: nextPageToken }));
    expect(fieldsOf(other)).toEqual(["page_token"]);
  });

  it("has no further page where the last one is just full", async () => {
    const { client } = await serve({ runtime: { decisions } });
    expect((await client.call(listDecisions, { pageSize: 12 })).nextPageToken).toBe("");
  });

  it("asks with 50 for 0 and 500 for more, and with bounds that let through what the timestamps would", async () => {
    const { engine, client } = await serve();
    const range = { startTime: { seconds: 1n, nanos: 1 }, endTime: { seconds: 2n, nanos: 0 } };
    await client.call(listDecisions, { symbols: ["X"], strategyIds: ["s"], includeShadow: true, ...range });
    await client.call(listDecisions, { pageSize: 9_999 });
    expect(engine.calls.map(({ args }) => args[0])).toEqual([
      {
        symbols: ["X"],
        strategyIds: ["s"],
        includeShadow: true,
        startTime: 1_001,
        endTime: 2_000,
        after: 0,
        limit: 51,
      },
      { symbols: [], strategyIds: [], includeShadow: false, after: 0, limit: 501 },
    ]);
  });

  it("refuses a token that was changed or belongs to other filters", async () => {
    const { engine, client } = await serve({ runtime: { decisions } });
    const { nextPageToken } = await client.call(listDecisions, { pageSize: 2, symbols: ["X"] });
    const said = Buffer.from(nextPageToken, "base64url").toString();
    const forged = Buffer.from(said.replace(",2]", ",9]")).toString("base64url");
    expect(forged).not.toBe(nextPageToken);
    const wrong = [
      { pageToken: nextPageToken },
      { pageToken: nextPageToken, symbols: ["Y"] },
      { pageToken: nextPageToken, symbols: ["X"], includeShadow: true },
      { pageToken: nextPageToken, symbols: ["X"], startTime: seconds(0) },
      { pageToken: forged, symbols: ["X"] },
      { pageToken: `${nextPageToken}=`, symbols: ["X"] },
      { pageToken: "nonsense", symbols: ["X"] },
      ...[-1, 1.5, 2 ** 60, null, {}].map((place) => {
        const filters = { strategyIds: [], symbols: ["X"], includeShadow: false };
        return { pageToken: encodePageToken("decisions", filters, place), symbols: ["X"] };
      }),
    ];
    for (const request of wrong) {
      expect(fieldsOf(await failureOf(client.call(listDecisions, request)))).toEqual(["page_token"]);
    }
    expect(engine.calls).toHaveLength(1);
  });

  it("reports all faults at once", async () => {
    const { client } = await serve();
    const time = { seconds: 0n, nanos: -1 };
    const request = { symbols: ["?"], strategyIds: [""], startTime: time, endTime: time, pageSize: -1, pageToken: "x" };
    const fields = ["strategy_ids[0]", "symbols[0]", "start_time", "end_time", "page_token", "page_size"];
    expect(fieldsOf(await failureOf(client.call(listDecisions, request)))).toEqual(fields);
  });

  it("says of a list that is wrong throughout what is wrong with 20 of it, for a request may hold millions", () => {
    const faults = new Faults();
    faults.strategyIds("strategy_ids", Array(50).fill("?"));
    faults.symbols("symbols", Array(50).fill("same"));
    const fields = faults.violations.map(({ field }) => field.replace(/\[\d+]/, ""));
    expect(fields).toEqual([...Array(20).fill("strategy_ids"), ...Array(20).fill("symbols")]);
  });

  it("ends a page early where it would be too large for clients, and goes on where it ended", async () => {
    const metadata = { blob: "x".repeat(1_000_000) };
    const large = journal.map((decision) => ({ ...decision, metadata }));
    const { client } = await serve({
      runtime: { decisions: async ({ after, limit }) => large.filter((d) => d.sequence > after).slice(0, limit) },
    });
    const first = await client.call(listDecisions, { pageSize: 10 });
    expect(first.decisions.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n]);
    const second = await client.call(listDecisions, { pageSize: 10, pageToken: first.nextPageToken });
    expect(second.decisions[0]?.sequence).toBe(4n);
  });

  it("sends a decision as the same bytes that a stream does", async () => {
    const { client } = await serve();
    const [listed] = (await client.call(listDecisions, {})).decisions;
    const { messages } = await collect(client.stream(generateSignals, { symbols: ["BTCUSDT"] }));
    const streamed = messages[0]?.decisions[0];
    const bytes = listed && toBinary(TradeDecisionSchema, listed);
    expect(bytes).toEqual(streamed && toBinary(TradeDecisionSchema, streamed));
    expect(bytes && fromBinary(TradeDecisionSchema, bytes).metadata).toEqual({ alpha: "2", zeta: "1" });
  });
});

describe("GetRuntimeStatus", () => {
  it("answers with the engine's state, the version and the adapters", async () => {
    const { client } = await serve();
    const answer = await client.call(getRuntimeStatus, {});
    expect(answer).toMatchObject({
      version: "1.2.3",
      ready: false,
      whyNot: ["no policy"],
      openStreams: 1,
      adapters: { market_data: "simulated", strategies: "memory" },
      policy: { globalMinConfidence: 0.6, allowedStrategies: ["a", "b"], currentRegime: "bull" },
      lastSweep: { strategies: 2, symbols: 2 },
      symbols: [
        { symbol: "BTCUSDT", timeframe: "1h", bars: 500, requiredBars: 400, whyNot: "" },
        { symbol: "ETHUSDT", whyNot: "no bars" },
        { symbol: "SOLUSDT", bars: 46, whyNot: "it begins behind a hole" },
      ],
    });
    expect(answer.symbols[1]?.lastBarCloseTime).toBeUndefined();
    expect(answer).toMatchObject({ role: "", epoch: 0n, activeAddress: "" });
    expect(answer.leaseExpiresAt).toBeUndefined();
  });

  it("says who decides on this database, under which epoch, where, and until when at least", async () => {
    const lease = { role: "standby", epoch: 7, activeAddress: "engine-1:50051", expiresAt: 1_700_000_000_500 } as const;
    const { client } = await serve({ runtime: { status: () => ({ ...sample.STATUS, lease }) } });
    expect(await client.call(getRuntimeStatus, {})).toMatchObject({
      role: "standby",
      epoch: 7n,
      activeAddress: "engine-1:50051",
      leaseExpiresAt: { seconds: 1_700_000_000n, nanos: 500_000_000 },
    });
  });

  it("names symbols as far as clients take the message, and counts the others", async () => {
    const why = { bars: 0, requiredBars: 400, timeframe: "1m" as const, whyNot: "x".repeat(150) };
    const symbols = Array.from({ length: 30_000 }, (_, i) => ({ symbol: `S${i}`, ...why }));
    const { client } = await serve({ runtime: { status: () => ({ ...sample.STATUS, symbols }) } });
    const { symbols: shown } = await client.call(getRuntimeStatus, {});
    const left = symbols.length - (shown.length - 1);
    expect(left).toBeGreaterThan(0);
    expect(shown.at(-2)).toMatchObject(symbols[shown.length - 2] ?? {});
    expect(shown.at(-1)).toMatchObject({ symbol: "", whyNot: `and ${left} more, left out here` });
  });
});
