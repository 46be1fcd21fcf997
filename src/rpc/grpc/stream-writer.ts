import { setImmediate as nextTurn } from "node:timers/promises";
import type { OpenCall } from "../calls/open-call.ts";
import { Outgoing } from "./eager-writes.ts";

/** What is used of grpc-js's writable streams. */
export interface Sink {
  write(message: Outgoing): unknown;
}

/**
 * Bytes that may wait for a reader beside those which the connection itself holds. Messages differ
 * in size a thousandfold, so their number is no bound.
 */
const MOST_WAITING_BYTES = 512 * 1024;
/** After so many bytes the connection has its turn: the reader works on them beside us. */
const BYTES_A_TURN = 64 * 1024;
/** gRPC puts a flag and the length before each message; so an empty one counts, too. */
const FRAME_BYTES = 5;

/** Sends a stream's messages no faster than the reader takes them. */
export class StreamWriter {
  readonly #sink: Sink;
  readonly #call: Pick<OpenCall, "signal" | "progress">;
  #waiting = 0;
  #sinceTurn = 0;
  #onRoom = (): void => {};

  constructor(sink: Sink, call: Pick<OpenCall, "signal" | "progress">) {
    this.#sink = sink;
    this.#call = call;
  }

  /**
   * Sends a message, whose bytes may be overwritten afterwards. Answers a promise where the next
   * message should wait: for the connection's turn, or for a reader that is behind. A call that has
   * ended waits for neither.
   */
  write(bytes: Buffer): Promise<void> | undefined {
    if (this.#waiting === 0) {
      this.#call.progress(true);
    }
    const length = bytes.length + FRAME_BYTES;
    this.#waiting += length;
    this.#sinceTurn += length;
    const outgoing = new Outgoing(bytes, () => this.#flushed(length));
    this.#sink.write(outgoing);
    outgoing.keep();
    if (this.#waiting > MOST_WAITING_BYTES) {
      return this.#room();
    }
    return this.#sinceTurn > BYTES_A_TURN ? this.#turn() : undefined;
  }

  #flushed(length: number): void {
    this.#waiting -= length;
    this.#call.progress(this.#waiting > 0);
    if (this.#waiting <= MOST_WAITING_BYTES) {
      this.#onRoom();
    }
  }

  async #turn(): Promise<void> {
    this.#sinceTurn = 0;
    await nextTurn();
  }

  async #room(): Promise<void> {
    const { signal } = this.#call;
    this.#sinceTurn = 0;
    if (signal.aborted || this.#waiting <= MOST_WAITING_BYTES) {
      return;
    }
    await new Promise<void>((resolve) => {
      // Room never comes after a cancel, so both are waited for.
      const done = (): void => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#onRoom = done;
      signal.addEventListener("abort", done);
    });
  }
}
