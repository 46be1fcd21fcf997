import { RuntimeError } from "../../domain/errors.ts";
import { isClosed, type Position } from "../../domain/position.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DecisionJournal } from "../../ports/decision-journal.ts";
import type { PositionBook } from "../../ports/position-book.ts";
import type { ClosedAnswer, ClosedReport } from "../api.ts";
import { Serial } from "../concurrency/serial.ts";
import type { Closings } from "./closings.ts";
import type { PositionListener, PositionMemory } from "./position-memory.ts";
import { noSuchDecision, reportClosed, reportOpened } from "./position-reports.ts";

const PAGE = 200;

export interface PositionRecorderOptions {
  readonly positions: PositionBook;
  readonly journal: Pick<DecisionJournal, "find">;
  readonly memory: PositionMemory;
  readonly clock: Clock;
  readonly closings: Closings;
  /** Absent: nobody else hears of positions. */
  readonly exits?: PositionListener;
}

/** Writes the executor's reports to the position book, one after the other (R45). */
export class PositionRecorder {
  readonly #options: PositionRecorderOptions;
  readonly #turns = new Serial();
  /** Set while a write's fate is unknown: the book is asked before the next report. */
  #isInDoubt = false;
  #hasEnded = false;

  constructor(options: PositionRecorderOptions) {
    this.#options = options;
  }

  opened(report: ClosedReport): Promise<Position> {
    const { positions, memory, exits } = this.#options;
    return this.#inTurn(async () => {
      const { position, isNew } = reportOpened(report, await positions.get(report.positionId));
      if (isNew) {
        await this.#put(position);
      }
      if (!isClosed(position)) {
        memory.positionOpened(position.strategyId, position.positionId, position.decisionId);
        await exits?.opened(position);
      }
      return position;
    });
  }

  closed(report: ClosedReport): Promise<ClosedAnswer> {
    const { positions, closings, exits } = this.#options;
    return this.#inTurn(async () => {
      const known = await positions.get(report.positionId);
      const { position, isNew } = reportClosed(report, known, closings.last.sequence + 1);
      if (isNew) {
        await this.#put(position);
      }
      exits?.closed(position.positionId);
      return { position, performance: await closings.note(position) };
    });
  }

  rejected(decisionId: string, reason: string): Promise<void> {
    const { positions, journal, memory, clock } = this.#options;
    return this.#inTurn(async () => {
      const before = await positions.rejection(decisionId);
      if (before !== undefined && before.reason !== reason) {
        throw new RuntimeError(
          "already_exists",
          `decision ${JSON.stringify(decisionId)} was reported rejected before, because ${JSON.stringify(before.reason)}`,
        );
      }
      if (before === undefined) {
        if (!memory.holds(decisionId) && (await journal.find([decisionId])).length === 0) {
          throw noSuchDecision(decisionId);
        }
        await positions.reject({ decisionId, reason, time: clock.now() });
      }
      memory.settle(decisionId);
    });
  }

  /**
   * Resolves once the memory knows what became of every report; fails as the position book does.
   */
  settled(): Promise<void> {
    return this.#inTurn(async () => undefined);
  }

  /** Resolves once no report is being written; none is taken any more. */
  async stop(): Promise<void> {
    this.#hasEnded = true;
    await this.#turns.run(async () => undefined);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#turns.run(async () => {
      if (this.#hasEnded) {
        throw new RuntimeError("unavailable", "the report was not taken, since this engine has ended; report it again");
      }
      if (this.#isInDoubt) {
        await this.#resolveDoubt();
      }
      return task();
    });
  }

  async #put(position: Position): Promise<void> {
    this.#isInDoubt = true;
    await this.#options.positions.put(position);
    this.#isInDoubt = false;
  }

  /** A write that failed may have reached the store all the same (the answer was lost). */
  async #resolveDoubt(): Promise<void> {
    const { positions, memory, closings, exits } = this.#options;
    for (;;) {
      const found = await positions.closedAfter(closings.last.sequence, PAGE);
      if (found.length === 0) {
        break;
      }
      for (const position of found) {
        exits?.closed(position.positionId);
        // One after the other: each has the totals that it made itself.
        await closings.note(position).catch(() => undefined);
      }
    }
    for (const position of await positions.open()) {
      const { strategyId, positionId, decisionId } = position;
      memory.positionOpened(strategyId, positionId, decisionId);
      await exits?.opened(position);
    }
    this.#isInDoubt = false;
  }
}
