import type { RuntimeDesk, SignalBatch } from "../../src/engine/api.ts";
import * as sample from "./samples.ts";
import { gate } from "./serve.ts";

/** Batches of one stream; no reader of a test takes nearly as many. */
const FAR_TOO_MANY = 1_000;

/**
 * Follows of batches of some 100 KiB, as many as the service asks for; `made` counts them. A
 * service that does not wait for its reader fails within a second, where it would else go on until
 * the memory is full.
 */
export function firehose() {
  const counter = { made: 0 };
  const batch: SignalBatch = sample.aBatch({ resumeToken: "x".repeat(100_000) });
  const ended = gate();
  const runtime: Partial<RuntimeDesk> = {
    async *follow() {
      try {
        while (counter.made < FAR_TOO_MANY) {
          counter.made++;
          yield batch;
        }
        throw new Error(`${FAR_TOO_MANY} messages were taken of a stream whose reader is behind`);
      } finally {
        ended.open();
      }
    },
  };
  return { runtime, counter, ended: ended.opened };
}
