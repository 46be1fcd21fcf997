import { RuntimeError } from "../../domain/errors.ts";

/** Nobody knows when a stream ends; a program that asks so often costs little. */
const RETRY_AFTER_MS = 5_000;

/** Streams of signals, which executors act on, and all others. */
export type StreamKind = "signals" | "other";

/**
 * Bounds the streams that are open at once. Servers that are given the same one share its places.
 * Some are kept for streams of signals: others take no more than the rest, whoever opens them.
 */
export class StreamLimit {
  readonly most: number;
  /**
   * For streams of signals alone; at most half of all, so that there are places for others, too.
   */
  readonly kept: number;
  readonly #open = { signals: 0, other: 0 };

  constructor(most: number, kept = 0) {
    this.most = most;
    this.kept = Math.min(kept, Math.floor(most / 2));
  }

  /** Streams open now. */
  get open(): number {
    return this.#open.signals + this.#open.other;
  }

  /** Takes a place, or throws `resource_exhausted` where there is none. */
  take(kind: StreamKind = "other"): void {
    if (this.open >= this.most) {
      refuse(`${this.most} streams are open, which is MAX_STREAMS: close one, or raise it`);
    }
    const others = this.most - this.kept;
    if (kind === "other" && this.#open.other >= others) {
      refuse(
        `${others} streams are open, which is MAX_STREAMS without the ${this.kept} that KEPT_STREAMS keeps for GenerateSignals: close one, or raise it`,
      );
    }
    this.#open[kind]++;
  }

  /** Gives a place back; once for each one taken, of the same kind. */
  give(kind: StreamKind = "other"): void {
    this.#open[kind]--;
  }
}

function refuse(message: string): never {
  throw new RuntimeError("resource_exhausted", message, { retryAfterMs: RETRY_AFTER_MS });
}
