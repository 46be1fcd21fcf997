import type { Clock } from "../../ports/clock.ts";
import type { DecisionJournal } from "../../ports/decision-journal.ts";
import type { MarketData } from "../../ports/market-data.ts";
import type { Observer } from "../../ports/observer.ts";
import type { Ledger } from "./ledger.ts";

const EVERY_MS = 60_000;
const STEP = 1_000;

export interface RetentionOptions {
  readonly journal: DecisionJournal;
  readonly ledger: Ledger;
  readonly market: Pick<MarketData, "now">;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Market time. At least the longest cooldown, or R31 would forget. */
  readonly ageMs: number;
}

/** Drops old decisions from the journal and from the gates' memory, in small steps. */
export class Retention {
  readonly #options: RetentionOptions;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.clock.after(EVERY_MS, () => {
      void this.#drop().then(() => this.#closed || this.start());
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  async #drop(): Promise<void> {
    const { journal, ledger, market, observer, ageMs } = this.#options;
    const now = market.now();
    ledger.prune(now - ageMs, now);
    try {
      while (!this.#closed && (await journal.drop(now - ageMs, STEP)) === STEP) {
        await new Promise<void>((resolve) => this.#options.clock.after(0, resolve));
      }
    } catch (error) {
      observer.observe({ kind: "fault", what: "journal retention", error });
    }
  }
}
