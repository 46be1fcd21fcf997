import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/domain/decision.ts";
import type { Position } from "../../src/domain/position.ts";
import type { RuleDraft, StrategyDraft } from "../../src/domain/strategy.ts";
import { MINUTE, type Rig, type RigOptions, startRig, T0 } from "./rig.ts";
import { conditionOf } from "./validation/drafts.ts";

/** Fires once, at the first close, and never again. */
async function entered(changes: Partial<StrategyDraft> = {}, options: RigOptions = {}): Promise<Rig> {
  const rig = await startRig(options);
  await rig.save("s", "CLOSE == 100", { stopLossPct: 0.1, takeProfitPct: 0.5, ...changes });
  await rig.close({ BTC: 100 });
  return rig;
}

/** Reports a position for the first decision, opened at its bar's close. */
async function openFor(rig: Rig, changes: Partial<Position> = {}): Promise<void> {
  const [decision] = await rig.journaled();
  await rig.engine.performance.opened({
    positionId: "p",
    strategyId: "s",
    symbol: "BTC",
    side: decision?.side ?? "LONG",
    decisionId: decision?.decisionId ?? "",
    sizeUsd: 1_000,
    entryPrice: decision?.entryPrice ?? 100,
    openedAt: rig.clock.now(),
    ...changes,
  });
}

async function held(changes: Partial<StrategyDraft> = {}, options: RigOptions = {}): Promise<Rig> {
  const rig = await entered(changes, options);
  await openFor(rig);
  return rig;
}

async function exits(rig: Rig): Promise<readonly Decision[]> {
  return (await rig.journaled()).filter(({ action }) => action !== undefined);
}

const told = ({ action, exitReason, stopLoss, takeProfit }: Decision) => [action, exitReason, stopLoss, takeProfit];

describe("an open position (R85)", () => {
  it("is to be closed at the first close at or beyond its stop, and at each one after it until it is", async () => {
    const rig = await held();
    const knowing = rig.follow({ includeExits: true });
    const plain = rig.follow();
    for (const close of [91, 90, 95]) {
      await rig.close({ BTC: close });
    }
    expect((await exits(rig)).map(told)).toEqual([
      ["CLOSE", "STOP", 90, 150],
      ["CLOSE", "STOP", 90, 150],
    ]);
    await rig.engine.performance.closed({
      positionId: "p",
      exitPrice: 95,
      closedAt: rig.clock.now(),
      exitReason: "STOP",
    });
    await rig.close({ BTC: 80 });
    expect(await exits(rig)).toHaveLength(2);
    await rig.pass(1_000);
    expect(knowing.decisions).toEqual(await exits(rig));
    expect(plain.decisions).toEqual([]);
    expect(plain.batches.some((batch) => "withheldDecisions" in batch)).toBe(false);
  });

  it("says what it is about, and what decided", async () => {
    const rig = await held();
    await rig.close({ BTC: 89 });
    const [close] = await exits(rig);
    expect(close).toMatchObject({
      strategyId: "s",
      strategyVersion: 1,
      symbol: "BTC",
      side: "LONG",
      sizeUsd: 1_000,
      entryPrice: 100,
      positionId: "p",
      timeframe: "1m",
      timestamp: T0 + 2 * MINUTE,
      barCloseTime: T0 + 2 * MINUTE,
      confidence: 0,
      reasoning: "CLOSE STOP LONG BTC, position p: close 89 is at or below the stop 90",
    });
    expect(close).not.toHaveProperty("validUntil");
  });

  it.each<[string, Partial<StrategyDraft>, readonly number[], readonly unknown[]]>([
    ["its target", {}, [149, 150], ["CLOSE", "TARGET", 90, 150]],
    ["the stop of SHORT", { side: "SHORT" }, [109, 111], ["CLOSE", "STOP", 110.00000000000001, 50]],
    ["the target of SHORT", { side: "SHORT" }, [51, 50], ["CLOSE", "TARGET", 110.00000000000001, 50]],
    ["its longest time", { maxHoldingTimeMs: 2 * MINUTE }, [101, 101], ["CLOSE", "TIME", 90, 150]],
    [
      "a target that has fallen",
      {
        takeProfitPct: 0,
        targetSteps: [
          { afterMs: 0, takeProfitPct: 0.5 },
          { afterMs: 2 * MINUTE, takeProfitPct: 0.1 },
        ],
      },
      [120, 120],
      ["CLOSE", "TARGET", 90, 110.00000000000001],
    ],
  ])("is to be closed at %s", async (_, changes, closes, expected) => {
    const rig = await held(changes);
    for (const close of closes) {
      expect(await exits(rig)).toEqual([]);
      await rig.close({ BTC: close });
    }
    expect((await exits(rig)).map(told)).toEqual([expected]);
  });

  it("has a stop that follows the price and never goes back (R82)", async () => {
    const rig = await held({ trailingStop: { distancePct: 0.05 } });
    for (const close of [100, 102, 102.05, 110, 106, 104.5]) {
      await rig.close({ BTC: close });
    }
    // 0.1 % of the close is the least move: 102.05 moves the stop by too little.
    expect((await exits(rig)).map(told)).toEqual([
      ["ADJUST", undefined, 96.89999999999999, 150],
      ["ADJUST", undefined, 104.5, 150],
      ["CLOSE", "TRAILING_STOP", 104.5, 150],
    ]);
  });

  it("has its stop trail from the activation price on (R82)", async () => {
    const rig = await held({ trailingStop: { distancePct: 0.05, activationPct: 0.1 } });
    for (const close of [109, 96, 112, 106.4]) {
      await rig.close({ BTC: close });
    }
    expect((await exits(rig)).map(told)).toEqual([["ADJUST", undefined, 106.39999999999999, 150]]);
    await rig.close({ BTC: 106.39 });
    expect(told((await exits(rig)).at(-1) as Decision)).toEqual(["CLOSE", "TRAILING_STOP", 106.39999999999999, 150]);
  });

  it("is judged where trading is halted, and whatever becomes of its strategy (R86)", async () => {
    const rig = await held();
    await rig.engine.policy.change({ halted: true, haltReason: "test" });
    await rig.engine.strategies.setStatus("s", "DISABLED", "test");
    await rig.close({ BTC: 89 });
    expect((await exits(rig)).map(told)).toEqual([["CLOSE", "STOP", 90, 150]]);
    expect(rig.summaries().at(-1)).toMatchObject({ evaluations: 0, exitsJudged: 1, exitOutcomes: { CLOSE: 1 } });
  });

  it("is judged by the plan of its decision, not by a version of later", async () => {
    const rig = await held();
    await rig.save("s", "CLOSE == 100", { stopLossPct: 0.5 });
    await rig.close({ BTC: 89 });
    expect(await exits(rig)).toMatchObject([{ action: "CLOSE", strategyVersion: 1 }]);
  });

  it("is judged on a symbol that nobody else follows", async () => {
    const rig = await entered({}, { symbols: ["BTC"] });
    await rig.engine.performance.opened({
      positionId: "e",
      strategyId: "s",
      symbol: "ETH",
      side: "LONG",
      sizeUsd: 1_000,
      entryPrice: 100,
      openedAt: rig.clock.now(),
    });
    await rig.pass(0);
    await rig.close({ BTC: 50, ETH: 101 });
    await rig.close({ BTC: 50, ETH: 89 });
    expect((await exits(rig)).map((one) => [one.positionId, ...told(one)])).toEqual([
      ["e", "ADJUST", undefined, 90, 150],
      ["e", "CLOSE", "STOP", 90, 150],
    ]);
    expect(rig.summaries().at(-1)).toMatchObject({ evaluations: 1, symbols: 1, exitsJudged: 1 });
  });

  it("is not judged at the close at which it was opened", async () => {
    const rig = await entered();
    await openFor(rig, { openedAt: rig.clock.now() + MINUTE });
    await rig.close({ BTC: 50 });
    expect(await exits(rig)).toEqual([]);
    await rig.close({ BTC: 50 });
    expect(await exits(rig)).toHaveLength(1);
  });

  it("is counted once, with what became of it (R88)", async () => {
    const rig = await held({ trailingStop: { distancePct: 0.05 } });
    await rig.engine.performance.opened({
      positionId: "q",
      strategyId: "s",
      symbol: "BTC",
      side: "SHORT",
      sizeUsd: 1_000,
      entryPrice: 100,
      openedAt: rig.clock.now(),
    });
    await rig.close({ BTC: 110 });
    expect(rig.summaries().at(-1)).toMatchObject({ exitsJudged: 2, exitOutcomes: { ADJUST: 1, HOLD: 1 } });
  });
});

describe("a position without bars", () => {
  it("is unguarded until they come, and is not to be closed (R86)", async () => {
    const rig = await held();
    await rig.close({});
    await rig.pass(20_000);
    expect(rig.summaries().at(-1)).toMatchObject({ exitOutcomes: { MARKET_DATA_UNAVAILABLE: 1 } });
    expect(rig.engine.runtime.status().unguardedPositions).toEqual([
      {
        positionId: "p",
        strategyId: "s",
        symbol: "BTC",
        since: T0 + 2 * MINUTE,
        why: expect.stringContaining("BTC has no 1m bar that closed at 2026-01-05T00:02:00Z"),
      },
    ]);
    expect(await exits(rig)).toEqual([]);
    await rig.pass(MINUTE - 20_000);
    await rig.close({ BTC: 100 });
    await rig.close({ BTC: 101 });
    expect(rig.engine.runtime.status()).not.toHaveProperty("unguardedPositions");
  });

  it("is to be closed once its time is over, at the close plus the grace (R85)", async () => {
    const rig = await held({ maxHoldingTimeMs: MINUTE });
    await rig.close({});
    await rig.pass(9_000);
    expect(await exits(rig)).toEqual([]);
    await rig.pass(2_000);
    expect((await exits(rig)).map(told)).toEqual([["CLOSE", "TIME", 90, 150]]);
  });
});

describe("a position that is not of a decision kept here", () => {
  const opening = { decisionId: "" };

  it("is judged by the version in force, from its own price, and told of at once (R85)", async () => {
    const rig = await entered();
    await openFor(rig, { ...opening, entryPrice: 200 });
    await rig.close({ BTC: 190 });
    await rig.close({ BTC: 180 });
    expect((await exits(rig)).map(told)).toEqual([
      ["ADJUST", undefined, 180, 300],
      ["CLOSE", "STOP", 180, 300],
    ]);
  });

  it("is held, and unguarded, where the strategy's side is another", async () => {
    const rig = await entered();
    await openFor(rig, { ...opening, side: "SHORT" });
    await rig.close({ BTC: 500 });
    expect(await exits(rig)).toEqual([]);
    expect(rig.summaries().at(-1)).toMatchObject({ exitOutcomes: { HOLD: 1 } });
    expect(rig.engine.runtime.status().unguardedPositions).toMatchObject([
      { positionId: "p", why: "it is of no decision that is kept, and strategy s is LONG by now" },
    ]);
  });

  it("is unguarded where its strategy is not stored any more (R86)", async () => {
    const rig = await held();
    rig.stores.strategies.remove("s");
    await rig.engine.runtime.refresh();
    await rig.close({ BTC: 50 });
    expect(await exits(rig)).toEqual([]);
    expect(rig.engine.runtime.status().unguardedPositions).toMatchObject([
      { positionId: "p", why: "strategy s is not stored any more" },
    ]);
  });
});

describe("exits after a restart", () => {
  it("are those that there would have been without one", async () => {
    const changes = { trailingStop: { distancePct: 0.05 }, cooldownMs: 3_600_000 };
    const closes = [103, 104, 101, 110, 109, 105, 104, 103];
    const whole = await held(changes);
    for (const close of closes) {
      await whole.close({ BTC: close });
    }
    const expected = await exits(whole);
    expect(expected.length).toBeGreaterThan(3);
    await whole.stop();
    for (let stop = 0; stop < closes.length; stop++) {
      const first = await held(changes);
      for (const close of closes.slice(0, stop)) {
        await first.close({ BTC: close });
      }
      await first.stop();
      const { stores, clock, feed } = first;
      const second = await startRig({ stores, clock, feed });
      for (const close of closes.slice(stop)) {
        await second.close({ BTC: close });
      }
      expect(await exits(second), `stopped after ${stop} closes`).toEqual(expected);
      await second.stop();
    }
  });
});

describe("a one-shot call that asks for exits", () => {
  it("is told what stands for open positions on its symbols (R87)", async () => {
    const rig = await held({ trailingStop: { distancePct: 0.05 } });
    await rig.close({ BTC: 102 });
    await rig.close({ BTC: 110 });
    const { decisions } = await rig.sweep({ includeExits: true, dryRun: true });
    expect(decisions.map(told)).toEqual([["ADJUST", undefined, 104.5, 150]]);
    expect((await rig.sweep({ dryRun: true })).decisions).toEqual([]);
    expect((await rig.sweep({ includeExits: true, dryRun: true, symbols: ["ETH"] })).decisions).toEqual([]);
  });
});

describe("a journal that cannot be written", () => {
  it("leaves positions unguarded, and says why (R86)", async () => {
    const rig = await held();
    const { append } = rig.stores.journal;
    rig.stores.journal.append = async () => {
      throw new Error("the disk is full");
    };
    await rig.close({ BTC: 80 });
    expect(rig.engine.runtime.status().unguardedPositions).toMatchObject([
      { positionId: "p", why: expect.stringContaining("the disk is full") },
    ]);
    rig.stores.journal.append = append;
    await rig.close({ BTC: 80 });
    await rig.close({ BTC: 80 });
    expect((await exits(rig)).map(told)).toContainEqual(["CLOSE", "STOP", 90, 150]);
    expect(rig.engine.runtime.status()).not.toHaveProperty("unguardedPositions");
  });
});

describe("an exit rule (R83)", () => {
  const rule = (...texts: readonly string[]): RuleDraft => ({
    kind: "any",
    rules: texts.map((text) => ({ kind: "condition", condition: conditionOf(text) })),
  });

  it("closes where it holds, and says what held", async () => {
    const rig = await held({ takeProfitPct: 0, exit: rule("CLOSE > 120", "SMA_2 < 95") });
    for (const close of [110, 96, 92]) {
      await rig.close({ BTC: close });
    }
    const [only, ...more] = await exits(rig);
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      action: "CLOSE",
      exitReason: "EXIT_RULE",
      reasoning: "CLOSE EXIT_RULE LONG BTC, position p: the exit rule holds: SMA_2 < 95 (94)",
      conditions: [
        { condition: "CLOSE > 120", path: "any[0]", met: false },
        { condition: "SMA_2 < 95", path: "any[1]", left: 94, met: true },
      ],
    });
  });

  it.each([
    ["POSITION_PNL > 0.05", "LONG", [104, 106]],
    ["POSITION_PNL > 0.05", "SHORT", [96, 94]],
    ["POSITION_BARS >= 2", "LONG", [100, 100]],
    ["POSITION_DRAWDOWN >= 0.05", "LONG", [110, 104]],
  ] as const)("may read %s of %s", async (text, side, closes) => {
    const rig = await held({ side, exit: rule(text) });
    for (const close of closes) {
      expect(await exits(rig)).toEqual([]);
      await rig.close({ BTC: close });
    }
    expect((await exits(rig)).map(({ exitReason }) => exitReason)).toEqual(["EXIT_RULE"]);
  });

  it("goes before TIME (R85)", async () => {
    const rig = await held({ maxHoldingTimeMs: MINUTE, exit: rule("POSITION_BARS >= 1") });
    await rig.close({ BTC: 100 });
    expect((await exits(rig)).map(({ exitReason }) => exitReason)).toEqual(["EXIT_RULE"]);
  });

  it("is that of the version that made the decision, with what it reads", async () => {
    const rig = await held({ exit: rule("SMA_3 > 100") });
    await rig.save("s", "CLOSE == 100", { stopLossPct: 0.1, exit: rule("CLOSE > 1") });
    await rig.engine.strategies.setStatus("s", "DISABLED", "test");
    for (const close of [98, 99, 104]) {
      await rig.close({ BTC: close });
    }
    expect(await exits(rig)).toMatchObject([
      { exitReason: "EXIT_RULE", strategyVersion: 1, barCloseTime: T0 + 4 * MINUTE },
    ]);
  });

  it("is unknown while an indicator is not ready, and its decision says that it must be obeyed", async () => {
    const rig = await held({ exit: rule("SMA_50 > 1000") });
    const [decision] = await rig.journaled();
    expect(decision?.exitPlan).toMatchObject({ exitRule: true });
    await rig.close({ BTC: 101 });
    expect(rig.summaries().at(-1)).toMatchObject({ exitOutcomes: { INDICATOR_NOT_READY: 1 } });
  });
});

describe("EvaluateExit (R89)", () => {
  it("explains an open position at the newest close, and changes nothing", async () => {
    const exit: RuleDraft = { kind: "condition", condition: conditionOf("POSITION_PNL > 0.2") };
    const rig = await held({ trailingStop: { distancePct: 0.05 }, maxHoldingTimeMs: 10 * MINUTE, exit });
    await rig.close({ BTC: 110 });
    const journaled = await rig.journaled();
    const evaluation = await rig.engine.runtime.evaluateExit("p");
    expect(evaluation).toMatchObject({
      positionId: "p",
      strategyId: "s",
      symbol: "BTC",
      outcome: "ADJUST",
      stopLoss: 104.5,
      takeProfit: 150,
      close: 110,
      pnlPct: 0.1,
      remainingMs: 9 * MINUTE,
      barCloseTime: T0 + 2 * MINUTE,
      conditions: [{ condition: "POSITION_PNL > 0.2", left: 0.1, met: false }],
    });
    expect(evaluation.decision).toEqual(journaled.at(-1));
    expect(evaluation.explanation).toContain(
      "stop 104.5, 5 % away; target 150, 36.36 % away; exit rule: POSITION_PNL > 0.2: is 0.1, does not hold; 9 min left",
    );
    expect(await rig.journaled()).toEqual(journaled);
    await rig.close({ BTC: 109 });
    expect(await rig.engine.runtime.evaluateExit("p")).toMatchObject({ outcome: "HOLD", pnlPct: 0.09 });
  });

  it("knows only positions that are open", async () => {
    const rig = await held();
    await expect(rig.engine.runtime.evaluateExit("q")).rejects.toMatchObject({
      code: "not_found",
      message: 'no position "q" is open here; give position_id as it was reported opened',
    });
  });
});
