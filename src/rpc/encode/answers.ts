import type { DescMessage } from "@bufbuild/protobuf";
import {
  EvaluateResponseSchema,
  GenerateSignalsResponseSchema,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { Evaluation } from "../../domain/decision.ts";
import type { SignalBatch } from "../../engine/api.ts";
import { encoderOf } from "./encoder.ts";
import { WireWriter } from "./wire-writer.ts";

/** Answers with the bytes of `toEvaluation`'s message as the answer to Evaluate. */
export function evaluationEncoder(): (evaluation: Evaluation) => Buffer {
  const encode = encoderInto(EvaluateResponseSchema);
  return (evaluation) => encode({ evaluation });
}

/** Answers with the bytes of `toSignals`' message. */
export function signalsEncoder(): (batch: SignalBatch) => Buffer {
  return encoderInto(GenerateSignalsResponseSchema);
}

function encoderInto(schema: DescMessage): (source: object) => Buffer {
  const writer = new WireWriter();
  const encode = encoderOf(schema);
  return (source) => {
    writer.reset();
    encode(writer, source);
    return writer.taken();
  };
}
