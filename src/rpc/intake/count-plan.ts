import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { DELIMITED, FIXED64, VARINT } from "../encode/wire-writer.ts";
import { mostEntries, mostEntriesWithin } from "./most-entries.ts";

export const FIXED32 = 5;

/** What a field of a request may be on the wire. */
export interface FieldPlan {
  readonly name: string;
  readonly wireType: number;
  /**
   * Bytes of one entry where several may stand in one record, 0 for varints; undefined where none
   * may.
   */
  readonly packed?: number;
  /** The place of its count among all; absent where it is no list. */
  readonly count?: number;
  /** What stands inside. */
  readonly message?: MessagePlan;
}

export interface MessagePlan {
  readonly fields: ReadonlyMap<number, FieldPlan>;
}

/** A list or map of a request, wherever it stands. */
export interface CountedList {
  /** The names from the request on: "strategies.entry_indicators". */
  readonly path: string;
  /** Most entries, in all messages together. */
  readonly most: number;
  /** Most in one of the request's own records, where lists stand within one another. */
  readonly mostEach?: number;
}

/** How to count what a request holds. */
export interface CountPlan {
  readonly root: MessagePlan;
  readonly lists: readonly CountedList[];
  /** Most records, which are fields that are given, in all messages together. */
  readonly mostRecords: number;
}

/**
 * Lists inside of other messages may have so many in all, for the sake of what is then said of
 * them.
 */
export const LEAST_INSIDE = 1_000;
/**
 * Records beyond those that a full request needs: fields of contracts to come, and such as come
 * twice.
 */
const SPARE_RECORDS = 10_000;

const plans = new WeakMap<DescMessage, CountPlan>();

/** The plan of a kind of request; made once. */
export function countPlanOf(desc: DescMessage): CountPlan {
  const plan = plans.get(desc) ?? planned(desc);
  plans.set(desc, plan);
  return plan;
}

interface Place {
  readonly path: string;
  /** How many messages of this kind a request may hold. */
  readonly times: number;
  /** The messages around it: a kind that holds itself has one plan. */
  readonly around: ReadonlyMap<DescMessage, MessagePlan>;
}

function planned(desc: DescMessage): CountPlan {
  const lists: CountedList[] = [];
  let mostRecords = SPARE_RECORDS;

  function messagePlan(message: DescMessage, { path, times, around }: Place): MessagePlan {
    const known = around.get(message);
    if (known !== undefined) {
      return known;
    }
    const fields = new Map<number, FieldPlan>();
    const plan = { fields };
    const inside = new Map([...around, [message, plan]]);
    for (const field of message.fields) {
      const own = path === "" ? field.name : `${path}.${field.name}`;
      fields.set(field.number, fieldPlan(field, { path: own, times, around: inside }));
    }
    return plan;
  }

  function fieldPlan(field: DescField, { path, times, around }: Place): FieldPlan {
    const { name } = field;
    if (field.fieldKind !== "list" && field.fieldKind !== "map") {
      mostRecords += times;
      return { name, ...valuePlan(field, { path, times, around }) };
    }
    const product = times * mostEntriesWithin(field);
    const most = times === 1 && !path.includes(".") ? product : Math.max(product, LEAST_INSIDE);
    mostRecords += most;
    const isNested = mostEntriesWithin(field) !== mostEntries(field);
    const count = lists.push({ path, most, ...(isNested && { mostEach: LEAST_INSIDE }) }) - 1;
    if (field.fieldKind === "list") {
      const value = valuePlan(field, { path, times: most, around });
      const packed = packedBytes(value.wireType);
      return { name, count, ...value, ...(packed !== undefined && { packed }) };
    }
    mostRecords += 2 * most;
    const key = { name: "key", wireType: wireTypeOf(field.mapKey) };
    const value = { name: "value", ...valuePlan(field, { path, times: most, around }) };
    return { name, count, wireType: DELIMITED, message: { fields: new Map([[1, key] as const, [2, value] as const]) } };
  }

  function valuePlan({ message, scalar, enum: members }: DescField, place: Place) {
    if (message !== undefined) {
      return { wireType: DELIMITED, message: messagePlan(message, place) };
    }
    return { wireType: members === undefined ? wireTypeOf(scalar) : VARINT };
  }

  const root = messagePlan(desc, { path: "", times: 1, around: new Map() });
  return { root, lists, mostRecords };
}

/** Numbers may stand one after the other in one record. */
function packedBytes(wireType: number): number | undefined {
  switch (wireType) {
    case VARINT:
      return 0;
    case FIXED32:
      return 4;
    case FIXED64:
      return 8;
    default:
      return undefined;
  }
}

function wireTypeOf(scalar: ScalarType | undefined): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return DELIMITED;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return FIXED64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return FIXED32;
    default:
      return VARINT;
  }
}
