import { invalid, RuntimeError, type Violation } from "../../domain/errors.ts";
import type { LongWork } from "../../engine/concurrency/long-work.ts";
import { DELIMITED, FIXED64, VARINT } from "../encode/wire-writer.ts";
import { LimitRefusal } from "../limit-refusal.ts";
import { type CountPlan, FIXED32, type FieldPlan, type MessagePlan } from "./count-plan.ts";

/** No message of the contract is nested as deeply, and the decoder goes no deeper. */
const DEEPEST = 100;
/** A tag or a length has at most 32 bits. */
const LONGEST_LENGTH = 5;
const LONGEST_VARINT = 10;
/** Bytes that are decoded in one go. */
const PIECE_BYTES = 16 * 1024;
/** What is larger could not be decoded in one turn, and nothing in the contract is. */
const LARGEST_RECORD = 1024 * 1024;
/** So many records take some hundred microseconds. */
const RECORDS_A_LOOK = 4_096;

/**
 * Counts what the bytes of a request hold before anything is made of them, and answers with the
 * places at which they can be cut into pieces. Throws `invalid` where a list has too many entries,
 * or where the bytes are no such message.
 *
 * What passes here, the decoder reads in the same way: it takes every field by its number and looks
 * at neither the kind of the record nor the end of the message around it. A record of another kind
 * than the contract's would let it read what was never counted.
 */
export async function countRecords(bytes: Uint8Array, plan: CountPlan, work: LongWork): Promise<readonly number[]> {
  const count = new WireCount(bytes, plan);
  while (!count.step()) {
    if (work.isLate()) {
      await work.rest();
    }
  }
  count.check();
  return count.cuts;
}

class WireCount {
  readonly cuts: number[] = [];
  readonly #bytes: Uint8Array;
  readonly #plan: CountPlan;
  readonly #counts: Float64Array;
  /** The counts before the request's own record at hand. */
  readonly #before: Float64Array;
  #at = 0;
  #records = 0;
  #lastCut = 0;

  constructor(bytes: Uint8Array, plan: CountPlan) {
    this.#bytes = bytes;
    this.#plan = plan;
    this.#counts = new Float64Array(plan.lists.length);
    this.#before = new Float64Array(plan.lists.length);
  }

  /**
   * Goes over some of the request's own records; whether it has come to the end, or to more than
   * any request has: what is refused anyway is counted no further.
   */
  step(): boolean {
    const end = this.#bytes.length;
    const { mostRecords } = this.#plan;
    const until = Math.min(this.#records + RECORDS_A_LOOK, mostRecords + 1);
    while (this.#at < end && this.#records < until) {
      this.#record(this.#plan.root, end, 1);
      this.#checkEach();
      if (this.#at - this.#lastCut >= PIECE_BYTES) {
        this.#lastCut = this.#at;
        this.cuts.push(this.#at);
      }
    }
    return this.#at >= end || this.#records > mostRecords;
  }

  /** Throws where one record alone has too much: it would be decoded, and judged, in one turn. */
  #checkEach(): void {
    this.#plan.lists.forEach(({ path, mostEach }, index) => {
      if (mostEach === undefined) {
        return;
      }
      const count = (this.#counts[index] ?? 0) - (this.#before[index] ?? 0);
      if (count > mostEach) {
        throw tooMany([{ field: path, description: `has ${count} entries in one, must have at most ${mostEach}` }]);
      }
      this.#before[index] = this.#counts[index] ?? 0;
    });
  }

  /** Throws where there is too much of anything. */
  check(): void {
    const { lists, mostRecords } = this.#plan;
    const orMore = this.#records > mostRecords ? " or more" : "";
    const faults: Violation[] = lists.flatMap(({ path, most }, index) => {
      const count = this.#counts[index] ?? 0;
      const description = `has ${count} entries${orMore}, must have at most ${most}`;
      return count > most ? [{ field: path, description }] : [];
    });
    if (faults.length > 0) {
      throw tooMany(faults);
    }
    if (this.#records > mostRecords) {
      const message = `it gives more fields than a full one, which has at most ${mostRecords}`;
      throw new LimitRefusal("entries", "invalid", message);
    }
  }

  #record(plan: MessagePlan, end: number, depth: number): void {
    this.#records++;
    const tag = this.#length(end);
    const wireType = tag & 7;
    const number = tag >>> 3;
    if (number === 0) {
      throw noMessage(`there is no field 0, at byte ${this.#at}`);
    }
    const field = plan.fields.get(number);
    if (field === undefined) {
      this.#skip(wireType, end);
      return;
    }
    if (wireType !== field.wireType) {
      this.#packed(field, wireType, end);
      return;
    }
    const isMany = field.count !== undefined && this.#add(field.count, 1);
    if (field.message === undefined || isMany) {
      this.#skip(wireType, end);
      return;
    }
    const inside = this.#delimited(end);
    if (depth >= DEEPEST) {
      throw noMessage(`it nests deeper than ${DEEPEST} messages`);
    }
    while (this.#at < inside) {
      this.#record(field.message, inside, depth + 1);
    }
  }

  /** Numbers of a list that stand in one record. */
  #packed({ name, packed, count }: FieldPlan, wireType: number, end: number): void {
    if (packed === undefined || count === undefined || wireType !== DELIMITED) {
      throw noMessage(`${name} is written in another way than the contract says, at byte ${this.#at}`);
    }
    const from = this.#at;
    const until = this.#delimited(end);
    let entries = (until - this.#at) / packed;
    if (packed === 0) {
      entries = 0;
      while (this.#at < until) {
        this.#varint(until);
        entries++;
      }
    } else if (!Number.isInteger(entries)) {
      throw noMessage(`${name} ends within a number, at byte ${from}`);
    }
    this.#at = until;
    this.#records += entries;
    this.#add(count, entries);
  }

  /** Whether there are too many now: what is in them is of no interest then. */
  #add(index: number, entries: number): boolean {
    const count = (this.#counts[index] ?? 0) + entries;
    this.#counts[index] = count;
    return count > (this.#plan.lists[index]?.most ?? 0);
  }

  #skip(wireType: number, end: number): void {
    switch (wireType) {
      case VARINT:
        this.#varint(end);
        return;
      case FIXED64:
        this.#fixed(8, end);
        return;
      case DELIMITED:
        this.#at = this.#delimited(end);
        return;
      case FIXED32:
        this.#fixed(4, end);
        return;
      default:
        // Groups among them: the contract has none, and one in the other costs the decoder its
        // stack.
        throw noMessage(`a record of kind ${wireType} is none of the contract's, at byte ${this.#at}`);
    }
  }

  #fixed(length: number, end: number): void {
    this.#at += length;
    if (this.#at > end) {
      throw truncated();
    }
  }

  /** Reads a length; where what is so long ends. */
  #delimited(end: number): number {
    const length = this.#length(end);
    if (length > LARGEST_RECORD) {
      throw noMessage(`a field has ${length} bytes, at byte ${this.#at}, and none has more than ${LARGEST_RECORD}`);
    }
    const until = this.#at + length;
    if (until > end) {
      throw truncated();
    }
    return until;
  }

  /** A tag or a length. */
  #length(end: number): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let i = 0; i < LONGEST_LENGTH; i++) {
      if (this.#at >= end) {
        throw truncated();
      }
      const byte = bytes[this.#at++] as number;
      if (i === LONGEST_LENGTH - 1 && byte > 0x0f) {
        break;
      }
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        return value;
      }
    }
    throw noMessage(`a tag or a length has more than 32 bits, at byte ${this.#at}`);
  }

  #varint(end: number): void {
    const bytes = this.#bytes;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      if (this.#at >= end) {
        throw truncated();
      }
      if ((bytes[this.#at++] as number) < 0x80) {
        return;
      }
    }
    throw noMessage(`a number has more than 64 bits, at byte ${this.#at}`);
  }
}

function truncated(): RuntimeError {
  return noMessage("it ends too early");
}

function tooMany(faults: readonly Violation[]): LimitRefusal {
  const { message, violations } = invalid(faults);
  return new LimitRefusal("entries", "invalid", message, { violations });
}

function noMessage(why: string): RuntimeError {
  return new RuntimeError("invalid", why);
}
