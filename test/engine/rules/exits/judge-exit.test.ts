import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SIDES } from "../../../../src/domain/strategy.ts";
import type { HeldPlan } from "../../../../src/engine/rules/exits/held-plan.ts";
import {
  betterOf,
  type ExitQuestion,
  judgeExit,
  standingLevels,
} from "../../../../src/engine/rules/exits/judge-exit.ts";
import { levelsOf } from "../../../../src/engine/rules/exits/levels.ts";
import { config } from "../../../contracts/strategy-samples.ts";

const T = Date.UTC(2026, 0, 5);
const MINUTE = 60_000;

/** The plan of a decision at 100, of any strategy that trails. */
const plans: fc.Arbitrary<HeldPlan> = fc
  .record({
    side: fc.constantFrom(...SIDES),
    stop: fc.double({ min: 0.001, max: 0.9, noNaN: true }),
    distancePct: fc.double({ min: 0.001, max: 0.9, noNaN: true }),
    activationPct: fc.option(fc.double({ min: 0.001, max: 0.9, noNaN: true }), { nil: undefined }),
    target: fc.option(fc.double({ min: 0.001, max: 0.9, noNaN: true }), { nil: undefined }),
    exitBy: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  })
  .map(({ side, stop, distancePct, activationPct, target, exitBy }) => {
    const trailingStop = activationPct === undefined ? { distancePct } : { distancePct, activationPct };
    const { takeProfitPct: _, ...rest } = config("s", { side, stopLossPct: stop, trailingStop });
    const strategy = target === undefined ? rest : { ...rest, takeProfitPct: target };
    const sign = side === "LONG" ? 1 : -1;
    return {
      strategyVersion: 1,
      timeframe: "1m",
      side,
      entryPrice: 100,
      ...levelsOf(strategy, 100),
      exit: {
        targets: [],
        trailingDistancePct: distancePct,
        ...(activationPct !== undefined && { trailingActivationPrice: 100 * (1 + sign * activationPct) }),
        ...(exitBy !== undefined && { exitBy: T + exitBy * MINUTE }),
      },
      riskMode: "NORMAL",
      barCloseTime: T,
      isTold: true,
    };
  });

const closes = fc.array(fc.double({ min: 1, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 20 });

describe("a trailing stop (R82)", () => {
  it("never goes away from the price, and never beyond the close at which it moves", () => {
    fc.assert(
      fc.property(plans, closes, (plan, prices) => {
        const sign = plan.side === "LONG" ? 1 : -1;
        let best = plan.entryPrice;
        let stop = standingLevels(plan, best, T).stopLoss;
        expect(stop).toBe(plan.stopLoss);
        for (const close of prices) {
          best = betterOf(plan.side, best, close);
          const next = standingLevels(plan, best, T).stopLoss;
          expect((next - stop) * sign).toBeGreaterThanOrEqual(0);
          if (next !== stop) {
            expect((close - next) * sign).toBeGreaterThan(0);
          }
          stop = next;
        }
      }),
    );
  });
});

describe("the judgement of a close (R85)", () => {
  it("is the first that applies, of levels as they stood before the close", () => {
    fc.assert(
      fc.property(plans, closes, fc.nat(25), (plan, prices, minutes) => {
        const close = prices.at(-1) as number;
        const best = prices.slice(0, -1).reduce((a, b) => betterOf(plan.side, a, b), plan.entryPrice);
        const time = T + minutes * MINUTE;
        const before = standingLevels(plan, best, time);
        const told = { stopLoss: plan.stopLoss, ...(plan.takeProfit !== undefined && { takeProfit: plan.takeProfit }) };
        const question: ExitQuestion = { plan, best, time, bar: { close }, closing: undefined, told };
        const { outcome, reason } = judgeExit(question);
        const isBeyond = (level: number, way: 1 | -1) => (close - level) * (plan.side === "LONG" ? way : -way) >= 0;
        const first = isBeyond(before.stopLoss, -1)
          ? before.trails
            ? "TRAILING_STOP"
            : "STOP"
          : before.takeProfit !== undefined && isBeyond(before.takeProfit, 1)
            ? "TARGET"
            : time >= (plan.exit?.exitBy ?? Number.POSITIVE_INFINITY)
              ? "TIME"
              : undefined;
        expect(reason).toBe(first);
        expect(outcome === "CLOSE").toBe(first !== undefined);
        // Once it is to be closed, it stays so, with the same reason, with or without a bar.
        for (const bar of [{ close: 100 }, { unavailable: "no bar" }]) {
          const again = judgeExit({ ...question, bar, closing: "EXIT_RULE" });
          expect([again.outcome, again.reason]).toEqual(["CLOSE", "EXIT_RULE"]);
        }
      }),
    );
  });

  it("tells of a level that moved by a tenth of a percent, or by a tenth of a smaller distance", () => {
    const plan: HeldPlan = {
      strategyVersion: 1,
      timeframe: "1m",
      side: "LONG",
      entryPrice: 100,
      stopLoss: 90,
      exit: { targets: [], trailingDistancePct: 0.005 },
      riskMode: "NORMAL",
      barCloseTime: T,
      isTold: true,
    };
    const judged = (close: number, told: number) =>
      judgeExit({ plan, best: 100, time: T, bar: { close }, closing: undefined, told: { stopLoss: told } }).outcome;
    // The stop is 99.9975 after 100.5, and a tenth of the distance is 0.05.
    expect(judged(100.5, 99.95)).toBe("HOLD");
    expect(judged(100.5, 99.94)).toBe("ADJUST");
    expect(
      judgeExit({ plan, best: 100, time: T, bar: { close: 100 }, closing: undefined, told: undefined }),
    ).toMatchObject({
      outcome: "ADJUST",
      levels: { stopLoss: 99.5 },
    });
  });
});
