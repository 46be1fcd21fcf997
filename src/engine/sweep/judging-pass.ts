import type { Outcome, Suppression } from "../../domain/decision.ts";
import type { Observer } from "../../ports/observer.ts";
import { Candidate, type DecideContext } from "../deciding/decide.ts";
import type { Refusal } from "../gates/refusal.ts";
import { explainRefusal, type JudgeContext, type JudgeMarket, type Judgement, judge } from "../judging/judge.ts";
import type { Pace } from "../pace.ts";
import type { CompiledStrategy } from "../strategies/compile.ts";
import { BlockSweep, type Hit } from "./block-sweep.ts";
import type { StrategySet } from "./strategy-set.ts";

/** Pairs judged as sets between two looks at the clock; some tenths of a millisecond. */
const PAIRS_A_STEP = 500_000;
/** Pairs judged as sets in a microsecond, at least. */
const PAIRS_A_US = 200;

/** Some strategies to judge on one symbol at one bar. */
export interface SweepUnit {
  readonly set: StrategySet;
  /** Asked for when the unit's turn has come, so that it is never older than the judgement. */
  readonly market: () => JudgeMarket;
  /** R24; asked for where a decision is made. */
  readonly entryPrice: () => number;
  /** R36. */
  readonly timestamp: number;
}

export interface PassDependencies {
  readonly observer: Observer;
  readonly dataSource: string;
  readonly maxPositionSizeUsd?: number;
}

/** Judges units once, under one policy, and counts what became of every pair (R27). */
export class JudgingPass {
  readonly #dependencies: PassDependencies;
  readonly #context: JudgeContext;
  /** Absent without a policy, where nothing is decided. */
  readonly #decide: DecideContext | undefined;
  readonly #pace: Pace;
  /** Present where somebody asks for what did not fire. */
  readonly suppressions: Suppression[] | undefined;
  readonly outcomes = new Map<Outcome, number>();
  /** What is left for the stateful gates. */
  readonly candidates: Candidate[] = [];

  constructor(dependencies: PassDependencies, context: JudgeContext, pace: Pace, isExplained: boolean) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#decide = decideContext(dependencies, context);
    this.#pace = pace;
    this.suppressions = isExplained ? [] : undefined;
  }

  async judge(units: readonly SweepUnit[]): Promise<void> {
    this.#pace.begin();
    if (this.#isExplained) {
      for (const unit of units) {
        await this.#judgeEach(unit);
      }
      return;
    }
    for (const [set, block] of blocksOf(units)) {
      await this.#judgeBlock(set, block);
    }
  }

  /** Counts evaluations. */
  tally(outcome: Outcome, count: number): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + count);
  }

  /** Counts a pair that did not fire. */
  refuse(judgement: Judgement, refusal: Refusal): void {
    const { strategyId } = judgement.compiled.strategy;
    const { symbol } = judgement.market;
    if (refusal.outcome === "FAILED") {
      const error = judgement.error ?? new Error(refusal.because);
      this.#dependencies.observer.observe({ kind: "evaluation_failed", strategyId, symbol, error });
    }
    this.tally(refusal.outcome, 1);
    if (this.#isExplained) {
      const suppression = { strategyId, symbol, outcome: refusal.outcome, explanation: explainRefusal(refusal) };
      this.suppressions?.push(suppression);
      this.#dependencies.observer.observe({ kind: "suppressed", suppression });
    }
  }

  /** Whether anybody hears of what did not fire. */
  get #isExplained(): boolean {
    return this.suppressions !== undefined || this.#dependencies.observer.wantsSuppressions;
  }

  /** Pair by pair, with an explanation of each. */
  async #judgeEach(unit: SweepUnit): Promise<void> {
    let market = unit.market();
    for (const compiled of unit.set.strategies) {
      if (this.#pace.isLateAfter(1)) {
        await this.#pace.rest();
        market = unit.market();
      }
      this.#judgePair(compiled, unit, market);
    }
  }

  /** The same strategies on many symbols: counted as sets, and judged pair by pair only where the conditions hold. */
  async #judgeBlock(set: StrategySet, units: readonly SweepUnit[]): Promise<void> {
    const pace = this.#pace;
    const { length } = set.strategies;
    const unitAt = (place: number) => units[place] as SweepUnit;
    const plan = set.made ?? (await set.plan(pace));
    const marketOf = (place: number) => unitAt(place).market();
    const sweep = BlockSweep.areFew(plan, units.length)
      ? BlockSweep.ofFew(plan, units.length, marketOf, this.#context)
      : await BlockSweep.of(plan, units.length, marketOf, this.#context, pace);
    try {
      const step = Math.max(1, Math.floor(PAIRS_A_STEP / units.length));
      for (let from = 0; from < length; from += step) {
        const { outcomes, hits } = sweep.judge(from, Math.min(length, from + step));
        for (const [outcome, count] of outcomes) {
          this.tally(outcome, count);
        }
        if (hits.length > 0) {
          await this.#judgeHits(hits, unitAt);
        }
        if (pace.isLateAfter((units.length * step) / PAIRS_A_US)) {
          await pace.rest();
        }
      }
    } finally {
      sweep.end();
    }
  }

  async #judgeHits(hits: readonly Hit[], unitAt: (place: number) => SweepUnit): Promise<void> {
    let markets: JudgeMarket[] = [];
    for (const { compiled, symbol } of hits) {
      if (this.#pace.isLateAfter(1)) {
        await this.#pace.rest();
        markets = [];
      }
      const unit = unitAt(symbol);
      markets[symbol] ??= unit.market();
      this.#judgePair(compiled, unit, markets[symbol]);
    }
  }

  #judgePair(compiled: CompiledStrategy, unit: SweepUnit, market: JudgeMarket): void {
    const judgement = judge(compiled, market, this.#context, false);
    if (judgement.metadataCut !== undefined) {
      const { strategyId } = compiled.strategy;
      const reason = judgement.metadataCut;
      this.#dependencies.observer.observe({ kind: "metadata_cut", strategyId, symbol: market.symbol, reason });
    }
    if (judgement.refusal !== undefined) {
      this.refuse(judgement, judgement.refusal);
    } else if (this.#decide !== undefined) {
      const moment = { entryPrice: unit.entryPrice(), timestamp: unit.timestamp };
      this.candidates.push(new Candidate(judgement, this.#decide, moment));
    }
  }
}

/** The units of the same strategies together; nearly always all of them are. */
function blocksOf(units: readonly SweepUnit[]): Iterable<readonly [StrategySet, readonly SweepUnit[]]> {
  const [first] = units;
  if (first === undefined) {
    return [];
  }
  return units.every(({ set }) => set === first.set) ? [[first.set, units]] : Map.groupBy(units, ({ set }) => set);
}

function decideContext(dependencies: PassDependencies, { inForce, regime }: JudgeContext): DecideContext | undefined {
  const { dataSource, maxPositionSizeUsd } = dependencies;
  const { policy } = inForce;
  return policy && { policy, regime, dataSource, maxPositionSizeUsd };
}
