import { expect, it } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { OUTCOMES, type Outcome } from "../../src/domain/decision.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { StrategyDraft } from "../../src/domain/strategy.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import type { SignalEvaluator, Verdict } from "../../src/ports/signal-evaluator.ts";
import { history, onBothPaths, openingOf, type Rig, type RigOptions, startRig } from "./rig.ts";

const HISTORY: RigOptions = {
  symbols: [],
  prepare(feed) {
    history(feed, "BTC", "1m", [100, 101, 102]);
    history(feed, "ETH", "1m", [10, 11, 12]);
  },
};

/** What makes each outcome apply, each by itself, to strategy "s" on BTC. */
interface Cause {
  readonly conditions?: string;
  readonly changes?: Partial<StrategyDraft>;
  readonly options?: RigOptions;
  readonly before?: (rig: Rig) => unknown;
  readonly symbol?: string;
}

const veto: SignalEvaluator = { name: "news", evaluate: () => ({ veto: "earnings today" }) };

const CAUSES: Readonly<Partial<Record<Outcome, Cause>>> = {
  HALTED: { before: (rig) => rig.engine.policy.change({ halted: true, haltReason: "maintenance" }) },
  POLICY_UNAVAILABLE: {
    before(rig) {
      rig.stores.policy.plant({ riskMode: "YOLO" });
      return rig.pass(1_000);
    },
  },
  NOT_ACTIVE: { changes: { status: "DISABLED" } },
  NOT_ALLOWED: { before: (rig) => rig.engine.policy.change({ allowedStrategies: ["other"] }) },
  SYMBOL_NOT_COVERED: { changes: { symbols: ["ETH"] } },
  REGIME_UNKNOWN: { changes: { allowedRegimes: ["bull"] } },
  REGIME_NOT_ALLOWED: {
    changes: { allowedRegimes: ["bull"] },
    before: (rig) => rig.engine.policy.change({ currentRegime: "Bull" }),
  },
  MARKET_DATA_UNAVAILABLE: {
    before(rig) {
      rig.feed.priceFault = new RuntimeError("unavailable", "no trades");
    },
  },
  INDICATOR_NOT_READY: { conditions: "SMA_200 > 1" },
  CONDITIONS_NOT_MET: { conditions: "CLOSE > 1000" },
  NOT_TRIGGERED: { changes: { trigger: "EDGE" } },
  LOW_CONFIDENCE: { changes: { minConfidence: 0.9 } },
  VETOED: { options: { evaluators: [veto] } },
  ALREADY_DECIDED: { before: (rig) => rig.sweep() },
  // On the next bar it has not decided yet.
  COOLDOWN: {
    changes: { cooldownMs: 3_600_000 },
    async before(rig) {
      await rig.sweep();
      await rig.close({ BTC: 103 });
    },
  },
  MAX_POSITIONS: {
    changes: { maxPositions: 1 },
    before: (rig) => rig.engine.performance.opened(openingOf("p")),
  },
  FAILED: {
    changes: { baseSizeUsd: Number.MAX_VALUE },
    before: (rig) => rig.engine.policy.change({ riskMode: "AGGRESSIVE" }),
  },
  LEVELS_INVALID: { changes: { stopLossPct: 0, stopLossAt: "CLOSE" } },
  DECIDED: {},
};

/**
 * Both causes at once, the later one's conditions first unless the earlier gives some; what
 * Evaluate says.
 */
async function judgedUnder(...causes: readonly Cause[]) {
  const conditions = causes.find((cause) => cause.conditions !== undefined)?.conditions ?? "CLOSE > 1";
  const changes = Object.assign({}, ...causes.map((cause) => cause.changes));
  const rig = await startRig(Object.assign({}, HISTORY, ...causes.map((cause) => cause.options)));
  await rig.save("s", conditions, changes);
  // The later ones leave state behind that the earlier ones would not let come about.
  for (const cause of causes.toReversed()) {
    await cause.before?.(rig);
  }
  return { rig, evaluation: await rig.evaluate({}) };
}

onBothPaths("R26: outcomes", () => {
  it.each(OUTCOMES.filter((outcome) => CAUSES[outcome] !== undefined))("reach %s", async (outcome) => {
    const { rig, evaluation } = await judgedUnder(CAUSES[outcome] ?? {});
    expect(evaluation.outcome).toBe(outcome);
    expect(evaluation.explanation.length).toBeGreaterThan(20);
    const swept = await rig.sweep({ strategyIds: ["s"], dryRun: true });
    expect(swept.summary.outcomes).toStrictEqual({ [outcome]: 1 });
  });

  it("has a cause for every outcome", () => {
    expect(Object.keys(CAUSES)).toStrictEqual([...OUTCOMES]);
  });

  /**
   * HALTED with an unavailable policy, and both regimes' refusals, cannot be together; the next in
   * order stands in.
   */
  const pairs: readonly (readonly [Outcome, Outcome])[] = [
    ["HALTED", "NOT_ACTIVE"],
    ["POLICY_UNAVAILABLE", "NOT_ACTIVE"],
    ["NOT_ACTIVE", "NOT_ALLOWED"],
    ["NOT_ALLOWED", "SYMBOL_NOT_COVERED"],
    ["SYMBOL_NOT_COVERED", "REGIME_UNKNOWN"],
    ["SYMBOL_NOT_COVERED", "REGIME_NOT_ALLOWED"],
    ["REGIME_UNKNOWN", "MARKET_DATA_UNAVAILABLE"],
    ["REGIME_NOT_ALLOWED", "MARKET_DATA_UNAVAILABLE"],
    ["MARKET_DATA_UNAVAILABLE", "INDICATOR_NOT_READY"],
    ["MARKET_DATA_UNAVAILABLE", "CONDITIONS_NOT_MET"],
    ["INDICATOR_NOT_READY", "NOT_TRIGGERED"],
    ["CONDITIONS_NOT_MET", "NOT_TRIGGERED"],
    ["NOT_TRIGGERED", "LOW_CONFIDENCE"],
    ["LOW_CONFIDENCE", "VETOED"],
    ["MAX_POSITIONS", "FAILED"],
    ["MAX_POSITIONS", "LEVELS_INVALID"],
    ["FAILED", "LEVELS_INVALID"],
  ];
  it.each(pairs)("say %s rather than %s where both apply", async (first, second) => {
    const { evaluation } = await judgedUnder(CAUSES[first] ?? {}, CAUSES[second] ?? {});
    expect(evaluation.outcome).toBe(first);
  });

  it("say ALREADY_DECIDED, then COOLDOWN, rather than MAX_POSITIONS", async () => {
    const rig = await startRig(HISTORY);
    const changes = { maxPositions: 1, cooldownMs: 3_600_000 };
    await rig.save("s", "CLOSE > 1", changes);
    await rig.sweep();
    await rig.engine.performance.opened(openingOf("p"));
    expect((await rig.evaluate({})).outcome).toBe("ALREADY_DECIDED");
    await rig.close({ BTC: 103, ETH: 13 });
    expect((await rig.evaluate({})).outcome).toBe("COOLDOWN");
    expect((await rig.evaluate({ symbol: "ETH" })).outcome).toBe("MAX_POSITIONS");
  });

  it("say ALREADY_DECIDED rather than COOLDOWN, and VETOED rather than ALREADY_DECIDED", async () => {
    let vetoes = false;
    const evaluator: SignalEvaluator = { name: "news", evaluate: (): Verdict => (vetoes ? { veto: "no" } : {}) };
    const rig = await startRig({ ...HISTORY, evaluators: [evaluator] });
    await rig.save("s", "CLOSE > 1", { cooldownMs: 3_600_000 });
    await rig.sweep();
    expect((await rig.evaluate({})).outcome).toBe("ALREADY_DECIDED");
    vetoes = true;
    expect((await rig.evaluate({})).outcome).toBe("VETOED");
  });

  it("carry strength and confidence exactly where the conditions hold", async () => {
    for (const [outcome, cause] of Object.entries(CAUSES)) {
      const { evaluation } = await judgedUnder(cause);
      const holds = !["INDICATOR_NOT_READY", "CONDITIONS_NOT_MET"].includes(outcome);
      expect({ outcome, holds: evaluation.strength !== undefined }).toStrictEqual({ outcome, holds });
      expect({ outcome, holds: evaluation.confidence !== undefined }).toStrictEqual({ outcome, holds });
      expect(evaluation.decision !== undefined).toBe(outcome === "DECIDED");
    }
  });

  it("FAILED where an evaluator throws, which stops no other, and tells strength all the same", async () => {
    const evaluator: SignalEvaluator = {
      name: "flaky",
      evaluate({ symbol }) {
        if (symbol === "BTC") {
          throw new Error("boom");
        }
        return {};
      },
    };
    const rig = await startRig({ ...HISTORY, evaluators: [evaluator] });
    await rig.save("s", "CLOSE > 1");
    const swept = await rig.sweep({ symbols: ["BTC", "ETH"] });
    expect(swept.summary.outcomes).toStrictEqual({ FAILED: 1, DECIDED: 1 });
    expect(swept.suppressions[0]?.explanation).toContain("flaky threw: boom");
    expect(await rig.evaluate({})).toMatchObject({ outcome: "FAILED", strength: 0.5, confidence: 0.5 });
    expect(rig.events.filter(({ kind }) => kind === "evaluation_failed")).toHaveLength(2);
  });

  it("requires the strategy's own confidence where there is no policy", async () => {
    const { evaluation } = await judgedUnder({ changes: { minConfidence: 0.4 } }, CAUSES.POLICY_UNAVAILABLE ?? {});
    expect(evaluation.requiredConfidence).toBe(0.4);
  });
});

onBothPaths("R28: regimes", () => {
  it.each([
    ["none", [], undefined, "DECIDED"],
    ["none", [], "bear", "DECIDED"],
    ["bull", ["bull"], undefined, "REGIME_UNKNOWN"],
    ["bull", ["bull"], "bull", "DECIDED"],
    ["bull", ["bull"], "BULL", "REGIME_NOT_ALLOWED"],
  ] as const)("a strategy for %s (%j) in %s is %s", async (_, allowedRegimes, currentRegime, outcome) => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1", { allowedRegimes: [...allowedRegimes] });
    const query = currentRegime === undefined ? {} : { currentRegime };
    const evaluation = await rig.evaluate(query);
    expect(evaluation.outcome).toBe(outcome);
    expect(evaluation.decision?.regime).toBe(outcome === "DECIDED" ? currentRegime : undefined);
  });

  it("the request's wins over the policy's, and an empty one in the store is unknown", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1", { allowedRegimes: ["bull"] });
    await rig.engine.policy.change({ currentRegime: "bull" });
    expect((await rig.evaluate({})).outcome).toBe("DECIDED");
    expect((await rig.evaluate({ currentRegime: "bear" })).outcome).toBe("REGIME_NOT_ALLOWED");
    rig.stores.policy.plant({ currentRegime: "" });
    await rig.pass(0);
    expect((await rig.evaluate({})).outcome).toBe("REGIME_UNKNOWN");
    await expect(rig.evaluate({ currentRegime: "" })).rejects.toMatchObject({ code: "invalid" });
  });
});

onBothPaths("R29: the policy", () => {
  it("is normal, at 0.5, for all, and not halted where its keys are absent", async () => {
    const rig = await startRig(HISTORY);
    rig.stores.policy.plant({ globalMinConfidence: null });
    expect(await rig.engine.policy.get()).toMatchObject({
      riskMode: "NORMAL",
      globalMinConfidence: 0.5,
      allowedStrategies: [],
      halted: false,
    });
  });

  it("is used for ten seconds after it was read, halted or not, and then says nothing", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1");
    await rig.engine.policy.change({ halted: true, haltReason: "lunch" });
    const read = rig.stores.policy.read;
    (rig.stores.policy as { read: typeof read }).read = async () => {
      throw new RuntimeError("unavailable", "redis is away");
    };
    await rig.pass(9_999);
    expect((await rig.evaluate({ price: 1 })).outcome).toBe("HALTED");
    await rig.pass(1_002);
    const { outcome, explanation } = await rig.evaluate({ price: 1 });
    expect(outcome).toBe("POLICY_UNAVAILABLE");
    expect(explanation).toContain("redis is away");
    (rig.stores.policy as { read: typeof read }).read = read;
    await rig.pass(1_000);
    expect((await rig.evaluate({ price: 1 })).outcome).toBe("HALTED");
  });

  it.each([
    [{ riskMode: "normal" }],
    [{ globalMinConfidence: Number.NaN }],
    [{ globalMinConfidence: -1 }],
    [{ globalMinConfidence: Number.POSITIVE_INFINITY }],
  ])("that cannot be read (%j) is unavailable at once, not default and not the one before", async (parts) => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1");
    expect((await rig.evaluate({})).outcome).toBe("DECIDED");
    rig.stores.policy.plant(parts);
    await rig.pass(0);
    expect((await rig.evaluate({})).outcome).toBe("POLICY_UNAVAILABLE");
    expect(rig.engine.runtime.status().ready).toBe(false);
  });

  it("is asked again before the journal: what was halted while a write took its time is not decided", async () => {
    const { rig, onItsWay, behind, write } = await twoCallsAndASlowWrite();
    await rig.engine.policy.change({ halted: true, haltReason: "flash crash" });
    write();
    expect((await onItsWay).decisions).toHaveLength(1);
    const { decisions, outcomes, suppressions } = await behind;
    expect(decisions).toEqual([]);
    expect(outcomes).toEqual({ "t BTC": "HALTED" });
    expect(suppressions[0]?.explanation).toContain("flash crash");
    expect(await rig.journaled()).toHaveLength(1);
  });

  it("lets nothing through with a confidence above 1 in the store", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1", { fitnessScore: 1 });
    rig.stores.policy.plant({ globalMinConfidence: 1.5 });
    await rig.pass(0);
    expect(await rig.evaluate({})).toMatchObject({ outcome: "LOW_CONFIDENCE", requiredConfidence: 1.5 });
  });
});

onBothPaths("a status", () => {
  it.each([
    ["DISABLED", { "t BTC": "NOT_ACTIVE" }],
    // A call that does not ask for SHADOW strategies does not evaluate them (R27).
    ["SHADOW", {}],
  ] as const)("that becomes %s while a write takes its time stops the decision behind it", async (status, outcomes) => {
    const { rig, onItsWay, behind, write } = await twoCallsAndASlowWrite();
    await rig.engine.strategies.setStatus("t", status, "enough");
    write();
    expect((await onItsWay).decisions).toHaveLength(1);
    expect((await behind).outcomes).toEqual(outcomes);
    expect(await rig.journaled()).toHaveLength(1);
  });
});

/** Strategy s is being written to the journal, and t has been judged and waits behind it. */
async function twoCallsAndASlowWrite() {
  const journal = memoryJournal();
  const written = Promise.withResolvers<void>();
  const slow: DecisionJournal = {
    ...journal,
    append: (decisions) => written.promise.then(() => journal.append(decisions)),
  };
  const rig = await startRig({ ...HISTORY, stores: { journal: slow } });
  await rig.save("s", "CLOSE > 1");
  await rig.save("t", "CLOSE > 1");
  const onItsWay = rig.sweep({ strategyIds: ["s"] });
  await rig.pass(0);
  const behind = rig.sweep({ strategyIds: ["t"] });
  await rig.pass(0);
  return { rig, onItsWay, behind, write: written.resolve };
}
