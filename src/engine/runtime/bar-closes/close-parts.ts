import { RuntimeError } from "../../../domain/errors.ts";
import type { Observer } from "../../../ports/observer.ts";
import { Serial } from "../../concurrency/serial.ts";
import type { MarketView } from "../../market/market-view.ts";
import { formatTime } from "../../rules/conditions/format.ts";
import type { JudgeContext } from "../../rules/judging/judge.ts";
import type { StrategyBook } from "../../strategies/strategy-book.ts";
import type { OpenPositions } from "../exits/open-positions.ts";
import type { SweepDependencies, SweepWork } from "../sweeps/sweep-run.ts";
import { type CloseSweep, EXITS, isNone, type TakenSymbols } from "./close-sweep.ts";
import { closeUnits } from "./close-units.ts";

export interface ClosePartOptions {
  readonly market: MarketView;
  readonly marketNow: () => number;
  readonly book: StrategyBook;
  readonly context: () => Promise<JudgeContext>;
  readonly dependencies: SweepDependencies;
  readonly observer: Observer;
  /** Absent: no exits are judged. */
  readonly exits?: OpenPositions;
}

/**
 * Judges and commits symbols of closes, one part after the other, so that decisions are journaled
 * in the order of R37.
 */
export class CloseParts {
  readonly #options: ClosePartOptions;
  readonly #turns = new Serial();

  constructor(options: ClosePartOptions) {
    this.#options = options;
  }

  /**
   * Judges the symbols that `take` answers with once the turn of this part has come. Resolves once
   * they are judged, and what was decided is journaled; never rejects.
   */
  judge(sweep: CloseSweep, take: () => TakenSymbols): Promise<void> {
    return this.#turns.run(async () => {
      try {
        const taken = take();
        if (!isNone(taken)) {
          await this.#judge(sweep, taken);
        }
      } catch (error) {
        this.#report(error);
      }
    });
  }

  /** R27: what a fault kept from being judged is FAILED. */
  async #judge(sweep: CloseSweep, taken: TakenSymbols): Promise<void> {
    const { run } = sweep;
    const counted = run.evaluations;
    try {
      await this.#decide(sweep, taken);
    } catch (error) {
      // R38: nothing was decided, and nothing is left behind.
      this.#report(error);
      run.fail(this.#pairsOf(sweep, taken) - (run.evaluations - counted));
    }
  }

  /** A store's failure is a RuntimeError; whatever else is thrown is a fault of this program. */
  #report(error: unknown): void {
    this.#options.observer.observe(
      error instanceof RuntimeError
        ? { kind: "fault", what: "decision journal", error }
        : { kind: "thrown", where: "close", error },
    );
  }

  #pairsOf({ timeframe }: CloseSweep, taken: TakenSymbols): number {
    const cohorts = this.#options.book.cohorts.get(timeframe) ?? [];
    return cohorts.reduce((sum, { set, waits }) => sum + set.strategies.length * (taken.get(waits)?.size ?? 0), 0);
  }

  async #decide(sweep: CloseSweep, taken: TakenSymbols): Promise<void> {
    const { tracer } = this.#options.dependencies;
    const { timeframe, close, strategies, symbols } = sweep;
    const attributes = { cause: "close", timeframe, strategies, symbols };
    // A trace of its own: it may have waited for bars that others asked for.
    await tracer.span("sweep", { root: true, attributes }, async (span) => {
      sweep.traceparent = tracer.traceparent();
      if (sweep.traceparent !== undefined) {
        span.set({ bar_close: formatTime(close) });
      }
      await sweep.run.decide(() => this.#work(sweep, taken), false, span);
    });
  }

  /** Strategies and policy in force now count, not those of the moment in which the bar closed. */
  async #work(sweep: CloseSweep, taken: TakenSymbols): Promise<SweepWork> {
    const { market, marketNow, book, exits } = this.#options;
    const { timeframe, close } = sweep;
    const held = taken.get(EXITS);
    if (held !== undefined && held.size > 0) {
      await exits?.prepare(timeframe, close, held);
    }
    const context = await this.#options.context();
    const cohorts = book.cohorts.get(timeframe) ?? [];
    const units = closeUnits(market, marketNow, cohorts, ({ waits }) => taken.get(waits), close);
    return { units, context, exits: held && exits?.judge(timeframe, close, held, context.regime) };
  }
}
