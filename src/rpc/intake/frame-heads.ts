const HEAD_BYTES = 5;

/**
 * Finds the heads of messages in a connection's bytes, as gRPC frames them: a flag, and the length
 * in four bytes.
 */
export class FrameHeads {
  readonly #onHead: (length: number) => void;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  /** Bytes of the message that have yet to come. */
  #left = 0;

  constructor(onHead: (length: number) => void) {
    this.#onHead = onHead;
  }

  /** Takes the next bytes; what `onHead` throws passes through. */
  take(data: Buffer): void {
    for (let at = 0; at < data.length; ) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, data.length - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      const copied = data.copy(this.#head, this.#headBytes, at, at + HEAD_BYTES - this.#headBytes);
      this.#headBytes += copied;
      at += copied;
      if (this.#headBytes === HEAD_BYTES) {
        this.#headBytes = 0;
        this.#left = this.#head.readUInt32BE(1);
        this.#onHead(this.#left);
      }
    }
  }
}
