import type { Decision, Outcome, Suppression, SweepSummary } from "../../domain/decision.ts";
import { errorText } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Observer } from "../../ports/observer.ts";
import type { Tracer } from "../../ports/tracer.ts";
import type { Committed, Committer } from "../deciding/committer.ts";
import { Candidate, type DecideContext } from "../deciding/decide.ts";
import { explainRefusal, type JudgeContext, type JudgeMarket, type Judgement, judge } from "../judging/judge.ts";
import type { Refusal } from "../judging/policy-gates.ts";
import { Pace } from "../pace.ts";
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

/** What judging is done under, and what came of it. */
interface Judging {
  readonly context: JudgeContext;
  /** Absent without a policy, where nothing is decided. */
  readonly decide: DecideContext | undefined;
  readonly candidates: Candidate[];
}

/** The units of the same strategies together; nearly always all of them are. */
function blocksOf(units: readonly SweepUnit[]): Iterable<readonly [StrategySet, readonly SweepUnit[]]> {
  const [first] = units;
  if (first === undefined) {
    return [];
  }
  return units.every(({ set }) => set === first.set) ? [[first.set, units]] : Map.groupBy(units, ({ set }) => set);
}

/** How many evaluations judging these comes to. */
export function pairsOf(units: readonly SweepUnit[]): number {
  return units.reduce((sum, { set }) => sum + set.strategies.length, 0);
}

export interface SweepDependencies {
  readonly clock: Clock;
  readonly observer: Observer;
  readonly tracer: Tracer;
  readonly committer: Committer;
  readonly dataSource: string;
  readonly maxPositionSizeUsd?: number;
}

/** One sweep, or the part of it that could be judged so far: counts every evaluation once (R27). */
export class SweepRun {
  readonly #dependencies: SweepDependencies;
  readonly #onSuppression: ((suppression: Suppression) => void) | undefined;
  readonly #outcomes: Partial<Record<Outcome, number>> = {};
  readonly #startedAt: number;
  readonly #pace: Pace;
  #evaluations = 0;
  #endedAt: number;

  /** `startedAt`: monotonic ms; now, unless said otherwise. */
  constructor(
    dependencies: SweepDependencies,
    onSuppression?: (suppression: Suppression) => void,
    startedAt = dependencies.clock.monotonic(),
  ) {
    this.#dependencies = dependencies;
    this.#onSuppression = onSuppression;
    this.#startedAt = startedAt;
    this.#endedAt = startedAt;
    this.#pace = new Pace(dependencies.clock, startedAt);
  }

  /** Counts an evaluation that had no judging, such as of a stored strategy that is not loaded. */
  count(strategyId: string, symbol: string, refusal: Refusal): void {
    this.#tally(refusal.outcome, 1);
    if (this.#isExplained) {
      const suppression = { strategyId, symbol, outcome: refusal.outcome, explanation: explainRefusal(refusal) };
      this.#onSuppression?.(suppression);
      this.#dependencies.observer.observe({ kind: "suppressed", suppression });
    }
  }

  /** Judges the units; what passes are candidates for the stateful gates. */
  async judge(units: readonly SweepUnit[], context: JudgeContext): Promise<readonly Candidate[]> {
    this.#pace.begin();
    const judging: Judging = { context, decide: this.#decideContext(context), candidates: [] };
    if (this.#isExplained) {
      for (const unit of units) {
        await this.#judgeEach(unit, judging);
      }
    } else {
      for (const [set, block] of blocksOf(units)) {
        await this.#judgeBlock(set, block, judging);
      }
    }
    return judging.candidates;
  }

  /** Whether anybody hears of what did not fire. */
  get #isExplained(): boolean {
    return this.#onSuppression !== undefined || this.#dependencies.observer.wantsSuppressions;
  }

  /** Pair by pair, with an explanation of each. */
  async #judgeEach(unit: SweepUnit, judging: Judging): Promise<void> {
    let market = unit.market();
    for (const compiled of unit.set.strategies) {
      if (this.#pace.isLateAfter(1)) {
        await this.#pace.rest();
        market = unit.market();
      }
      this.#judgePair(compiled, unit, market, judging);
    }
  }

  /** The same strategies on many symbols: counted as sets, and judged pair by pair only where the conditions hold. */
  async #judgeBlock(set: StrategySet, units: readonly SweepUnit[], judging: Judging): Promise<void> {
    const pace = this.#pace;
    const { length } = set.strategies;
    const unitAt = (place: number) => units[place] as SweepUnit;
    const plan = set.made ?? (await set.plan(pace));
    const marketOf = (place: number) => unitAt(place).market();
    const sweep = BlockSweep.areFew(plan, units.length)
      ? BlockSweep.ofFew(plan, units.length, marketOf, judging.context)
      : await BlockSweep.of(plan, units.length, marketOf, judging.context, pace);
    try {
      const step = Math.max(1, Math.floor(PAIRS_A_STEP / units.length));
      for (let from = 0; from < length; from += step) {
        const { outcomes, hits } = sweep.judge(from, Math.min(length, from + step));
        for (const [outcome, count] of outcomes) {
          this.#tally(outcome, count);
        }
        if (hits.length > 0) {
          await this.#judgeHits(hits, unitAt, judging);
        }
        if (pace.isLateAfter((units.length * step) / PAIRS_A_US)) {
          await pace.rest();
        }
      }
    } finally {
      sweep.end();
    }
  }

  async #judgeHits(hits: readonly Hit[], unitAt: (place: number) => SweepUnit, judging: Judging): Promise<void> {
    let markets: JudgeMarket[] = [];
    for (const { compiled, symbol } of hits) {
      if (this.#pace.isLateAfter(1)) {
        await this.#pace.rest();
        markets = [];
      }
      const unit = unitAt(symbol);
      markets[symbol] ??= unit.market();
      this.#judgePair(compiled, unit, markets[symbol], judging);
    }
  }

  #judgePair(compiled: CompiledStrategy, unit: SweepUnit, market: JudgeMarket, judging: Judging): void {
    const judgement = judge(compiled, market, judging.context, false);
    if (judgement.refusal !== undefined) {
      this.#refuse(judgement, judgement.refusal);
    } else if (judging.decide !== undefined) {
      const moment = { entryPrice: unit.entryPrice(), timestamp: unit.timestamp };
      judging.candidates.push(new Candidate(judgement, judging.decide, moment));
    }
  }

  /** Takes the candidates through gates and journal, and counts what became of them. Where the journal cannot be written it rejects, with nothing decided. */
  async commit(candidates: readonly Candidate[], isDryRun: boolean): Promise<readonly Decision[]> {
    const { committer, tracer } = this.#dependencies;
    let committed: Committed;
    try {
      committed = isDryRun ? committer.rehearse(candidates, tracer.traceparent()) : await committer.commit(candidates);
    } finally {
      this.#endedAt = this.#dependencies.clock.monotonic();
    }
    for (const { candidate, refusal } of committed.refused) {
      this.#refuse(candidate.judgement, refusal);
    }
    if (committed.decisions.length > 0) {
      this.#tally("DECIDED", committed.decisions.length);
    }
    return committed.decisions;
  }

  /** Counts candidates that could not be committed. */
  fail(candidates: readonly Candidate[], error: unknown): void {
    for (const { judgement } of candidates) {
      const { strategyId } = judgement.compiled.strategy;
      this.count(strategyId, judgement.market.symbol, { outcome: "FAILED", because: errorText(error) });
    }
  }

  #tally(outcome: Outcome, count: number): void {
    this.#evaluations += count;
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + count;
  }

  summary(strategies: number, symbols: number, barCloseTime: number | undefined): SweepSummary {
    return {
      evaluations: this.#evaluations,
      outcomes: { ...this.#outcomes },
      strategies,
      symbols,
      durationMs: this.#endedAt - this.#startedAt,
      ...(barCloseTime !== undefined && { barCloseTime }),
    };
  }

  #refuse(judgement: Judgement, refusal: Refusal): void {
    const { strategyId } = judgement.compiled.strategy;
    const { symbol } = judgement.market;
    if (refusal.outcome === "FAILED") {
      const error = judgement.error ?? new Error(refusal.because);
      this.#dependencies.observer.observe({ kind: "evaluation_failed", strategyId, symbol, error });
    }
    this.count(strategyId, symbol, refusal);
  }

  #decideContext({ inForce, regime }: JudgeContext): DecideContext | undefined {
    const { dataSource, maxPositionSizeUsd } = this.#dependencies;
    const { policy } = inForce;
    return policy && { policy, regime, dataSource, maxPositionSizeUsd };
  }
}
