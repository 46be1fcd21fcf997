import type { DescField, JsonValue } from "@bufbuild/protobuf";
import type { LongWork } from "../../engine/concurrency/long-work.ts";

/** A long list of the request itself, whose entries have yet to be read. */
interface LongList {
  readonly field: DescField;
  /** Takes them. */
  readonly read: JsonValue[];
  readonly count: number;
  readonly readEntry: (index: number) => void;
}

/** An entry takes some microseconds, a strategy more. */
const STEPS_AN_ENTRY = 16;

/** What of a request takes too long to be read in one turn. */
export class LongEntries {
  readonly #lists: LongList[] = [];

  add(list: LongList): void {
    this.#lists.push(list);
  }

  /** Reads the entries, with rests between; answers with them by the names of their fields. */
  async read(work: LongWork): Promise<ReadonlyMap<string, readonly JsonValue[]>> {
    const lists = new Map<string, readonly JsonValue[]>();
    for (const { field, read, count, readEntry } of this.#lists) {
      for (let index = 0; index < count; index++) {
        readEntry(index);
        if (work.isLateAfter(STEPS_AN_ENTRY)) {
          await work.rest();
        }
      }
      // What stands in the request is empty from now on: these are taken piece by piece.
      lists.set(field.name, read.splice(0));
    }
    return lists;
  }
}
