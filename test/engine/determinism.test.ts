import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { TradeDecisionSchema } from "../../gen/strategyruntime/v1/decision_pb.ts";
import { replay } from "../../src/adapters/replay/replay.ts";
import type { Decision } from "../../src/domain/decision.ts";
import { startEngine } from "../../src/engine/engine.ts";
import type { EngineEvent } from "../../src/ports/observer.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { toTradeDecision } from "../../src/rpc/translate/decision.ts";
import { ENGINE_DEFAULTS, freshStores, type RigStores } from "./rig.ts";
import { accepted, conditionsOf, draftOf } from "./validation/drafts.ts";

const DATA = join(import.meta.dirname, "..", "..", "data");
const SYMBOLS = ["BTCUSD", "ETHUSD"];
const START = Date.UTC(2018, 1, 20);
const HOUR = 3_600_000;

const STRATEGIES = [
  draftOf({
    strategyId: "dip",
    entryIndicators: conditionsOf("RSI < 35"),
    timeframe: "30m",
    labels: { z: "1", a: "2" },
  }),
  draftOf({
    strategyId: "trend",
    entryIndicators: conditionsOf("EMA_3 crosses_above EMA_8"),
    timeframe: "1h",
    cooldownMs: 6 * HOUR,
  }),
  draftOf({
    strategyId: "fade",
    entryIndicators: conditionsOf("STOCH_K > 70; CLOSE > LOWEST_20 on 2h"),
    timeframe: "30m",
    side: "SHORT",
    maxPositions: 2,
    fitnessScore: 0.7,
  }),
  draftOf({
    strategyId: "shadow",
    status: "SHADOW",
    entryIndicators: conditionsOf("MACD > MACD_SIGNAL"),
    timeframe: "4h",
  }),
];

interface Run {
  readonly decisions: readonly Decision[];
  readonly evaluations: number;
}

/**
 * Replays from `startAt` as fast as it goes, until the bars end or market time has come to
 * `stopAt`.
 */
async function run(stores: RigStores, startAt: number, stopAt = Number.POSITIVE_INFINITY): Promise<Run> {
  const market = replay({ dir: DATA, speed: "max", clock: systemClock, symbols: SYMBOLS, startAt });
  await market.ready();
  const over = Promise.withResolvers<void>();
  let evaluations = 0;
  const observe = (event: EngineEvent): void => {
    if (event.kind === "sweep") {
      evaluations += event.summary.evaluations;
      if (market.now() >= stopAt) {
        over.resolve();
      }
    }
  };
  const engine = await startEngine({
    market,
    stores,
    clock: systemClock,
    observer: { wantsSuppressions: false, observe },
    ...ENGINE_DEFAULTS,
    symbols: SYMBOLS,
  });
  await over.promise;
  await market.close();
  await engine.close();
  return { decisions: await stores.journal.read({ includeShadow: true, limit: 1_000_000 }), evaluations };
}

async function stocked(): Promise<RigStores> {
  const stores = freshStores();
  for (const draft of STRATEGIES) {
    await stores.strategies.save([{ config: accepted(draft).config, expectedVersion: 0 }], START);
  }
  return stores;
}

const bytes = (decisions: readonly Decision[]): string[] =>
  decisions.map((decision) => Buffer.from(toBinary(TradeDecisionSchema, toTradeDecision(decision))).toString("hex"));

describe("R41: the same days, replayed", () => {
  it("give byte-equal decisions every time", async () => {
    const end = START + 3 * 24 * HOUR;
    const [one, two] = [await run(await stocked(), START, end), await run(await stocked(), START, end)];
    const until = (decisions: readonly Decision[]) => decisions.filter(({ timestamp }) => timestamp <= end);
    expect(until(one.decisions).length).toBeGreaterThan(20);
    expect([...new Set(one.decisions.map(({ strategyId }) => strategyId))].sort()).toStrictEqual([
      "dip",
      "fade",
      "shadow",
      "trend",
    ]);
    expect(bytes(until(two.decisions))).toStrictEqual(bytes(until(one.decisions)));
  });

  it("give equal ids and outcomes, and values within 1e-9, where the run is stopped in the middle and begun again", async () => {
    const end = START + 3 * 24 * HOUR;
    const middle = START + 29 * HOUR;
    const until = (decisions: readonly Decision[], time: number) =>
      decisions.filter(({ timestamp }) => timestamp <= time);
    const whole = until((await run(await stocked(), START, end)).decisions, end);
    const stores = await stocked();
    const first = await run(stores, START, middle);
    // What the first run came to before it was stopped; the second begins at the last bar that it
    // judged.
    const reached = Math.max(middle, ...first.decisions.map(({ timestamp }) => timestamp));
    const second = await run(stores, reached, end);
    const broken = until(second.decisions, end);
    const told = ({ decisionId, sequence, sizeUsd, confidence }: Decision) => ({
      decisionId,
      sequence,
      sizeUsd: expect.closeTo(sizeUsd, 6),
      confidence: expect.closeTo(confidence, 9),
    });
    expect(broken.map(({ decisionId }) => decisionId)).toStrictEqual(whole.map(({ decisionId }) => decisionId));
    expect(broken).toMatchObject(whole.map(told));
    expect(broken.length).toBeGreaterThan(first.decisions.length);
  });

  it("decide nothing a second time where they are lived through again on the same stores", async () => {
    const stores = await stocked();
    const end = START + 24 * HOUR;
    const first = await run(stores, START, end);
    const ids = first.decisions.filter(({ timestamp }) => timestamp <= end).map(({ decisionId }) => decisionId);
    const again = await run(stores, START, end);
    const all = again.decisions.map(({ decisionId }) => decisionId);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((_, i) => (again.decisions[i]?.timestamp ?? 0) <= end)).toStrictEqual(ids);
  });

  it("decide the same on stores that hold decisions of later days, which hold no place and no cooldown (R31, R32)", async () => {
    const [day, end] = [START + 24 * HOUR, START + 30 * HOUR];
    const idsOf = ({ decisions }: Run): readonly string[] =>
      decisions.filter(({ barCloseTime }) => barCloseTime < day).map(({ decisionId }) => decisionId);
    const alone = idsOf(await run(await stocked(), START, day));
    const stores = await stocked();
    expect((await run(stores, day, end)).decisions.length).toBeGreaterThan(5);
    expect(idsOf(await run(stores, START, day))).toStrictEqual(alone);
    expect(alone.length).toBeGreaterThan(5);
  });
});
