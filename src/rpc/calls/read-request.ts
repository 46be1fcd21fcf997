import {
  create,
  type DescMessage,
  type DescMethod,
  type Message,
  type MessageShape,
  mergeFromBinary,
} from "@bufbuild/protobuf";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { LongWork, LongWorks } from "../../engine/concurrency/long-work.ts";
import type { CarrierLog } from "../carrier-log.ts";
import { countPlanOf } from "../intake/count-plan.ts";
import { countRecords } from "../intake/wire-count.ts";
import { readJsonRequest } from "../json/json-request.ts";
import { LimitRefusal, tellOfLimit } from "../limit-refusal.ts";
import type { Service } from "../service.ts";
import type { OpenCall } from "./open-call.ts";

/** Smaller requests are read before anybody waits for it. */
const LONG_WORK_BYTES = 16 * 1024;

export interface ReadOptions {
  readonly bytes: Buffer;
  readonly isJson: boolean;
  readonly call: OpenCall;
  readonly longWorks: LongWorks;
  /** Hears of requests with too many entries. */
  readonly log: CarrierLog;
}

/**
 * The message that a caller sent, by whatever carrier; throws `invalid` where it is none, and what
 * ended the call where it ends meanwhile.
 */
export async function readRequest(
  service: Service,
  method: DescMethod,
  { bytes, isJson, call, longWorks, log }: ReadOptions,
): Promise<Message> {
  const work = longWorks.work(call.waiting);
  if (bytes.length > LONG_WORK_BYTES) {
    await work.begin();
  }
  try {
    return isJson
      ? await readJsonRequest(service, method, bytes, call, work)
      : await decodeRequest(method.input, bytes, work);
  } catch (thrown) {
    const { service: name, method: rpc, peer, principal } = call;
    tellOfLimit(log, { method: `${name}/${rpc}`, peer, principal }, thrown);
    throw thrown;
  }
}

/** What is not known is not kept, either: nobody reads it, and each would be an object. */
const OPTIONS = { readUnknownFields: false };

/**
 * The message of a request's bytes. They are counted first, and decoded piece by piece: protobuf
 * takes the parts of a message one after the other as if they were one.
 */
export async function decodeRequest<D extends DescMessage>(
  schema: D,
  bytes: Uint8Array,
  work: LongWork,
): Promise<MessageShape<D>> {
  const message = create(schema);
  try {
    let from = 0;
    for (const until of [...(await countRecords(bytes, countPlanOf(schema), work)), bytes.length]) {
      mergeFromBinary(schema, message, bytes.subarray(from, until), OPTIONS);
      from = until;
      if (from < bytes.length && work.isLate()) {
        await work.rest();
      }
    }
  } catch (error) {
    throw error instanceof RuntimeError && (error.code !== "invalid" || error.violations.length > 0)
      ? error
      : notValid(schema, error);
  }
  return message;
}

function notValid(schema: DescMessage, error: unknown): RuntimeError {
  const message = `the request is no valid ${schema.typeName} (${errorText(error)}): encode it as the contract says`;
  return error instanceof LimitRefusal
    ? new LimitRefusal(error.limit, "invalid", message)
    : new RuntimeError("invalid", message);
}
