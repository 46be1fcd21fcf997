import {
  type Decision,
  isOpening,
  type Outcome,
  type Suppression,
  type SweepSummary,
} from "../../../domain/decision.ts";
import { errorText } from "../../../domain/errors.ts";
import type { ExitOutcome } from "../../../domain/exit.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Span, Tracer } from "../../../ports/tracer.ts";
import { Pace } from "../../concurrency/pace.ts";
import type { Refusal } from "../../rules/gates/refusal.ts";
import { explainRefusal, type JudgeContext } from "../../rules/judging/judge.ts";
import { type Decider, REPLACED } from "../deciding/decider.ts";
import type { Committed } from "../deciding/gating.ts";
import type { ExitPass } from "../exits/exit-pass.ts";
import { JudgingPass, MOST_REPORTED, type PassDependencies, pairsOf, type SweepUnit } from "./judging-pass.ts";

/**
 * How often a sweep is judged where the policy or a strategy changes during each of its passes. Of
 * the last one, what was replaced is refused.
 */
const MOST_PASSES = 8;

export interface SweepDependencies extends PassDependencies {
  readonly clock: Clock;
  readonly tracer: Tracer;
  readonly decider: Decider;
}

/** The units to judge, and what to judge them under. */
export interface SweepWork {
  readonly units: readonly SweepUnit[];
  readonly context: JudgeContext;
  /** Open positions judged before them (R87); absent where there are none. */
  readonly exits?: ExitPass | undefined;
}

/** One sweep, or the part of it that could be judged so far: counts every evaluation once (R27). */
export class SweepRun {
  readonly #dependencies: SweepDependencies;
  readonly #onSuppression: ((suppression: Suppression) => void) | undefined;
  readonly #outcomes: Partial<Record<Outcome, number>> = {};
  readonly #startedAt: number;
  readonly #pace: Pace;
  #evaluations = 0;
  #exitsJudged = 0;
  readonly #exitOutcomes: Partial<Record<ExitOutcome, number>> = {};
  /** Evaluations without judging that the observer was told of. */
  #reported = 0;
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
    const { observer } = this.#dependencies;
    const isReported = observer.wantsSuppressions && this.#reported < MOST_REPORTED;
    if (this.#onSuppression !== undefined || isReported) {
      const suppression = { strategyId, symbol, outcome: refusal.outcome, explanation: explainRefusal(refusal) };
      this.#onSuppression?.(suppression);
      if (isReported) {
        this.#reported++;
        observer.observe({ kind: "suppressed", suppression });
      }
    }
  }

  /**
   * Judges, gates and journals. Where an order or another version of a strategy came in force
   * meanwhile, everything is asked for and judged once more: all decisions are of one policy and of
   * one version of each strategy. Rejects where the journal cannot be written: nothing was decided
   * then (R38), and the evaluations are counted all the same.
   */
  async decide(ask: () => SweepWork | Promise<SweepWork>, isDryRun: boolean, span: Span): Promise<readonly Decision[]> {
    for (let pass = 1; ; pass++) {
      const { units, context, exits } = await ask();
      const judged = await this.#judge(units, context);
      span.set({ evaluations: pairsOf(units), candidates: judged.candidates.length });
      const committed = await this.#commit(judged, exits, isDryRun, pass === MOST_PASSES);
      if (committed !== REPLACED) {
        this.#addExits(exits);
        span.set({ decisions: committed.decisions.length });
        this.#add(judged, committed);
        return committed.decisions;
      }
    }
  }

  get evaluations(): number {
    return this.#evaluations;
  }

  /** R27: evaluations that something kept from being made count all the same. */
  fail(evaluations: number): void {
    if (evaluations > 0) {
      this.#tally("FAILED", evaluations);
    }
  }

  summary(strategies: number, symbols: number, barCloseTime: number | undefined): SweepSummary {
    return {
      evaluations: this.#evaluations,
      outcomes: { ...this.#outcomes },
      strategies,
      symbols,
      durationMs: this.#endedAt - this.#startedAt,
      ...(barCloseTime !== undefined && { barCloseTime }),
      ...(this.#exitsJudged > 0 && { exitsJudged: this.#exitsJudged, exitOutcomes: { ...this.#exitOutcomes } }),
    };
  }

  async #judge(units: readonly SweepUnit[], context: JudgeContext): Promise<JudgingPass> {
    const isExplained = this.#onSuppression !== undefined;
    const pass = new JudgingPass(this.#dependencies, context, this.#pace, isExplained);
    await pass.judge(units);
    return pass;
  }

  async #commit(
    judged: JudgingPass,
    exits: ExitPass | undefined,
    isDryRun: boolean,
    isFinal: boolean,
  ): ReturnType<Decider["commit"]> {
    const { decider, tracer, clock } = this.#dependencies;
    const { candidates } = judged;
    try {
      return isDryRun
        ? await decider.rehearse(candidates, tracer.traceparent())
        : await decider.commit(candidates, isFinal, exits?.candidates);
    } catch (error) {
      this.#add(judged, { decisions: [], refused: [] });
      exits?.failed(error);
      this.#addExits(exits);
      for (const { strategyId, symbol } of candidates) {
        this.count(strategyId, symbol, { outcome: "FAILED", because: errorText(error) });
      }
      throw error;
    } finally {
      this.#endedAt = clock.monotonic();
    }
  }

  /** Counts what a pass found, and what became of its candidates. */
  #add(pass: JudgingPass, { decisions, refused }: Committed): void {
    for (const { candidate, refusal } of refused) {
      pass.refuse(candidate.judgement, refusal);
    }
    for (const [outcome, count] of pass.outcomes) {
      this.#tally(outcome, count);
    }
    const opened = decisions.filter(isOpening).length;
    if (opened > 0) {
      this.#tally("DECIDED", opened);
    }
    for (const suppression of pass.suppressions ?? []) {
      this.#onSuppression?.(suppression);
    }
  }

  /** R88. */
  #addExits(exits: ExitPass | undefined): void {
    this.#exitsJudged += exits?.judged ?? 0;
    for (const [outcome, count] of exits?.outcomes ?? []) {
      this.#exitOutcomes[outcome] = (this.#exitOutcomes[outcome] ?? 0) + count;
    }
  }

  #tally(outcome: Outcome, count: number): void {
    this.#evaluations += count;
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + count;
  }
}
