import type { Observer } from "../../ports/observer.ts";
import type { Span } from "../../ports/tracer.ts";
import { Serial } from "../channel.ts";
import type { Candidate } from "../deciding/decide.ts";
import { formatTime } from "../judging/explain.ts";
import type { JudgeContext } from "../judging/judge.ts";
import type { MarketView } from "../market/market-view.ts";
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

  /** Resolves once all are judged, and what was decided is journaled; never rejects. */
  async judge(sweep: CloseSweep, taken: TakenSymbols): Promise<void> {
    if (!hasAny(taken)) {
      return;
    }
    const { tracer } = this.#options.dependencies;
    const { timeframe, close, strategies, symbols } = sweep;
    const attributes = { cause: "close", timeframe, strategies, symbols };
    // A trace of its own: it may have waited for bars that others asked for.
    await tracer.span("sweep", { root: true, attributes }, async (span) => {
      sweep.traceparent = tracer.traceparent();
      if (sweep.traceparent !== undefined) {
        span.set({ bar_close: formatTime(close) });
      }
      // Handed in before the next turn, and waited for after it.
      const { committed } = await this.#turns.run(() => this.#inTurn(sweep, taken, span));
      span.set({ decisions: await committed });
    });
  }

  async #inTurn(sweep: CloseSweep, taken: TakenSymbols, span: Span): Promise<{ readonly committed: Promise<number> }> {
    const { market, marketNow, book, context } = this.#options;
    const cohorts = book.cohorts.get(sweep.timeframe) ?? [];
    const units = closeUnits(market, marketNow, cohorts, ({ waits }) => taken.get(waits), sweep.close);
    const candidates = await sweep.run.judge(units, context());
    span.set({ evaluations: pairsOf(units), candidates: candidates.length });
    return { committed: this.#commit(sweep, candidates) };
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

function hasAny(taken: TakenSymbols): boolean {
  for (const symbols of taken.values()) {
    if (symbols.size > 0) {
      return true;
    }
  }
  return false;
}
