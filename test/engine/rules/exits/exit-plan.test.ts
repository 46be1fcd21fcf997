import { describe, expect, it } from "vitest";
import type { StrategyConfig } from "../../../../src/domain/strategy.ts";
import { exitPlanOf } from "../../../../src/engine/rules/exits/exit-plan.ts";
import { levelsOf } from "../../../../src/engine/rules/exits/levels.ts";
import { config } from "../../../contracts/strategy-samples.ts";

const HOUR = 3_600_000;
const CLOSE = Date.UTC(2026, 0, 5);

function strategy(changes: Partial<StrategyConfig>): StrategyConfig {
  const { takeProfitPct: _, ...rest } = config("s", changes);
  return "takeProfitPct" in changes ? config("s", changes) : rest;
}

describe("the exit plan of a decision (R81)", () => {
  it("is absent where stop and target say it all", () => {
    expect(exitPlanOf(config("s"), 100, CLOSE)).toBeUndefined();
  });

  it.each([
    ["LONG", [105, 102, 99], 104],
    ["SHORT", [95, 98, 101], 96],
  ] as const)(
    "of %s has prices and times from the decision's entry price and bar close",
    (side, prices, activation) => {
      const plan = exitPlanOf(
        strategy({
          side,
          targetSteps: [
            { afterMs: 0, takeProfitPct: 0.05 },
            { afterMs: HOUR, takeProfitPct: 0.02 },
            { afterMs: 4 * HOUR, takeProfitPct: -0.01 },
          ],
          trailingStop: { distancePct: 0.03, activationPct: 0.04 },
          maxHoldingTimeMs: 24 * HOUR,
        }),
        100,
        CLOSE,
      );
      expect(plan).toEqual({
        targets: prices.map((price, i) => ({
          time: CLOSE + ([0, 1, 4][i] ?? 0) * HOUR,
          price: expect.closeTo(price, 9),
        })),
        trailingDistancePct: 0.03,
        trailingActivationPrice: activation,
        exitBy: CLOSE + 24 * HOUR,
      });
    },
  );

  it("has nothing that the strategy does not say", () => {
    expect(exitPlanOf(strategy({ maxHoldingTimeMs: HOUR }), 100, CLOSE)).toStrictEqual({
      targets: [],
      trailingDistancePct: 0,
      exitBy: CLOSE + HOUR,
    });
    expect(exitPlanOf(strategy({ trailingStop: { distancePct: 0.03 } }), 100, CLOSE)).toStrictEqual({
      targets: [],
      trailingDistancePct: 0.03,
    });
  });
});

describe("the levels at entry", () => {
  it.each([
    ["LONG", { distancePct: 0.01 }, 99],
    ["LONG", { distancePct: 0.05 }, 98],
    ["LONG", { distancePct: 0.01, activationPct: 0.02 }, 98],
    ["SHORT", { distancePct: 0.01 }, 101],
    ["SHORT", { distancePct: 0.05 }, 102],
    ["SHORT", { distancePct: 0.01, activationPct: 0.02 }, 102],
  ] as const)("of %s with %j have the nearer stop, once it trails (R82)", (side, trailingStop, stopLoss) => {
    expect(levelsOf(strategy({ side, trailingStop }), 100)).toStrictEqual({ stopLoss });
  });

  it("have the first step as their target", () => {
    const targetSteps = [
      { afterMs: 0, takeProfitPct: 0.05 },
      { afterMs: HOUR, takeProfitPct: 0.02 },
    ];
    expect(levelsOf(strategy({ targetSteps }), 100)).toStrictEqual({ stopLoss: 98, takeProfit: 105 });
  });
});
