import type { Outcome, Suppression } from "../../../domain/decision.ts";
import { errorText } from "../../../domain/errors.ts";
import { guarded } from "../../../domain/guarded.ts";
import { type Observer, thrownIn } from "../../../ports/observer.ts";
import type { Pace } from "../../concurrency/pace.ts";
import type { CompiledStrategy } from "../../rules/conditions/compiled-strategy.ts";
import type { Refusal } from "../../rules/gates/refusal.ts";
import { Candidate, type CandidateContext } from "../../rules/judging/candidate.ts";
import {
  explainRefusal,
  type JudgeContext,
  type JudgeMarket,
  type Judgement,
  judge,
} from "../../rules/judging/judge.ts";
import { BlockSweep, type Hit } from "../../rules/sets/block-sweep.ts";
import type { StrategySet } from "../../rules/sets/strategy-set.ts";

/** Pairs judged as sets between two looks at the clock; some tenths of a millisecond. */
const PAIRS_A_STEP = 500_000;
/** Pairs judged as sets in a microsecond, at least. */
const PAIRS_A_US = 200;

/**
 * Pairs that did not fire of which the observer is told, of each sweep: the log tells counts, and
 * these for their words.
 */
export const MOST_REPORTED = 100;

/** Some strategies to judge on one symbol at one bar. */
export interface SweepUnit {
  readonly set: StrategySet;
  readonly symbol: string;
  /**
   * The market; asked for when the unit's turn has come, so that it is never older than the
   * judgement.
   */
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
  /**
   * Judges every pair by itself, as where somebody asks for suppressions; for tests, and some 40
   * times slower.
   */
  readonly pairByPair?: boolean;
}

/** Judges units once, under one policy, and counts what became of every pair (R27). */
export class JudgingPass {
  readonly #dependencies: PassDependencies;
  readonly #context: JudgeContext;
  /** Absent without a policy, where nothing is decided. */
  readonly #decide: CandidateContext | undefined;
  readonly #pace: Pace;
  /** Present where somebody asks for what did not fire. */
  readonly suppressions: Suppression[] | undefined;
  readonly outcomes = new Map<Outcome, number>();
  /** Pairs that are left for the stateful gates. */
  readonly candidates: Candidate[] = [];
  readonly #isPairByPair: boolean;
  #reported = 0;

  constructor(dependencies: PassDependencies, context: JudgeContext, pace: Pace, isExplained: boolean) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#decide = candidateContext(dependencies, context);
    this.#pace = pace;
    this.suppressions = isExplained ? [] : undefined;
    this.#isPairByPair = isExplained || dependencies.pairByPair === true;
  }

  async judge(units: readonly SweepUnit[]): Promise<void> {
    this.#pace.begin();
    if (this.#isPairByPair) {
      for (const unit of units) {
        await this.#judgeEach(unit);
      }
      return;
    }
    const { observer } = this.#dependencies;
    for (const [set, block] of blocksOf(units)) {
      await this.#judgeBlock(set, block);
    }
    if (observer.wantsSuppressions) {
      guarded(() => this.#reportSome(units), thrownIn(observer, "sweep"));
    }
  }

  /** Counts evaluations. */
  tally(outcome: Outcome, count: number): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + count);
  }

  /** Counts a pair that did not fire. */
  refuse(judgement: Judgement, refusal: Refusal): void {
    const pair = { strategyId: judgement.compiled.strategy.strategyId, symbol: judgement.market.symbol };
    this.#count(pair, refusal, judgement.error);
  }

  #count(pair: Pair, refusal: Refusal, error: unknown): void {
    if (refusal.outcome === "FAILED") {
      const thrown = error ?? new Error(refusal.because);
      this.#dependencies.observer.observe({ kind: "evaluation_failed", ...pair, error: thrown });
    }
    const isTold = this.suppressions !== undefined || this.#reportsMore;
    const suppression = isTold ? suppressionOf(pair, refusal) : undefined;
    this.tally(refusal.outcome, 1);
    if (suppression !== undefined) {
      this.suppressions?.push(suppression);
      this.#report(suppression);
    }
  }

  /**
   * Whether the observer is to hear of one more that did not fire. Nothing but what is told depends
   * on it.
   */
  get #reportsMore(): boolean {
    return this.#reported < MOST_REPORTED && this.#dependencies.observer.wantsSuppressions;
  }

  #report(suppression: Suppression): void {
    if (this.#reportsMore) {
      this.#reported++;
      this.#dependencies.observer.observe({ kind: "suppressed", suppression });
    }
  }

  /**
   * Judges some of the pairs that were counted as sets, spread over all, once more for their words.
   */
  #reportSome(units: readonly SweepUnit[]): void {
    const context = { ...this.#context, evaluators: [] };
    const step = Math.max(1, Math.ceil(pairsOf(units) / MOST_REPORTED));
    let next = 0;
    for (const unit of units) {
      const { strategies } = unit.set;
      const market = next < strategies.length ? unit.market() : undefined;
      for (; market !== undefined && next < strategies.length; next += step) {
        const judgement = judge(strategies[next] as CompiledStrategy, market, context, false);
        // Where the conditions hold, the pair was judged by itself, and told of then.
        if (judgement.refusal !== undefined && judgement.strength === undefined) {
          const { strategyId } = judgement.compiled.strategy;
          this.#report(suppressionOf({ strategyId, symbol: market.symbol }, judgement.refusal));
        }
      }
      next -= strategies.length;
    }
  }

  /** Pair by pair, with an explanation of each. */
  async #judgeEach(unit: SweepUnit): Promise<void> {
    let market: JudgeMarket | undefined;
    const marketNow = () => {
      market ??= unit.market();
      return market;
    };
    for (const compiled of unit.set.strategies) {
      if (this.#pace.isLateAfter(1)) {
        await this.#pace.rest();
        market = undefined;
      }
      this.#judgePair(compiled, unit, marketNow);
    }
  }

  /**
   * The same strategies on many symbols, as sets. Where that throws, each pair is judged by itself:
   * those at fault are FAILED, and all others what they are.
   */
  async #judgeBlock(set: StrategySet, units: readonly SweepUnit[]): Promise<void> {
    const outcomes = [...this.outcomes];
    const candidates = this.candidates.length;
    try {
      await this.#judgeAsSets(set, units);
    } catch (error) {
      thrownIn(this.#dependencies.observer, "sweep")(error);
      this.outcomes.clear();
      for (const [outcome, count] of outcomes) {
        this.outcomes.set(outcome, count);
      }
      this.candidates.length = candidates;
      for (const unit of units) {
        await this.#judgeEach(unit);
      }
    }
  }

  /** Counted as sets, and judged pair by pair only where the conditions hold. */
  async #judgeAsSets(set: StrategySet, units: readonly SweepUnit[]): Promise<void> {
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
      const marketNow = () => {
        markets[symbol] ??= unit.market();
        return markets[symbol];
      };
      this.#judgePair(compiled, unit, marketNow);
    }
  }

  /** R27: whatever is thrown, the pair counts once. */
  #judgePair(compiled: CompiledStrategy, unit: SweepUnit, market: () => JudgeMarket): void {
    try {
      this.#tryPair(compiled, unit, market());
    } catch (error) {
      const pair = { strategyId: compiled.strategy.strategyId, symbol: unit.symbol };
      this.#count(pair, { outcome: "FAILED", because: errorText(error) }, error);
    }
  }

  #tryPair(compiled: CompiledStrategy, unit: SweepUnit, market: JudgeMarket): void {
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

/** How many evaluations judging these comes to. */
export function pairsOf(units: readonly SweepUnit[]): number {
  return units.reduce((sum, { set }) => sum + set.strategies.length, 0);
}

interface Pair {
  readonly strategyId: string;
  readonly symbol: string;
}

function suppressionOf(pair: Pair, refusal: Refusal): Suppression {
  return { ...pair, outcome: refusal.outcome, explanation: explainRefusal(refusal) };
}

/** The units of the same strategies together; nearly always all of them are. */
function blocksOf(units: readonly SweepUnit[]): Iterable<readonly [StrategySet, readonly SweepUnit[]]> {
  const [first] = units;
  if (first === undefined) {
    return [];
  }
  return units.every(({ set }) => set === first.set) ? [[first.set, units]] : Map.groupBy(units, ({ set }) => set);
}

function candidateContext(
  dependencies: PassDependencies,
  { inForce, regime }: JudgeContext,
): CandidateContext | undefined {
  const { dataSource, maxPositionSizeUsd } = dependencies;
  const { policy } = inForce;
  return policy && { policy, regime, dataSource, maxPositionSizeUsd };
}
