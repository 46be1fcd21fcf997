import { guarded } from "../../../domain/guarded.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { DecisionJournal } from "../../../ports/decision-journal.ts";
import { type Observer, thrownIn } from "../../../ports/observer.ts";

/**
 * Wall time between two notes. After a crash the closes since the last one are judged once more,
 * and R30 keeps decisions single.
 */
const EVERY_MS = 5_000;

export interface JudgedNoteOptions {
  readonly journal: Pick<DecisionJournal, "noteJudged">;
  readonly clock: Clock;
  readonly observer: Observer;
}

/**
 * Notes in the journal up to when closes are judged, so that the next process knows which it has
 * missed.
 */
export class JudgedNote {
  readonly #options: JudgedNoteOptions;
  #noted: number | undefined;
  #notedAt = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | undefined;

  constructor(options: JudgedNoteOptions) {
    this.#options = options;
  }

  /** Every close up to this market time is judged. Notes it now and then. */
  note(time: number): void {
    if (this.#options.clock.monotonic() - this.#notedAt >= EVERY_MS) {
      guarded(() => this.#write(time), thrownIn(this.#options.observer, "close"));
    }
  }

  /** Notes it now, as the last thing. */
  async stop(time: number): Promise<void> {
    await this.#writing;
    await this.#write(time);
  }

  async #write(time: number): Promise<void> {
    if (this.#writing !== undefined || time <= (this.#noted ?? 0)) {
      return;
    }
    const { journal, clock, observer } = this.#options;
    this.#notedAt = clock.monotonic();
    const write = async (): Promise<void> => {
      try {
        await journal.noteJudged(time);
        this.#noted = time;
      } catch (error) {
        observer.observe({ kind: "fault", what: "decision journal", error });
      }
    };
    this.#writing = write();
    await this.#writing;
    this.#writing = undefined;
  }
}
