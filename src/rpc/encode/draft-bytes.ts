import type { Decision } from "../../domain/decision.ts";
import { encodeDecision, encodeFromSequence, encodeSequence, encodeToSequence } from "./decision-encoder.ts";
import { WireWriter } from "./wire-writer.ts";

/** Where the parts of a decision begin and end. */
interface Place {
  readonly start: number;
  readonly sequence: number;
  readonly end: number;
}

/** 3,000 decisions or so; where there are more, the later ones are encoded in place of the earlier. Less than a writer keeps, so that its memory is used again. */
const MOST_BYTES = 3 * 1024 * 1024;

/** Bytes of decisions that have no place in the journal yet: of all but their sequence. */
export class DraftBytes {
  readonly #writer = new WireWriter();
  #places = new WeakMap<Decision, Place>();

  /** Encodes those that are not known yet. From now on they may change in nothing but their sequence. */
  add(decisions: readonly Decision[]): void {
    const writer = this.#writer;
    for (const decision of decisions) {
      if (this.#places.has(decision)) {
        continue;
      }
      if (writer.position > MOST_BYTES) {
        writer.reset();
        this.#places = new WeakMap();
      }
      const start = writer.position;
      encodeToSequence(writer, decision);
      const sequence = writer.position;
      encodeFromSequence(writer, decision);
      this.#places.set(decision, { start, sequence, end: writer.position });
    }
  }

  /** Encodes a decision, as far as that is still to be done. */
  readonly encode = (writer: WireWriter, decision: Decision): void => {
    const place = this.#places.get(decision);
    if (place === undefined) {
      encodeDecision(writer, decision);
      return;
    }
    writer.copyOf(this.#writer, place.start, place.sequence);
    encodeSequence(writer, decision);
    writer.copyOf(this.#writer, place.sequence, place.end);
  };
}
