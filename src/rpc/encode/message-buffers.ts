/** Bytes of each buffer. Most full messages fit; a larger one gets a buffer of its own. */
const BUFFER_BYTES = 128 * 1024;
/** Smaller messages cost less than the keeping of their buffers. */
const LEAST_BYTES = 16 * 1024;
/** 4 MiB at most. */
const MOST_KEPT = 32;

/**
 * Lends the buffers of messages that have gone out to the next messages. A buffer lies outside the
 * heap, and V8 goes through the whole heap after some 30 MB of new ones: a reader who catches up
 * would make it do so several times a second.
 */
export class MessageBuffers {
  readonly #free: ArrayBuffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** A copy of the bytes, which `giveBack` may be told of. */
  copyOf(bytes: Buffer): Buffer {
    if (bytes.length < LEAST_BYTES || bytes.length > BUFFER_BYTES) {
      return Buffer.from(bytes);
    }
    const memory = this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES).buffer;
    this.#lent.add(memory);
    const copy = Buffer.from(memory, 0, bytes.length);
    bytes.copy(copy);
    return copy;
  }

  /**
   * Nobody reads the bytes any more. Bytes of other origin are left alone, and so are bytes given
   * back before.
   */
  giveBack({ buffer }: Buffer): void {
    if (this.#lent.delete(buffer) && this.#free.length < MOST_KEPT) {
      this.#free.push(buffer as ArrayBuffer);
    }
  }
}

/** Of all messages of this process. */
export const messageBuffers = new MessageBuffers();
