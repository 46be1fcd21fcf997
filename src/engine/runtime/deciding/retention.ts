import { guarded } from "../../../domain/guarded.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { DecisionJournal, DropPlace } from "../../../ports/decision-journal.ts";
import type { MarketData } from "../../../ports/market-data.ts";
import { type Observer, thrownIn } from "../../../ports/observer.ts";
import { Pace } from "../../concurrency/pace.ts";
import type { DecisionMemory } from "./decision-memory.ts";
import { LATE_MS } from "./remembered.ts";

const NONE: ReadonlySet<string> = new Set();
const EVERY_MS = 60_000;
const STEP = 1_000;
/**
 * The longest cooldown (R42): until then the newest decision of a pair is needed, in memory and in
 * the journal.
 */
const COOLDOWN_MS = 30 * 86_400_000;
/**
 * Once a day the journal is gone through from its beginning: what was the newest of its pair may
 * not be any more.
 */
const ROUND_MS = 86_400_000;

export interface RetentionOptions {
  readonly journal: DecisionJournal;
  readonly memory: DecisionMemory;
  readonly market: Pick<MarketData, "now">;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Market time. At least the longest timeframe: what is in force is never dropped. */
  readonly ageMs: number;
  /** Ids of decisions that open positions need, whatever their age (R81); absent: none. */
  readonly kept?: () => ReadonlySet<string>;
}

/** Drops old decisions from the journal and from the gates' memory, in small steps. */
export class Retention {
  readonly #options: RetentionOptions;
  #cancel: (() => void) | undefined;
  #closed = false;
  /** Up to where the journal was gone through in this round, which lasts until this market time. */
  #after: DropPlace | undefined;
  #roundUntil = Number.NEGATIVE_INFINITY;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.clock.after(EVERY_MS, () => {
      const dropped = this.#drop().catch(thrownIn(this.#options.observer, "timer"));
      guarded(() => dropped.then(() => this.#closed || this.start()), thrownIn(this.#options.observer, "timer"));
    });
  }

  stop(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  async #drop(): Promise<void> {
    const { journal, memory, market, observer, ageMs, clock, kept = () => NONE } = this.#options;
    const now = market.now();
    memory.expire(now - LATE_MS);
    await memory.forgetBefore(now - COOLDOWN_MS, new Pace(clock));
    if (now >= this.#roundUntil || now < this.#roundUntil - ROUND_MS) {
      this.#roundUntil = now + ROUND_MS;
      this.#after = undefined;
    }
    const query = { before: now - ageMs, keepNewestFrom: now - COOLDOWN_MS, limit: STEP };
    try {
      while (!this.#closed) {
        const { end } = await journal.drop({ ...query, keep: kept(), ...(this.#after && { after: this.#after }) });
        if (end === undefined) {
          break;
        }
        this.#after = end;
        await new Promise<void>((resolve) => clock.after(0, resolve));
      }
    } catch (error) {
      observer.observe({ kind: "fault", what: "journal retention", error });
    }
  }
}
