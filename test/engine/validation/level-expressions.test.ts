import { describe, expect, it } from "vitest";
import { type StrategyDraft, toDraft } from "../../../src/domain/strategy.ts";
import { validateStrategy } from "../../../src/engine/validation/validate-strategy.ts";
import { draftOf, violationsOf } from "./drafts.ts";

describe("computed levels (R80)", () => {
  it.each<[Partial<StrategyDraft>, Partial<StrategyDraft>]>([
    [{ stopLossPct: 0, stopLossAt: "close-2 * atr" }, { stopLossAt: "CLOSE - 2*ATR_14" }],
    [{ stopLossPct: 0, stopLossAt: "lowest_10" }, { stopLossAt: "LOWEST_10" }],
    [{ takeProfitPct: 0, takeProfitAt: "CLOSE+3*ATR_14@4h" }, { takeProfitAt: "CLOSE + 3*ATR_14@4h" }],
    [{ stopLossPct: 0, stopLossAt: "CLOSE*(1 - 2*ATR_14/CLOSE)" }, { stopLossAt: "CLOSE*(1 - 2*ATR_14/CLOSE)" }],
    [
      { stopLossPct: 0, stopLossAt: "LOWEST_10", takeProfitPct: 0, maxHoldingTimeMs: 86_400_000 },
      { stopLossAt: "LOWEST_10" },
    ],
  ])("takes %j in canonical form, and again what it made of it", (changes, expected) => {
    const first = validateStrategy(draftOf(changes), {});
    expect(first).toMatchObject({ warnings: [], config: expected });
    const { config } = first as Extract<typeof first, { config: unknown }>;
    expect("stopLossPct" in config).toBe(changes.stopLossPct !== 0);
    expect("takeProfitPct" in config).toBe(changes.takeProfitPct !== 0);
    expect(validateStrategy(toDraft(config), {})).toEqual(first);
  });

  it.each<[Partial<StrategyDraft>, readonly string[]]>([
    [{ stopLossPct: 0 }, ["stop_loss_pct: is 0, must be above 0 and below 1 (0.02 is 2 %)"]],
    [{ stopLossAt: "LOWEST_10" }, ["stop_loss_at: is given, and stop_loss_pct is 0.02: give one of the two"]],
    [{ takeProfitAt: "HIGHEST_10" }, ["take_profit_at: is given, and take_profit_pct is 0.05: give one of them"]],
    [
      { takeProfitPct: 0, takeProfitAt: "HIGHEST_10", targetSteps: [{ afterMs: 0, takeProfitPct: 0.05 }] },
      ["take_profit_at: is given, and target_steps has 1 steps: give one of them"],
    ],
    [
      { stopLossPct: 0, stopLossAt: "0.02" },
      [
        'stop_loss_at: is "0.02", which reads nothing of the market: give a price such as CLOSE or LOWEST_10, or stop_loss_pct for a fraction of the entry price',
      ],
    ],
    [
      { takeProfitPct: 0, takeProfitAt: "2*50" },
      [
        'take_profit_at: is "2*50", which reads nothing of the market: give a price such as CLOSE or LOWEST_10, or take_profit_pct for a fraction of the entry price',
      ],
    ],
    [
      { stopLossPct: 0, stopLossAt: "CLOSE@1m - 1" },
      ["stop_loss_at: has CLOSE on 1m, shorter than the condition's 1h: give 1h or a longer one"],
    ],
  ])("refuses %j by its path", (changes, expected) => {
    expect(violationsOf(draftOf(changes))).toEqual(expected);
  });

  it.each(["CLOSE - 2*ATR_", "ENTRY*0.98", "POSITION_PNL"])("refuses %s, which cannot be read", (stopLossAt) => {
    const validated = validateStrategy(draftOf({ stopLossPct: 0, stopLossAt }), {});
    expect("violations" in validated && validated.violations.map(({ field }) => field)).toEqual(["stop_loss_at"]);
  });

  it.each([
    ["RSI_14", "has no unit"],
    ["VOLUME", "is a volume"],
    ["CLOSE*VOLUME", "is of no one unit"],
  ])("takes %s with a warning", (takeProfitAt, words) => {
    expect(validateStrategy(draftOf({ takeProfitPct: 0, takeProfitAt }), {})).toMatchObject({
      warnings: [`take_profit_at: ${takeProfitAt} ${words}, and is held against the entry price`],
    });
  });

  it("names the level that needs a long history (R10, R54)", () => {
    expect(validateStrategy(draftOf({ stopLossPct: 0, stopLossAt: "EMA_500" }), {})).toMatchObject({
      warnings: ["stop_loss_at: EMA_500 needs 7408 bars of 1h until it is ready, more than 5000"],
    });
    expect(violationsOf(draftOf({ stopLossPct: 0, stopLossAt: "RSI_500(RSI_500)" }))).toEqual([
      expect.stringMatching(/^stop_loss_at: RSI_500\(RSI_500\) needs 2\d{4} bars of 1h/),
    ]);
  });
});
