import type { Timeframe } from "../../../domain/timeframe.ts";
import type { Cohorts } from "../../strategies/cohorts.ts";
import type { StrategyBook } from "../../strategies/strategy-book.ts";
import type { OpenPositions } from "../exits/open-positions.ts";

/** The timeframes that are judged: those of strategies, and those of open positions (R85). */
export class JudgedTimeframes {
  readonly #book: Pick<StrategyBook, "cohorts">;
  readonly #exits: Pick<OpenPositions, "timeframes"> | undefined;
  #of: { readonly cohorts: Cohorts; readonly timeframes: ReadonlySet<Timeframe> } | undefined;
  #merged: Cohorts | undefined;

  constructor(book: Pick<StrategyBook, "cohorts">, exits: Pick<OpenPositions, "timeframes"> | undefined) {
    this.#book = book;
    this.#exits = exits;
  }

  /** The strategies by timeframe; none where only positions are. The same object as long as both are. */
  cohorts(): Cohorts {
    const { cohorts } = this.#book;
    const timeframes = this.#exits?.timeframes;
    if (timeframes === undefined || [...timeframes].every((timeframe) => cohorts.has(timeframe))) {
      return cohorts;
    }
    if (this.#merged === undefined || this.#of?.cohorts !== cohorts || this.#of.timeframes !== timeframes) {
      const others = [...timeframes].filter((timeframe) => !cohorts.has(timeframe));
      this.#merged = new Map([...cohorts, ...others.map((timeframe) => [timeframe, []] as const)]);
      this.#of = { cohorts, timeframes };
    }
    return this.#merged;
  }
}
