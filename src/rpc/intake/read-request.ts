import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { LongWorks } from "../../engine/concurrency/long-work.ts";
import type { OpenCall } from "../calls/open-call.ts";
import { readJsonRequest } from "../json/json-request.ts";
import type { Service } from "../service.ts";
import { decodeRequest } from "./decode.ts";

/** Smaller requests are read before anybody waits for it. */
const LONG_WORK_BYTES = 16 * 1024;

export interface ReadOptions {
  readonly bytes: Buffer;
  readonly isJson: boolean;
  readonly call: OpenCall;
  readonly longWorks: LongWorks;
}

/**
 * The message that a caller sent, by whatever carrier; throws `invalid` where it is none, and what
 * ended the call where it ends meanwhile.
 */
export async function readRequest(
  service: Service,
  method: DescMethod,
  { bytes, isJson, call, longWorks }: ReadOptions,
): Promise<Message> {
  const work = longWorks.work(call);
  if (bytes.length > LONG_WORK_BYTES) {
    await work.begin();
  }
  return isJson ? readJsonRequest(service, method, bytes, call, work) : decodeRequest(method.input, bytes, work);
}
