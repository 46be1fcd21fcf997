import type { CallerBytes } from "../budgets/budgets.ts";
import { LimitRefusal } from "../limit-refusal.ts";

/** Where nothing is said: two or three times as much is needed where all of it is decoded. */
export const MOST_IN_FLIGHT = 64 * 1024 * 1024;
/** Most requests are answered by then. */
const RETRY_AFTER_MS = 1_000;

/**
 * Bounds the bytes of all requests that are received, unpacked, decoded or worked on at a time.
 * Servers that are given the same one share its bytes.
 */
export class BytesInFlight {
  readonly most: number;
  readonly #kept: number;
  #taken = 0;
  #ofOthers = 0;

  /** `kept` of them are for orders alone: what else is sent takes no more than the rest. */
  constructor(most: number, kept = 0) {
    this.most = most;
    this.#kept = kept;
  }

  /** Bytes taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** The bytes of one request; none so far. */
  request(isOrder = false): RequestBytes {
    return new RequestBytes(this, isOrder);
  }

  /** Throws `resource_exhausted` where so many bytes more would be too many. */
  expect(bytes: number, isOrder: boolean): void {
    const taken = isOrder ? this.#taken : Math.max(this.#ofOthers, this.#taken - this.#kept);
    const most = isOrder ? this.most : this.most - this.#kept;
    if (taken + bytes > most) {
      const now = `${taken} bytes of requests are in flight`;
      const which = `MAX_BYTES_IN_FLIGHT${most < this.most ? " without the quarter that is kept for orders" : ""}`;
      throw new LimitRefusal(
        "bytes_in_flight",
        "resource_exhausted",
        `${now}, and ${bytes} more would be above ${most}, which is ${which}: try again later`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
  }

  /** Takes so many bytes, or throws as `expect` does; a negative count gives them back. */
  take(bytes: number, isOrder: boolean): void {
    if (bytes > 0) {
      this.expect(bytes, isOrder);
    }
    this.#taken += bytes;
    this.#ofOthers += isOrder ? 0 : bytes;
  }
}

/** What one request has taken of the bytes in flight. */
export class RequestBytes {
  readonly #all: BytesInFlight;
  readonly #isOrder: boolean;
  /** The caller's, once it is known. */
  #own: CallerBytes | undefined;
  #held = 0;
  #isOver = false;

  constructor(all: BytesInFlight, isOrder: boolean) {
    this.#all = all;
    this.#isOrder = isOrder;
  }

  /**
   * From now on what the request takes is the caller's, too; throws as `take` does where it has no
   * room for it.
   */
  belongTo(own: CallerBytes): void {
    own.take(this.#held);
    this.#own = own;
  }

  /**
   * Throws `resource_exhausted` where so many bytes will not fit. Nothing is taken yet: who only
   * says that much is to come keeps nobody out.
   */
  expect(bytes: number): void {
    this.#own?.expect(bytes);
    this.#all.expect(bytes, this.#isOrder);
  }

  /**
   * Takes so many bytes that are there now; throws `resource_exhausted` where they are too many.
   */
  take(bytes: number): void {
    if (!this.#isOver) {
      this.#own?.expect(bytes);
      this.#all.take(bytes, this.#isOrder);
      this.#own?.take(bytes);
      this.#held += bytes;
    }
  }

  /** Gives so many of them back. */
  give(bytes: number): void {
    const given = Math.min(bytes, this.#held);
    this.#held -= given;
    this.#all.take(-given, this.#isOrder);
    this.#own?.give(given);
  }

  /** Gives all of them back once the request is over; nothing is taken after that. Idempotent. */
  release(): void {
    this.give(this.#held);
    this.#isOver = true;
  }
}
