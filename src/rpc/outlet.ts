import { Outgoing } from "./eager-writes.ts";
import type { OpenCall } from "./open-call.ts";

/** What is used of grpc-js's writable streams. */
export interface Sink {
  write(message: Outgoing): unknown;
}

/** Bytes that may wait for a reader beside what the connection itself holds. Messages differ in size a thousandfold, so counting them is no bound. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** gRPC puts a flag and the length before each message; so an empty one counts, too. */
const FRAME_BYTES = 5;

/** Sends a stream's messages no faster than the reader takes them. */
export class Outlet {
  readonly #sink: Sink;
  readonly #call: OpenCall;
  #waiting = 0;
  #onEmpty = (): void => {};

  constructor(sink: Sink, call: OpenCall) {
    this.#sink = sink;
    this.#call = call;
  }

  /** Sends a message. Where the reader is behind: answers a promise for when it has taken everything, or nobody waits for more. */
  write(bytes: Buffer): Promise<void> | undefined {
    const length = bytes.length + FRAME_BYTES;
    if (this.#waiting === 0) {
      this.#call.progress(true);
    }
    this.#waiting += length;
    this.#sink.write(new Outgoing(bytes, () => this.#flushed(length)));
    return this.#waiting <= MOST_WAITING_BYTES ? undefined : this.#emptied();
  }

  #flushed(length: number): void {
    this.#waiting -= length;
    this.#call.progress(this.#waiting > 0);
    if (this.#waiting === 0) {
      this.#onEmpty();
    }
  }

  async #emptied(): Promise<void> {
    const { signal } = this.#call;
    if (signal.aborted || this.#waiting === 0) {
      return;
    }
    await new Promise<void>((resolve) => {
      // Room never comes after a cancel, so both are waited for.
      const done = (): void => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#onEmpty = done;
      signal.addEventListener("abort", done);
    });
  }
}
