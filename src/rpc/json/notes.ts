import type { ReadFault } from "../../domain/errors.ts";

/** Faults of one message reported at once: whoever has that many is helped by these first. */
const MOST_FAULTS = 60;

/** What is wrong with a message, as far as its reading can tell, by paths from that message on. */
export class Notes {
  readonly #faults: ReadFault[] = [];
  #more = 0;

  /** A value that was read as what it probably means. The description says how to write it. */
  mended(field: string, description: string): void {
    this.#note({ field, description, lost: false });
  }

  /** A value that could not be read. */
  lost(field: string, description: string): void {
    this.#note({ field, description, lost: true });
  }

  get faults(): readonly ReadFault[] {
    const last = this.#faults.at(-1);
    if (last === undefined || this.#more === 0) {
      return this.#faults;
    }
    const description = `and ${this.#more} more faults from here on: mend these first`;
    return [...this.#faults, { field: last.field, description, lost: false }];
  }

  #note(fault: ReadFault): void {
    if (this.#faults.length < MOST_FAULTS) {
      this.#faults.push(fault);
    } else {
      this.#more++;
    }
  }
}
