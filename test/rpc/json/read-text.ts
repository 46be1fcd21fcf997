import type { DescMessage } from "@bufbuild/protobuf";
import { LongWorks } from "../../../src/engine/concurrency/long-work.ts";
import { systemClock } from "../../../src/process/system-clock.ts";
import { type ReadRequest, readJson } from "../../../src/rpc/json/read-json.ts";

/** `readJson` of a text, as it comes from a caller. */
export function readText<D extends DescMessage>(desc: D, text: string): Promise<ReadRequest<D>> {
  return readJson(desc, Buffer.from(text), new LongWorks(systemClock).work());
}
