import { expect, it } from "vitest";
import type { StrategyDraft } from "../../src/domain/strategy.ts";
import { history, onBothPaths, type Rig, type RigOptions, startRig } from "./rig.ts";

const NO_SYMBOLS: RigOptions = { symbols: [] };

async function sized(
  changes: Partial<StrategyDraft>,
  options: RigOptions = {},
  before?: (rig: Rig) => Promise<unknown>,
) {
  const rig = await startRig({ ...NO_SYMBOLS, ...options });
  await before?.(rig);
  await rig.save("s", "CLOSE > 1", changes);
  return rig.evaluate({ indicators: { CLOSE: 2 }, price: 100 });
}

onBothPaths("R23: size", () => {
  it.each([
    ["DEFENSIVE", true, 500],
    ["NORMAL", true, 1_000],
    ["AGGRESSIVE", true, 1_500],
    ["DEFENSIVE", false, 500],
    ["AGGRESSIVE", false, 1_500],
  ] as const)("under %s, scaling %s, is %d at confidence 0.5", async (riskMode, confidenceScaling, size) => {
    const { decision } = await sized({ confidenceScaling }, {}, (rig) => rig.engine.policy.change({ riskMode }));
    expect(decision).toMatchObject({ sizeUsd: size, riskMode });
    expect(decision?.metadata).toStrictEqual({});
  });

  it("scales by 0.5 + confidence", async () => {
    const { decision } = await sized({ fitnessScore: 1 });
    expect(decision?.sizeUsd).toBe(1_000 * (0.5 + (0.7 * 0.5 + 0.3)));
  });

  it("is cut to MAX_POSITION_SIZE_USD and says so, over a label of that name", async () => {
    const labels = { size_capped_from: "mine", b: "2", a: "1" };
    const { decision } = await sized({ fitnessScore: 1, labels }, { maxPositionSizeUsd: 1_000 });
    expect(decision?.sizeUsd).toBe(1_000);
    expect(decision?.metadata).toStrictEqual({ a: "1", b: "2", size_capped_from: "1150" });
    const free = await sized({ labels }, { maxPositionSizeUsd: 1_000 });
    expect(free.decision?.metadata.size_capped_from).toBe("mine");
  });
});

onBothPaths("R25: levels", () => {
  it.each([
    ["LONG", { stopLoss: 98, takeProfit: 105 }],
    ["SHORT", { stopLoss: 102, takeProfit: 95 }],
  ] as const)("of %s are on their sides", async (side, { stopLoss, takeProfit }) => {
    const { decision } = await sized({ side });
    expect(decision?.stopLoss).toBeCloseTo(stopLoss, 9);
    expect(decision?.takeProfit).toBeCloseTo(takeProfit, 9);
  });

  it("that fall on the entry by rounding are FAILED, and never journaled", async () => {
    const rig = await startRig({ symbols: [], prepare: (feed) => history(feed, "BTC", "1m", [100]) });
    await rig.save("s", "CLOSE > 1", { stopLossPct: 1e-18 });
    const swept = await rig.sweep();
    expect(swept.summary.outcomes).toStrictEqual({ FAILED: 1 });
    expect(swept.suppressions[0]?.explanation).toContain("stop_loss 100 is not on the losing side");
    expect(await rig.journaled()).toStrictEqual([]);
    expect((await rig.evaluate({})).outcome).toBe("FAILED");
  });
});

onBothPaths("custom evaluators", () => {
  it("change strength, confidence, size and metadata, one after the other", async () => {
    const seen: unknown[] = [];
    const evaluators = [
      {
        name: "halve",
        evaluate: ({ strength }: { strength: number }) => ({ strength: strength + 0.25, metadata: { a: "1", b: "1" } }),
      },
      {
        name: "look",
        evaluate(signal: { strength: number; metadata: object }) {
          seen.push(signal.strength, signal.metadata);
          return { metadata: { b: "2" } };
        },
      },
    ];
    const { strength, confidence, decision } = await sized({ labels: { l: "x" } }, { evaluators });
    expect({ strength, confidence }).toStrictEqual({ strength: 0.75, confidence: 0.75 });
    expect(decision).toMatchObject({ sizeUsd: 1_250, metadata: { a: "1", b: "2", l: "x" } });
    expect(seen).toStrictEqual([0.75, { l: "x", a: "1", b: "1" }]);
  });

  it.each([
    ["a strength above 1", { strength: 1.1 }],
    ["a strength that is no number", { strength: Number.NaN }],
    ["metadata that is not text", { metadata: { a: 1 } }],
    ["a promise", Promise.resolve({})],
    ["nothing", undefined],
  ])("that answer with %s fail that evaluation", async (_, verdict) => {
    const evaluators = [{ name: "odd", evaluate: () => verdict as never }];
    const { outcome, explanation } = await sized({}, { evaluators });
    expect(outcome).toBe("FAILED");
    expect(explanation).toContain("odd");
  });
});
