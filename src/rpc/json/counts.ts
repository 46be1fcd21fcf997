import type { DescMessage } from "@bufbuild/protobuf";
import type { Violation } from "../../domain/errors.ts";
import { type CountPlan, countPlanOf } from "../intake/count-plan.ts";

/** Entries of a list or map, wherever it stands. */
export interface ListCount {
  readonly path: string;
  readonly most: number;
  count: number;
}

/** Of lists that the contract does not have: one of them may be meant under another name. */
const USUAL_ENTRIES = 1_000;
const MOST_TOLD = 20;

/**
 * Counts the values of a JSON text by the lists that they stand in. Without a request, nothing is
 * too many.
 */
export class JsonCounts {
  readonly #plan: CountPlan | undefined;
  readonly #counts = new Map<string, ListCount>();
  /** Of a list under an unknown name. */
  readonly #mostOfOthers: number;
  #values = 0;

  constructor(desc: DescMessage | undefined) {
    this.#plan = desc && countPlanOf(desc);
    this.#mostOfOthers = Math.max(USUAL_ENTRIES, ...(this.#plan?.lists ?? []).map(({ most }) => most));
    for (const { path, most } of this.#plan?.lists ?? []) {
      this.#counts.set(path, { path, most, count: 0 });
    }
  }

  /** Values so far: entries of lists and of objects. */
  get values(): number {
    return this.#values;
  }

  /** Whether the request is refused for them, whatever else it has: no more are counted then. */
  get areTooMany(): boolean {
    return this.#values > (this.#plan?.mostRecords ?? Number.POSITIVE_INFINITY);
  }

  /** What counts the lists at a path. */
  of(path: string): ListCount | undefined {
    const known = this.#counts.get(path);
    if (known !== undefined || this.#plan === undefined) {
      return known;
    }
    const made = { path, most: this.#mostOfOthers, count: 0 };
    this.#counts.set(path, made);
    return made;
  }

  /** Another value, in the list where it is in one. */
  add(list: ListCount | undefined): void {
    this.#values++;
    if (list !== undefined) {
      list.count++;
    }
  }

  faults(): readonly Violation[] {
    const faults: Violation[] = [];
    for (const { path, most, count } of this.#counts.values()) {
      if (count > most && faults.length < MOST_TOLD) {
        const orMore = this.areTooMany ? " or more" : "";
        faults.push({ field: path, description: `has ${count} entries${orMore}, must have at most ${most}` });
      }
    }
    if (faults.length === 0 && this.areTooMany) {
      const description = `has more values than a full one, which has at most ${this.#plan?.mostRecords}`;
      faults.push({ field: "request", description });
    }
    return faults;
  }
}
