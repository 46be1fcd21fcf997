import { errorText, RuntimeError } from "../../../domain/errors.ts";
import type { DecisionJournal, DecisionTrace } from "../../../ports/decision-journal.ts";
import type { PositionBook } from "../../../ports/position-book.ts";
import { DecisionMemory, type JudgedAt } from "./decision-memory.ts";
import type { Remembered } from "./remembered.ts";

export interface RecallOptions {
  readonly journal: Pick<DecisionJournal, "tracesAt">;
  readonly positions: Pick<PositionBook, "settled">;
  readonly memory: DecisionMemory;
}

export interface Recalled {
  /** The candidates that the journal was asked about. */
  readonly asked: ReadonlySet<JudgedAt>;
  /** Knows all that the gates ask of them. */
  readonly memory: DecisionMemory;
}

/**
 * What the gates must know of times that the memory does not reach: an Evaluate of an hour ago
 * (R49), or a replay that comes to where one was before. The journal is asked.
 */
export class DecisionRecall {
  readonly #options: RecallOptions;

  constructor(options: RecallOptions) {
    this.#options = options;
  }

  /**
   * Recalls decisions that the memory does not know; undefined where the memory knows all.
   * Fails with `unavailable`.
   */
  async of(judged: readonly JudgedAt[]): Promise<Recalled | undefined> {
    const { memory } = this.#options;
    const asked = new Set(judged.filter((each) => !memory.remembers(each)));
    return asked.size === 0 ? undefined : { asked, memory: await this.#recalled([...asked]) };
  }

  async #recalled(asked: readonly JudgedAt[]): Promise<DecisionMemory> {
    const { memory } = this.#options;
    const { traces, settled } = await this.#ask(asked);
    const known = new Map<string, Remembered>(traces.map((trace) => [trace.decisionId, trace]));
    const past = new DecisionMemory(memory);
    // Decisions made meanwhile are in memory.
    for (const entry of asked.flatMap((each) => [...memory.of(each)])) {
      if (!known.has(entry.decisionId)) {
        known.set(entry.decisionId, entry);
        if (!memory.holds(entry.decisionId)) {
          settled.add(entry.decisionId);
        }
      }
    }
    for (const trace of known.values()) {
      past.record(trace, settled.has(trace.decisionId));
    }
    return past;
  }

  async #ask(asked: readonly JudgedAt[]): Promise<{ traces: readonly DecisionTrace[]; settled: Set<string> }> {
    const { journal, positions } = this.#options;
    try {
      const traces = await journal.tracesAt(asked.map(questionOf));
      return { traces, settled: new Set(await positions.settled(traces.map(({ decisionId }) => decisionId))) };
    } catch (error) {
      throw new RuntimeError("unavailable", `no decision was made: earlier ones cannot be read: ${errorText(error)}`, {
        cause: error,
      });
    }
  }
}

function questionOf({ strategyId, symbol, barCloseTime, judgedAt }: JudgedAt) {
  return { strategyId, symbol, barCloseTime, time: judgedAt };
}
