/** How a value lies on the wire: the lower three bits of its tag. */
export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;

const FIRST_BYTES = 64 * 1024;
/** What a rare large message made of it is given back. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;
/**
 * Longest text that is written unit by unit. Beyond, the call of the runtime's own encoder costs
 * less, above all for texts that were put together of parts, whose every unit would be looked up in
 * the part that has it.
 */
const SHORT_UNITS = 24;
const TWO_TO_32 = 2 ** 32;

/**
 * Writes protobuf's wire format into one buffer that all messages share: nothing is allocated on
 * the way. Nothing here waits, so no two messages are ever in it at once.
 */
export class WireWriter {
  position = 0;
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = viewOf(this.#bytes);

  /** Forgets what was written. */
  reset(): void {
    this.position = 0;
    if (this.#bytes.length > MOST_KEPT_BYTES) {
      this.#replace(Buffer.allocUnsafeSlow(FIRST_BYTES));
    }
  }

  /**
   * What was written, from a place on. The next message overwrites these bytes: copy what is kept.
   */
  written(start = 0): Buffer {
    return this.#bytes.subarray(start, this.position);
  }

  /** Bytes of fields that are encoded already. */
  encoded(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** An unsigned whole number of at most 32 bits. */
  uint32(value: number): void {
    this.#reserve(5);
    this.#varint(value);
  }

  /**
   * A whole number that a double holds exactly; a negative one has ten bytes, as the format wants
   * it.
   */
  int64(value: number): void {
    if (value >= 0 && value < TWO_TO_32) {
      this.uint32(value);
      return;
    }
    this.#reserve(10);
    let left = BigInt.asUintN(64, BigInt(value));
    while (left > 0x7fn) {
      this.#bytes[this.position++] = Number(left & 0x7fn) | 0x80;
      left >>= 7n;
    }
    this.#bytes[this.position++] = Number(left);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  /** UTF-8 with its length before it. */
  text(value: string): void {
    const units = value.length;
    // A unit is at most three bytes, and their number at most five.
    this.#reserve(units * 3 + 5);
    if (units <= SHORT_UNITS && this.#ascii(value)) {
      return;
    }
    const start = this.position;
    const guess = sizeOf(units);
    const length = this.#bytes.write(value, start + guess);
    this.#length(start, guess, length);
  }

  /** Leaves room for the length of what follows; `end` with what this answers puts it there. */
  begin(): number {
    this.#reserve(1);
    return this.position++;
  }

  end(start: number): void {
    const length = this.position - start - 1;
    if (length < 0x80) {
      this.#bytes[start] = length;
    } else {
      this.#reserve(5);
      this.#length(start, 1, length);
    }
  }

  /** Where there is room. */
  #varint(value: number): void {
    const bytes = this.#bytes;
    let place = this.position;
    let left = value;
    while (left > 0x7f) {
      bytes[place++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    bytes[place++] = left;
    this.position = place;
  }

  /** Whether it was all ASCII, and is written. */
  #ascii(value: string): boolean {
    const bytes = this.#bytes;
    let place = this.position;
    bytes[place++] = value.length;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) {
        return false;
      }
      bytes[place++] = unit;
    }
    this.position = place;
    return true;
  }

  /**
   * Puts a length before the bytes that stand `room` after `start`, moving them where that is too
   * little; too much it never is.
   */
  #length(start: number, room: number, length: number): void {
    const size = sizeOf(length);
    if (size > room) {
      this.#bytes.copyWithin(start + size, start + room, start + room + length);
    }
    this.position = start;
    this.#varint(length);
    this.position += length;
  }

  #reserve(size: number): void {
    const needed = this.position + size;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(needed)));
      this.#bytes.copy(larger, 0, 0, this.position);
      this.#replace(larger);
    }
  }

  #replace(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf(bytes: Buffer<ArrayBuffer>): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes of a varint of at most 32 bits. */
function sizeOf(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}
