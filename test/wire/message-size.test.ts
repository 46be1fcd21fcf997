import { once } from "node:events";
import { type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TradeDecision, TradeDecisionSchema } from "../../gen/strategyruntime/v1/decision_pb.ts";
import {
  type GenerateSignalsRequestSchema,
  StrategyRuntimeService,
} from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { decisionBytes } from "../../src/engine/streams/messages.ts";
import { toTradeDecision } from "../../src/rpc/translate/decision.ts";
import { history, type RigOptions } from "../engine/rig.ts";
import * as some from "../rpc/arbitraries.ts";
import { aStrategy, type ServedRig, serveRig } from "./serve-engine.ts";

const WITH_HISTORY: RigOptions = { symbols: ["BTC"], prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]) };
const STRATEGIES = 200;

/** 32 labels of 256 Chinese characters: 25 KB of a decision. */
const LABELS = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`label_${i}`, "币".repeat(256)]));

async function served(): Promise<ServedRig> {
  const rig = await serveRig(WITH_HISTORY);
  for (let from = 0; from < STRATEGIES; from += 100) {
    const strategies = Array.from({ length: 100 }, (_, i) => aStrategy({ strategyId: `s${from + i}`, labels: LABELS }));
    await rig.client.call(StrategyService.method.batchSaveStrategies, { strategies });
  }
  return rig;
}

interface Seen {
  readonly decisions: readonly TradeDecision[];
  /** Decisions and resume token of each message that had any. */
  readonly messages: readonly { readonly decisions: number; readonly token: string }[];
}

/** Reads a follow stream with a stock client's limits until it has sent so many decisions. */
async function followed(
  { client }: ServedRig,
  request: MessageInitShape<typeof GenerateSignalsRequestSchema>,
  wanted: number,
  onOpen: () => Promise<void> = async () => {},
): Promise<Seen> {
  const stream = client.stream(StrategyRuntimeService.method.generateSignals, { follow: true, ...request });
  const decisions: TradeDecision[] = [];
  const messages: { decisions: number; token: string }[] = [];
  const done = Promise.withResolvers<void>();
  stream.on("error", done.reject);
  stream.on("data", (message) => {
    if (message.decisions.length > 0) {
      decisions.push(...message.decisions);
      messages.push({ decisions: message.decisions.length, token: message.resumeToken });
    }
    if (decisions.length >= wanted) {
      done.resolve();
    }
  });
  await once(stream, "data");
  await onOpen();
  await done.promise;
  stream.removeListener("error", done.reject);
  stream.on("error", () => {});
  stream.cancel();
  return { decisions, messages };
}

describe("messages of large decisions", () => {
  it("reach a stock client of a follow stream whole, and each can be gone on from", async () => {
    const rig = await served();
    const live = await followed(rig, {}, STRATEGIES, () => rig.rig.close({ BTC: 103 }));
    expect(live.decisions).toHaveLength(STRATEGIES);
    expect(live.messages.length).toBeGreaterThan(1);
    const caughtUp = await followed(rig, { resumeToken: "start" }, STRATEGIES);
    expect(caughtUp.decisions).toEqual(live.decisions);
    const [first = { decisions: 0, token: "" }] = live.messages;
    const rest = await followed(rig, { resumeToken: first.token }, STRATEGIES - first.decisions);
    expect(rest.decisions).toEqual(live.decisions.slice(first.decisions));
  });

  it("reach a stock client of a one-shot call whole", async () => {
    const { sweep } = await served();
    const messages = await sweep({});
    expect(messages.flatMap(({ decisions }) => decisions)).toHaveLength(STRATEGIES);
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.filter(({ summary }) => summary !== undefined)).toHaveLength(1);
  });

  it("are never larger than what they were taken for", () => {
    fc.assert(
      fc.property(some.decisions, (decision) => {
        const bytes = toBinary(TradeDecisionSchema, toTradeDecision(decision)).length;
        expect(bytes).toBeLessThanOrEqual(decisionBytes(decision));
      }),
    );
  });
});

describe("the answer to a large batch", () => {
  const CONDITIONS = Array.from({ length: 28 }, (_, i) => ({
    name: `EMA_${i + 2}`,
    operator: ">",
    operand: { case: "indicator" as const, value: `SMA_${i + 30}` },
  }));
  const batchOf = (count: number, changes: object = {}) =>
    Array.from({ length: count }, (_, i) =>
      aStrategy({
        strategyId: `s${i}`,
        entryIndicators: CONDITIONS as never,
        labels: Object.fromEntries(Object.entries(LABELS).slice(0, 13)),
        ...changes,
      }),
    );

  it("reaches a stock client, with every strategy in short", async () => {
    const { client } = await serveRig(WITH_HISTORY);
    const { results } = await client.call(StrategyService.method.batchSaveStrategies, { strategies: batchOf(1_000) });
    expect(results).toHaveLength(1_000);
    for (const [i, { strategyId, result, warnings }] of results.entries()) {
      expect(strategyId).toBe(`s${i}`);
      expect(result).toMatchObject({
        case: "strategy",
        value: { strategyId: `s${i}`, version: 1n, entryIndicators: [] },
      });
      expect(warnings.at(-1)).toContain("GetStrategy gives the strategy whole");
    }
  }, 120_000);

  it("gives the strategies whole where that fits", async () => {
    const { client } = await serveRig(WITH_HISTORY);
    const { results } = await client.call(StrategyService.method.batchSaveStrategies, { strategies: batchOf(10) });
    for (const { result, warnings } of results) {
      expect(result).toMatchObject({ case: "strategy", value: { entryIndicators: { length: 28 } } });
      expect(warnings.join()).not.toContain("in short");
    }
  });

  it("reaches a stock client where every strategy is refused in many words of many bytes", async () => {
    const { client } = await serveRig(WITH_HISTORY);
    const labels = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${"键".repeat(70)}${i}`, "x"]));
    const { results } = await client.call(StrategyService.method.batchSaveStrategies, {
      strategies: batchOf(1_000, { labels, entryIndicators: [] }),
    });
    expect(results).toHaveLength(1_000);
    expect(results[0]?.result).toMatchObject({
      case: "error",
      value: expect.stringContaining("which SaveStrategy names"),
    });
  }, 120_000);
});

describe("a batch of strategies whose ids are much too long", () => {
  it("is answered in a message that a stock client takes", async () => {
    const { client } = await serveRig(WITH_HISTORY);
    // Each has as many words of its own as are told of.
    const labels = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${"k".repeat(70)}${i}`, "x"]));
    const strategies = Array.from({ length: 1_000 }, (_, i) => ({
      strategyId: `${i}`.padEnd(2_800, "s"),
      labels,
    }));
    const { results } = await client.call(StrategyService.method.batchSaveStrategies, { strategies });
    expect(results).toHaveLength(1_000);
    expect(results[7]).toMatchObject({ strategyId: "7".padEnd(128, "s"), result: { case: "error" } });
  }, 120_000);
});

describe("metadata that custom evaluators add", () => {
  async function decidedWith(metadata: Readonly<Record<string, string>>) {
    const evaluator = { name: "talker", evaluate: () => ({ metadata }) };
    const rig = await serveRig({ ...WITH_HISTORY, evaluators: [evaluator] });
    await rig.save();
    const [message] = await rig.sweep({});
    return { metadata: message?.decisions[0]?.metadata ?? {}, events: rig.rig.events };
  }

  it("is cut to 32 entries, keys of 64 and values of 1,024 characters, with marks, and the log hears of it", async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${"k".repeat(80)}${i}`, "v".repeat(5_000)]));
    const { metadata, events } = await decidedWith({ a: "b", ...many, [`${"q".repeat(70)}`]: "c" });
    expect(Object.keys(metadata).length).toBeLessThanOrEqual(32);
    expect(metadata.a).toBe("b");
    expect(metadata.metadata_left_out).toBe("21 more entries");
    for (const [key, value] of Object.entries(metadata)) {
      expect(key.length).toBeLessThanOrEqual(64);
      expect(value.length).toBeLessThanOrEqual(1_024);
    }
    expect(Object.values(metadata).filter((value) => value.endsWith("…")).length).toBeGreaterThan(0);
    expect(events).toContainEqual(expect.objectContaining({ kind: "metadata_cut", strategyId: "s", symbol: "BTC" }));
  });

  it("stays as it is up to there", async () => {
    const given = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`${i}`.padEnd(64, "k"), "v".repeat(1_024)]));
    const { metadata, events } = await decidedWith(given);
    expect(metadata).toEqual(given);
    expect(events.some(({ kind }) => kind === "metadata_cut")).toBe(false);
  });
});
