import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { LongWorks } from "../../engine/concurrency/long-work.ts";
import { readJsonRequest } from "../json/json-request.ts";
import type { OpenCall } from "../open-call.ts";
import type { Service } from "../service.ts";
import { decodeRequest } from "./decode.ts";

export interface ReadOptions {
  readonly bytes: Buffer;
  readonly isJson: boolean;
  readonly call: OpenCall;
  readonly longWorks: LongWorks;
}

/** The message that a caller sent, by whatever carrier; throws `invalid` where it is none, and what ended the call where it ends meanwhile. */
export function readRequest(
  service: Service,
  method: DescMethod,
  { bytes, isJson, call, longWorks }: ReadOptions,
): Promise<Message> {
  if (isJson) {
    return readJsonRequest(service, method, bytes, call, longWorks.work(call));
  }
  return decodeRequest(method.input, bytes, longWorks.work(call));
}
