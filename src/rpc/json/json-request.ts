import type { DescMethod, Message } from "@bufbuild/protobuf";
import { invalid, isLost, type RuntimeError, type Violation } from "../../domain/errors.ts";
import type { LongWork } from "../../engine/concurrency/long-work.ts";
import type { CallContext, Service } from "../service.ts";
import { readJson } from "./read-json.ts";

/**
 * Reads a request that is JSON, for Connect's own reader stops at the first fault, and says neither
 * where it is nor what would be taken. Throws all that is wrong with it at once.
 */
export async function readJsonRequest(
  service: Service,
  method: DescMethod,
  bytes: Buffer,
  context: CallContext,
  work: LongWork,
): Promise<Message> {
  const { message, faults } = await readJson(method.input, bytes, work);
  if (faults.length > 0) {
    const found = await service.check(method)(message, context);
    throw refusal([...faults, ...found.filter(({ field }) => !isLost(faults, field))]);
  }
  return message;
}

/** Faults of one answer: a thousand strategies may have sixty each. */
const MOST_FAULTS = 300;

function refusal(faults: readonly Violation[]): RuntimeError {
  const listed = faults.slice(0, MOST_FAULTS).map(({ field, description }) => ({ field, description }));
  const next = faults[MOST_FAULTS];
  if (next !== undefined) {
    const more = faults.length - MOST_FAULTS;
    listed.push({ field: next.field, description: `and ${more} more faults from here on: mend these first` });
  }
  return invalid(listed);
}
