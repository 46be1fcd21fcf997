import { RuntimeError } from "../../domain/errors.ts";

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
  #taken = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** Bytes taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** The bytes of one request; none so far. */
  request(): RequestBytes {
    return new RequestBytes(this);
  }

  /** Throws `resource_exhausted` where so many bytes more would be too many. */
  expect(bytes: number): void {
    if (this.#taken + bytes > this.most) {
      const now = `${this.#taken} bytes of requests are in flight`;
      throw new RuntimeError(
        "resource_exhausted",
        `${now}, and ${bytes} more would be above ${this.most}, which is MAX_BYTES_IN_FLIGHT: try again later`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
  }

  /** Takes so many bytes, or throws as `expect` does; a negative count gives them back. */
  take(bytes: number): void {
    if (bytes > 0) {
      this.expect(bytes);
    }
    this.#taken += bytes;
  }
}

/** What one request has taken of the bytes in flight. */
export class RequestBytes {
  readonly #all: BytesInFlight;
  #held = 0;
  #isOver = false;

  constructor(all: BytesInFlight) {
    this.#all = all;
  }

  /**
   * Throws `resource_exhausted` where so many bytes will not fit. Nothing is taken yet: who only
   * says that much is to come keeps nobody out.
   */
  expect(bytes: number): void {
    this.#all.expect(bytes);
  }

  /** Takes so many bytes that are there now; throws `resource_exhausted` where they are too many. */
  take(bytes: number): void {
    if (!this.#isOver) {
      this.#all.take(bytes);
      this.#held += bytes;
    }
  }

  /** Gives so many of them back. */
  give(bytes: number): void {
    const given = Math.min(bytes, this.#held);
    this.#held -= given;
    this.#all.take(-given);
  }

  /** Gives all of them back once the request is over; nothing is taken after that. Idempotent. */
  release(): void {
    this.give(this.#held);
    this.#isOver = true;
  }
}
