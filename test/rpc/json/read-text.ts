import type { DescMessage } from "@bufbuild/protobuf";
import { ownWork } from "../../../src/rpc/intake/own-work.ts";
import { type ReadRequest, readJson } from "../../../src/rpc/json/read-json.ts";

/** `readJson` of a text, as it comes from a caller. */
export function readText<D extends DescMessage>(desc: D, text: string): Promise<ReadRequest<D>> {
  return readJson(desc, Buffer.from(text), ownWork().work());
}
