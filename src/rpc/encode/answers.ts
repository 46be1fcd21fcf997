import {
  EvaluateResponseSchema,
  GenerateSignalsResponseSchema,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { Decision, Evaluation } from "../../domain/decision.ts";
import type { SignalBatch } from "../../engine/api.ts";
import { DraftBytes } from "./draft-bytes.ts";
import { encoderOf } from "./encoder.ts";
import { KeptBytes } from "./kept-bytes.ts";
import { WireWriter } from "./wire-writer.ts";

/**
 * Bytes of journaled decisions that are kept for the next stream that reads them: 35,000 to 70,000 decisions, so that the streams of a whole desk that come
 * back after a break, and all that listen live, cost hardly more than the copying. It is little beside what the decisions themselves take.
 */
const MOST_KEPT_BYTES = 32 * 1024 * 1024;

/** The bytes of `toEvaluation`'s message as the answer to Evaluate. */
export function evaluationEncoder(): (evaluation: Evaluation) => Buffer {
  const writer = new WireWriter();
  const encode = encoderOf(EvaluateResponseSchema);
  return (evaluation) => {
    writer.reset();
    encode(writer, { evaluation });
    return writer.taken();
  };
}

export interface SignalsEncoder {
  /** The bytes of `toSignals`' message. */
  bytes(batch: SignalBatch): Buffer;
  /** Encodes decisions that may be sent soon; where their sequence is 0, they may still be given one. */
  prepare(decisions: readonly Decision[]): void;
}

export function signalsEncoder(): SignalsEncoder {
  const writer = new WireWriter();
  // In a dry run a decision has no place in the journal, and nobody meets it again.
  const kept = new KeptBytes<Decision>(MOST_KEPT_BYTES, ({ sequence }) => sequence > 0);
  const drafts = new DraftBytes();
  const encode = encoderOf(GenerateSignalsResponseSchema, {
    decisions: (to, decisions, decision) => kept.write(to, decisions, (_, one) => decision(to, one, drafts.encode)),
  });
  const bytes = (batch: SignalBatch): Buffer => {
    writer.reset();
    encode(writer, batch);
    return kept.take(writer);
  };
  return {
    bytes,
    prepare(decisions) {
      try {
        drafts.add(decisions.filter(({ sequence }) => sequence === 0));
        const placed = decisions.filter(({ sequence }) => sequence > 0);
        bytes({ decisions: placed, suppressions: [], failures: [], resumeToken: "" });
      } catch {
        // What cannot be encoded fails where it is to be sent.
      }
    },
  };
}
