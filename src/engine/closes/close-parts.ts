import type { Observer } from "../../ports/observer.ts";
import type { Span } from "../../ports/tracer.ts";
import { Serial } from "../channel.ts";
import type { Candidate } from "../deciding/decide.ts";
import { formatTime } from "../judging/explain.ts";
import type { JudgeContext } from "../judging/judge.ts";
import type { MarketView } from "../market/market-view.ts";
import { Pace } from "../pace.ts";
import type { StrategyBook } from "../strategies/strategy-book.ts";
import { pairsOf, type SweepDependencies } from "../sweep/sweep-run.ts";
import { closeUnits } from "./close-units.ts";
import type { CloseSweep, TakenSymbols } from "./pending-sweep.ts";

export interface ClosePartOptions {
  readonly market: MarketView;
  readonly marketNow: () => number;
  readonly book: StrategyBook;
  readonly context: () => JudgeContext;
  readonly dependencies: SweepDependencies;
  readonly observer: Observer;
}

/** Judges and commits the symbols of closes, part by part as they are taken. */
export class CloseParts {
  readonly #options: ClosePartOptions;
  /** One part after the other, so that decisions go to the journal in the order in which the sweeps came to be due (R37). */
  readonly #turns = new Serial();

  constructor(options: ClosePartOptions) {
    this.#options = options;
  }

  /**
   * Resolves once all are judged, and what was decided is journaled; never rejects. `isEarly`: what would be decided is held, for the one commit of all once the
   * others are judged, too.
   */
  async judge(sweep: CloseSweep, taken: TakenSymbols, isEarly: boolean): Promise<void> {
    if (sweep.held.length === 0 && !hasAny(taken)) {
      return;
    }
    const { tracer } = this.#options.dependencies;
    const { timeframe, close, strategies, symbols } = sweep;
    const attributes = { cause: "close", timeframe, strategies, symbols, ...(isEarly && { early: true }) };
    // A trace of its own: it may have waited for bars that others asked for.
    await tracer.span("sweep", { root: true, attributes }, async (span) => {
      sweep.traceparent = tracer.traceparent();
      if (sweep.traceparent !== undefined) {
        span.set({ bar_close: formatTime(close) });
      }
      // Handed in before the next turn, and waited for after it.
      const { committed } = await this.#turns.run(() => this.#inTurn(sweep, taken, isEarly, span));
      if (committed !== undefined) {
        span.set({ decisions: await committed });
      }
    });
  }

  async #inTurn(
    sweep: CloseSweep,
    taken: TakenSymbols,
    isEarly: boolean,
    span: Span,
  ): Promise<{ readonly committed?: Promise<number> }> {
    const { market, marketNow, book, context } = this.#options;
    const cohorts = book.cohorts.get(sweep.timeframe) ?? [];
    const units = closeUnits(market, marketNow, cohorts, ({ waits }) => taken.get(waits), sweep.close);
    const candidates = await sweep.run.judge(units, context());
    span.set({ evaluations: pairsOf(units), candidates: candidates.length });
    if (isEarly) {
      await this.#hold(sweep, candidates);
      return {};
    }
    return { committed: this.#commit(sweep, [...sweep.held.splice(0), ...candidates]) };
  }

  /** There is nothing else to do until the others have come, so what can be known of the decisions is written down. */
  async #hold(sweep: CloseSweep, candidates: readonly Candidate[]): Promise<void> {
    const { clock, committer } = this.#options.dependencies;
    const pace = new Pace(clock);
    for (let from = 0; from < candidates.length; from += CANDIDATES_A_STEP) {
      const some = candidates.slice(from, from + CANDIDATES_A_STEP);
      sweep.held.push(...some);
      committer.prepare(some);
      if (pace.isLateAfter(STEPS_A_CANDIDATE * CANDIDATES_A_STEP)) {
        await pace.rest();
      }
    }
  }

  async #commit(sweep: CloseSweep, candidates: readonly Candidate[]): Promise<number> {
    try {
      return (await sweep.run.commit(candidates, false)).length;
    } catch (error) {
      // R38: nothing was decided, and nothing is left behind. The evaluations are still accounted for.
      this.#options.observer.observe({ kind: "fault", what: "decision journal", error });
      sweep.run.fail(candidates, error);
      return 0;
    }
  }
}

/** Candidates that are written down together. */
const CANDIDATES_A_STEP = 32;
/** Microseconds or so that it takes to write one down. */
const STEPS_A_CANDIDATE = 8;

function hasAny(taken: TakenSymbols): boolean {
  for (const symbols of taken.values()) {
    if (symbols.size > 0) {
      return true;
    }
  }
  return false;
}
