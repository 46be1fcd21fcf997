import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";

type Status = Parameters<ServerInterceptingCall["sendStatus"]>[0];

/** A message of a stream on its way through grpc-js, with who waits for it. */
export class Outgoing {
  /** Called once the connection has taken it whole. */
  readonly flushed: () => void;
  #bytes: Buffer;
  #isTaken = false;

  /** The bytes may be those of an encoder, which its next message overwrites. */
  constructor(bytes: Buffer, flushed: () => void) {
    this.#bytes = bytes;
    this.flushed = flushed;
  }

  /** For grpc-js, which copies them into its frame at once. */
  take(): Buffer {
    this.#isTaken = true;
    return this.#bytes;
  }

  /** The encoder goes on: bytes that grpc-js has not taken yet are copied. */
  keep(): void {
    if (!this.#isTaken) {
      this.#bytes = Buffer.from(this.#bytes);
    }
  }
}

/**
 * grpc-js hands a stream's next message to its connection only once the reader has taken the one
 * before: what a close has decided would wait for the reader's process to have its turn, message by
 * message. With this each is handed over at once, and `StreamWriter` sees to it that not too much
 * waits.
 */
class EagerCall extends ServerInterceptingCall {
  #waiting = 0;
  #status: Status | undefined;

  override sendMessage(message: unknown, done: () => void): void {
    if (message instanceof Outgoing) {
      this.#waiting++;
      super.sendMessage(message, () => this.#flushed(message));
      done();
    } else {
      super.sendMessage(message, done);
    }
  }

  /**
   * A call whose status is sent counts as ended, and nobody would look after a reader who has yet
   * to take what stands before it.
   */
  override sendStatus(status: Status): void {
    if (this.#waiting > 0) {
      this.#status ??= status;
    } else {
      super.sendStatus(status);
    }
  }

  #flushed(message: Outgoing): void {
    this.#waiting--;
    message.flushed();
    if (this.#waiting === 0 && this.#status !== undefined) {
      super.sendStatus(this.#status);
    }
  }
}

export const eagerWrites: ServerInterceptor = ({ responseStream }, next) =>
  // A call with one answer has nothing that waits behind it.
  responseStream ? new EagerCall(next) : (next as ServerInterceptingCall);
