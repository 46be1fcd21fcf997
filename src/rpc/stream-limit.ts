import { RuntimeError } from "../domain/errors.ts";

/** Bounds the streams that are open at once. Servers that are given the same one share its places. */
export class StreamLimit {
  readonly most: number;
  #open = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** Streams open now. */
  get open(): number {
    return this.#open;
  }

  /** Takes a place, or throws `resource_exhausted` where there is none. */
  take(): void {
    if (this.#open >= this.most) {
      throw new RuntimeError(
        "resource_exhausted",
        `${this.most} streams are open, which is MAX_STREAMS: close one, or raise it`,
      );
    }
    this.#open++;
  }

  /** Gives a place back; once for each one taken. */
  give(): void {
    this.#open--;
  }
}
