import type { WireWriter } from "./wire-writer.ts";

/** Where one thing lies within the bytes of a message. */
interface Place {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What the engine needs to find a place again, beside the bytes themselves. */
const PLACE_BYTES = 100;

/**
 * Remembers where things that never change lie in messages that were sent, so that they are encoded once however many streams read them. Nothing is
 * kept of a thing that nobody else holds any more.
 *
 * What is kept is at most `mostBytes`, in two generations: when the younger one has half of that, it becomes the older one, and what that was is
 * forgotten. So nothing is noted where something is read, and a stream that reads more than there is room for costs the others no more than what
 * encoding costs.
 */
export class KeptBytes<T extends object> {
  readonly #mostBytes: number;
  readonly #isKept: (item: T) => boolean;
  #young = new WeakMap<T, Place>();
  #old = new WeakMap<T, Place>();
  #youngBytes = 0;
  /** Of the message that is being written: what was not found. */
  #fresh: { readonly item: T; readonly start: number; readonly end: number }[] = [];
  /** The message in which the last of it was found. */
  #earlier: Buffer | undefined;

  /** `isKept` says which things never change. */
  constructor(mostBytes: number, isKept: (item: T) => boolean) {
    this.#mostBytes = mostBytes;
    this.#isKept = isKept;
  }

  /** Writes the items of one message one after the other: those that are kept from their bytes, the others by `encode`. */
  write(writer: WireWriter, items: readonly T[], encode: (writer: WireWriter, item: T) => void): void {
    this.#fresh = [];
    this.#earlier = undefined;
    let run: Place | undefined;
    for (const item of items) {
      const place = this.#young.get(item) ?? this.#old.get(item);
      if (run !== undefined && place?.bytes === run.bytes && place.start === run.end) {
        // Read again in the order in which they were sent, as most are, a whole page is one piece.
        run = { bytes: run.bytes, start: run.start, end: place.end };
        continue;
      }
      writeRun(writer, run);
      run = place;
      if (place === undefined) {
        this.#encode(writer, item, encode);
      }
    }
    writeRun(writer, run);
    this.#earlier = run?.bytes;
  }

  /** The whole message, once it is written; what `write` had to encode for it is kept. Nobody may write into what this answers. */
  take(writer: WireWriter): Buffer {
    const fresh = this.#fresh;
    const earlier = this.#earlier;
    if (earlier !== undefined && writer.isJust(earlier)) {
      // The same page for another stream: most of what a page costs is the memory for its bytes.
      return earlier;
    }
    if (fresh.length === 0) {
      return writer.taken();
    }
    // In memory of its own: of a block that others share, one place would keep the whole.
    const bytes = writer.taken(Buffer.allocUnsafeSlow);
    for (const { item, start, end } of fresh) {
      this.#young.set(item, { bytes, start, end });
    }
    this.#count(bytes.length + fresh.length * PLACE_BYTES);
    this.#fresh = [];
    return bytes;
  }

  #encode(writer: WireWriter, item: T, encode: (writer: WireWriter, item: T) => void): void {
    const start = writer.position;
    encode(writer, item);
    if (this.#isKept(item)) {
      this.#fresh.push({ item, start, end: writer.position });
    }
  }

  #count(bytes: number): void {
    this.#youngBytes += bytes;
    if (this.#youngBytes >= this.#mostBytes / 2) {
      this.#old = this.#young;
      this.#young = new WeakMap();
      this.#youngBytes = 0;
    }
  }
}

function writeRun(writer: WireWriter, run: Place | undefined): void {
  if (run !== undefined) {
    writer.part(run.bytes, run.start, run.end);
  }
}
