import type { OnThrown } from "../../../domain/guarded.ts";
import { type Place, placeOfDecision } from "../../../domain/place.ts";
import type { DecisionJournal } from "../../../ports/decision-journal.ts";
import { Serial } from "../../concurrency/serial.ts";
import { Broadcast } from "../../streams/broadcast.ts";
import { decisionAt } from "../../streams/resume-token.ts";
import type { Published } from "./batches.ts";
import type { DecisionLog } from "./decision-log.ts";

const PAGE = 1_000;

type TailedJournal = Pick<DecisionJournal, "identity" | "lastSequence" | "read">;

/** The end of a journal that another process writes, as far as it was looked at. */
export class JournalTail implements DecisionLog {
  readonly identity: string;
  readonly published: Broadcast<Published>;
  readonly #journal: TailedJournal;
  readonly #looks = new Serial();
  #last: Place;

  private constructor(journal: TailedJournal, identity: string, last: Place, onThrown: OnThrown) {
    this.#journal = journal;
    this.identity = identity;
    this.#last = last;
    this.published = new Broadcast(onThrown);
  }

  static async open(journal: TailedJournal, onThrown: OnThrown): Promise<JournalTail> {
    const sequence = await journal.lastSequence();
    const last = (await decisionAt(journal, sequence)) ?? { sequence, mark: "" };
    return new JournalTail(journal, await journal.identity(), last, onThrown);
  }

  last(): Place {
    return this.#last;
  }

  watermark(): number {
    return 0;
  }

  /**
   * Reads what was added since the last look, and tells those who follow. Fails as the journal
   * does.
   */
  look(): Promise<void> {
    return this.#looks.run(async () => {
      let page = await this.#next();
      while (page.length > 0) {
        const end = page.at(-1);
        this.#last = end === undefined ? this.#last : placeOfDecision(end);
        this.published.send({ decisions: page, watermark: this.watermark(), position: this.#last });
        page = page.length < PAGE ? [] : await this.#next();
      }
    });
  }

  #next() {
    return this.#journal.read({ after: this.#last.sequence, includeShadow: true, limit: PAGE });
  }
}
