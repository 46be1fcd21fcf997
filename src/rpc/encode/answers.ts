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
  return (evaluation) => Buffer.from(encode({ evaluation }));
}

/** Answers with the bytes of `toSignals`' message, which the next message overwrites. */
export function signalsEncoder(): (batch: SignalBatch) => Buffer {
  return encoderInto(GenerateSignalsResponseSchema);
}

/** Answers with bytes that the next message overwrites. */
function encoderInto(schema: DescMessage): (source: object) => Buffer {
  const writer = new WireWriter();
  const encode = encoderOf(schema);
  return (source) => {
    writer.reset();
    encode(writer, source);
    return writer.written();
  };
}
