import { LimitRefusal } from "../limit-refusal.ts";

/** Nobody knows when a stream ends; a program that asks so often costs little. */
const RETRY_AFTER_MS = 5_000;
/** Of all places, and of those that strangers may have. */
const STRANGERS_PART = 1 / 4;
const STRANGER_PART = 1 / 4;
const LEAST_OF_STRANGER = 2;

/** What a stream takes. */
export interface StreamPlace {
  /** Streams of signals, which executors act on, and all others. */
  readonly kind: "signals" | "other";
  /** The key of a caller that is not known where callers must be: who watches health. */
  readonly stranger?: string | undefined;
}

/**
 * Bounds the streams that are open at once. Servers that are given the same one share its places.
 * Some are kept for streams of signals: others take no more than the rest, whoever opens them.
 * Strangers have a quarter of all places, and each a quarter of that.
 */
export class StreamLimit {
  readonly most: number;
  /**
   * For streams of signals alone; at most half of all, so that there are places for others, too.
   */
  readonly kept: number;
  readonly #open = { signals: 0, other: 0 };
  readonly #strangers = new Map<string, number>();
  readonly #mostOfStrangers: number;
  readonly #mostOfStranger: number;
  #ofStrangers = 0;

  constructor(most: number, kept = 0) {
    this.most = most;
    this.kept = Math.min(kept, Math.floor(most / 2));
    this.#mostOfStrangers = Math.ceil(most * STRANGERS_PART);
    this.#mostOfStranger = Math.max(LEAST_OF_STRANGER, Math.floor(this.#mostOfStrangers * STRANGER_PART));
  }

  /** Streams open now. */
  get open(): number {
    return this.#open.signals + this.#open.other;
  }

  /** Takes a place, or throws `resource_exhausted` where there is none. */
  take({ kind, stranger }: StreamPlace): void {
    if (this.open >= this.most) {
      refuse(`${this.most} streams are open, which is MAX_STREAMS: close one, or raise it`);
    }
    const others = this.most - this.kept;
    if (kind === "other" && this.#open.other >= others) {
      refuse(
        `${others} streams are open, which is MAX_STREAMS without the ${this.kept} that KEPT_STREAMS keeps for GenerateSignals: close one, or raise it`,
      );
    }
    if (stranger !== undefined) {
      this.#takeAsStranger(stranger);
    }
    this.#open[kind]++;
  }

  /** Gives a place back; once for each one taken. */
  give({ kind, stranger }: StreamPlace): void {
    this.#open[kind]--;
    if (stranger !== undefined) {
      this.#ofStrangers--;
      const left = (this.#strangers.get(stranger) ?? 0) - 1;
      if (left > 0) {
        this.#strangers.set(stranger, left);
      } else {
        this.#strangers.delete(stranger);
      }
    }
  }

  #takeAsStranger(stranger: string): void {
    const own = this.#strangers.get(stranger) ?? 0;
    const most = this.#mostOfStranger;
    if (own >= most) {
      refuse(
        `${own} streams of ${stranger} are open without a token, which is all it may have: close one, or send one`,
      );
    }
    if (this.#ofStrangers >= this.#mostOfStrangers) {
      refuse(
        `${this.#ofStrangers} streams are open without a token, a quarter of MAX_STREAMS: send a token, or come back`,
      );
    }
    this.#strangers.set(stranger, own + 1);
    this.#ofStrangers++;
  }
}

function refuse(message: string): never {
  throw new LimitRefusal("streams", "resource_exhausted", message, { retryAfterMs: RETRY_AFTER_MS });
}
