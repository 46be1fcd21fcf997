import { describe, expect, it } from "vitest";
import type { StrategyDraft } from "../../src/domain/strategy.ts";
import { history, onBothPaths, openingOf, type Rig, type RigOptions, startRig, T0 } from "./rig.ts";

const BARS: RigOptions = {
  prepare(feed) {
    history(feed, "BTC", "1m", [90, 92, 95, 100]);
    history(feed, "BTC", "1h", [50, 80, 100]);
  },
};

async function saved(changes: Partial<StrategyDraft>, options: RigOptions = BARS): Promise<Rig> {
  const rig = await startRig(options);
  await rig.save("s", "CLOSE > 1", { stopLossPct: changes.stopLossAt === undefined ? 0.02 : 0, ...changes });
  return rig;
}

onBothPaths("R80: computed levels", () => {
  it.each<[string, Partial<StrategyDraft>, { stopLoss: number; takeProfit?: number }]>([
    ["the stop", { stopLossAt: "CLOSE - 2" }, { stopLoss: 98, takeProfit: 105 }],
    ["a stop of a plain reading", { stopLossAt: "LOWEST_3" }, { stopLoss: 90, takeProfit: 105 }],
    ["the target", { takeProfitPct: 0, takeProfitAt: "2*CLOSE - LOWEST_3" }, { stopLoss: 98, takeProfit: 110 }],
    [
      "both of SHORT",
      { side: "SHORT", stopLossAt: "CLOSE*1.5", takeProfitPct: 0, takeProfitAt: "CLOSE[1]" },
      { stopLoss: 150, takeProfit: 95 },
    ],
    ["a stop of a longer timeframe", { stopLossAt: "CLOSE[1]@1h" }, { stopLoss: 80, takeProfit: 105 }],
    [
      "a stop that trails from the start nearer",
      { stopLossAt: "LOWEST_3", trailingStop: { distancePct: 0.04 } },
      { stopLoss: 96, takeProfit: 105 },
    ],
    [
      "a stop nearer than the one that trails",
      { stopLossAt: "CLOSE - 1", trailingStop: { distancePct: 0.04 } },
      { stopLoss: 99, takeProfit: 105 },
    ],
    [
      "a stop without a target",
      { stopLossAt: "LOWEST_3", takeProfitPct: 0, maxHoldingTimeMs: 60_000 },
      { stopLoss: 90 },
    ],
  ])("%s are on the decision", async (_, changes, levels) => {
    const rig = await saved(changes);
    const { decisions } = await rig.sweep({ includeExits: true });
    expect(decisions).toMatchObject([{ entryPrice: 100, ...levels }]);
    expect("takeProfit" in (decisions[0] ?? {})).toBe("takeProfit" in levels);
    expect((await rig.evaluate({})).outcome).toBe("ALREADY_DECIDED");
  });

  it.each<[Partial<StrategyDraft>, string]>([
    [
      { stopLossAt: "CLOSE + 2*(HIGH - CLOSE)" },
      "stop_loss_at CLOSE + 2*(HIGH - CLOSE) (CLOSE is 100, HIGH is 100) is 100, must be below the entry price 100",
    ],
    [{ stopLossAt: "CLOSE" }, "stop_loss_at CLOSE is 100, must be below the entry price 100"],
    [{ side: "SHORT", stopLossAt: "LOWEST_3" }, "stop_loss_at LOWEST_3 is 90, must be above the entry price 100"],
    [
      { takeProfitPct: 0, takeProfitAt: "CLOSE - 5" },
      "take_profit_at CLOSE - 5 (CLOSE is 100) is 95, must be above the entry price 100",
    ],
    [
      { side: "SHORT", takeProfitPct: 0, takeProfitAt: "CLOSE + 5" },
      "take_profit_at CLOSE + 5 (CLOSE is 100) is 105, must be below the entry price 100",
    ],
    [{ stopLossAt: "CLOSE - 2*CLOSE" }, "stop_loss_at CLOSE - 2*CLOSE (CLOSE is 100) is -100, must be above 0"],
    [
      { stopLossAt: "CLOSE/(HIGH - CLOSE)" },
      "stop_loss_at CLOSE/(HIGH - CLOSE) (CLOSE is 100, HIGH is 100) is undefined",
    ],
    [{ stopLossAt: "LOWEST_10" }, "stop_loss_at LOWEST_10 (7 bars are missing) is undefined"],
    [
      { stopLossAt: "MIN(CLOSE, LOWEST_4)" },
      "stop_loss_at MIN(CLOSE, LOWEST_4) (CLOSE is 100, LOWEST_4 is not known, 1 bar is missing) is undefined",
    ],
  ])("%j that cannot be used are LEVELS_INVALID", async (changes, because) => {
    const rig = await saved(changes);
    const swept = await rig.sweep();
    expect(swept.decisions).toEqual([]);
    expect(swept.summary.outcomes).toStrictEqual({ LEVELS_INVALID: 1 });
    expect(swept.suppressions[0]?.explanation).toBe(`a computed level cannot be used: ${because}`);
    expect(await rig.evaluate({})).toMatchObject({
      outcome: "LEVELS_INVALID",
      explanation: expect.stringContaining(because),
    });
  });

  it("that cannot be used take no place, and start no cooldown (R32)", async () => {
    const rig = await saved({ stopLossAt: "HIGHEST_3", cooldownMs: 3_600_000 });
    rig.feed.setPrice("BTC", 94, T0);
    expect((await rig.sweep()).summary.outcomes).toStrictEqual({ LEVELS_INVALID: 1 });
    rig.feed.setPrice("BTC", 100, T0);
    expect((await rig.sweep()).summary.outcomes).toStrictEqual({ DECIDED: 1 });
  });

  it("are computed from bars where values are given for the conditions alone (R48)", async () => {
    const rig = await saved({ stopLossAt: "LOWEST_3" });
    expect(await rig.evaluate({ indicators: { CLOSE: 7 } })).toMatchObject({ decision: { stopLoss: 90 } });
    const given = await rig.evaluate({ indicators: { CLOSE: 7, LOWEST_3: 88 } });
    expect(given).toMatchObject({ decision: { stopLoss: 88 } });
  });

  it("are read at the bar that closed", async () => {
    const rig = await saved({ stopLossAt: "CLOSE[1]" });
    await rig.close({ BTC: 101 });
    expect(await rig.journaled()).toMatchObject([{ entryPrice: 101, stopLoss: 100 }]);
  });
});

describe("R85: computed levels of a position without a decision", () => {
  const STOPS = { status: "LIVE", stopLossAt: "LOWEST_3", minConfidence: 1 } as const;

  it("are read at the last close before it was opened", async () => {
    const rig = await saved(STOPS);
    await rig.engine.performance.opened(openingOf("p"));
    expect(rig.engine.runtime.status()).not.toHaveProperty("unguardedPositions");
    await rig.close({ BTC: 101 });
    await rig.close({ BTC: 102 });
    await rig.close({ BTC: 90 });
    const exits = (await rig.journaled()).map(({ action, exitReason, stopLoss }) => [action, exitReason, stopLoss]);
    expect(exits).toEqual([
      ["ADJUST", undefined, 90],
      ["CLOSE", "STOP", 90],
    ]);
  });

  it("that cannot be used leave it unguarded, with the reason", async () => {
    const rig = await saved({ ...STOPS, stopLossAt: "CLOSE" });
    await rig.engine.performance.opened(openingOf("p"));
    await rig.close({ BTC: 101 });
    expect(await rig.journaled()).toEqual([]);
    expect(rig.summaries().at(-1)).toMatchObject({ exitOutcomes: { HOLD: 1 } });
    const why =
      "it is of no decision that is kept, and at the 1m bar of BTC that closed at 2026-01-05T00:00:00Z, " +
      "stop_loss_at CLOSE is 100, must be below the entry price 100";
    expect(rig.engine.runtime.status().unguardedPositions).toMatchObject([{ why }]);
  });

  it("leave it unguarded where the series does not have that bar any more", async () => {
    const rig = await saved(STOPS);
    await rig.engine.performance.opened({ ...openingOf("p"), openedAt: T0 - 86_400_000 });
    await rig.close({ BTC: 101 });
    expect(rig.engine.runtime.status().unguardedPositions).toMatchObject([
      { why: expect.stringMatching(/closed at 2026-01-04T00:00:00Z, which the series kept here does not have$/) },
    ]);
  });
});
