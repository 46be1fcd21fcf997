import { create, toBinary } from "@bufbuild/protobuf";
import { UninterpretedOptionSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EvaluateResponseSchema,
  GenerateSignalsResponseSchema,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { RuleSchema } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import type { Evaluation } from "../../../src/domain/decision.ts";
import type { SignalBatch } from "../../../src/engine/api.ts";
import { evaluationEncoder, signalsEncoder } from "../../../src/rpc/encode/answers.ts";
import { encoderOf } from "../../../src/rpc/encode/encoder.ts";
import { toEvaluation } from "../../../src/rpc/translate/decision.ts";
import { toSignals } from "../../../src/rpc/translate/runtime.ts";
import * as some from "../arbitraries.ts";
import { aBatch, aDecision, anEvaluation } from "../samples.ts";

function evaluationMessage(evaluation: Evaluation): Buffer {
  const message = create(EvaluateResponseSchema, { evaluation: toEvaluation(evaluation) });
  return Buffer.from(toBinary(EvaluateResponseSchema, message));
}

function signalsMessage(batch: SignalBatch): Buffer {
  return Buffer.from(toBinary(GenerateSignalsResponseSchema, toSignals(batch)));
}

const batches: fc.Arbitrary<SignalBatch> = some
  .withHoles<Partial<SignalBatch>>(
    fc.record({
      decisions: fc.array(some.decisions, { maxLength: 4 }),
      suppressions: fc.array(
        fc.record({
          strategyId: some.text,
          symbol: some.text,
          outcome: fc.constantFrom("COOLDOWN", "HALTED"),
          explanation: some.text,
        }),
        { maxLength: 2 },
      ),
      failures: fc.array(
        fc.record({
          symbol: some.text,
          outcome: fc.constantFrom("MARKET_DATA_UNAVAILABLE", "FAILED"),
          explanation: some.text,
        }),
        { maxLength: 2 },
      ),
      summary: some.maybe(some.summaries),
      resumeToken: some.text,
      watermark: some.maybe(fc.oneof(fc.integer(), fc.double())),
    }),
  )
  .map(aBatch);

describe("answers without a message between", () => {
  it("are the bytes of the message: evaluations", () => {
    const encode = evaluationEncoder();
    fc.assert(
      fc.property(some.evaluations, (evaluation) => {
        expect(encode(evaluation)).toEqual(evaluationMessage(evaluation));
      }),
    );
  });

  it("are the bytes of the message: signals, however often the decisions were sent before", () => {
    const encode = signalsEncoder();
    fc.assert(
      fc.property(batches, batches, (one, other) => {
        const both = { ...other, decisions: [...other.decisions, ...one.decisions, ...other.decisions] };
        for (const batch of [one, one, other, both, one]) {
          expect(encode(batch)).toEqual(signalsMessage(batch));
        }
      }),
    );
  });

  it("are the bytes of the message where these are more than all buffers began with", () => {
    const decisions = Array.from({ length: 3_000 }, (_, i) => aDecision({ sequence: i + 1, reasoning: "é".repeat(i) }));
    const encode = signalsEncoder();
    const batch = aBatch({ decisions });
    expect(signalsMessage(batch).length).toBeGreaterThan(8 * 1024 * 1024);
    expect(encode(batch).equals(signalsMessage(batch))).toBe(true);
    const small = aBatch({ decisions: decisions.slice(5, 9), resumeToken: "r" });
    expect(encode(small)).toEqual(signalsMessage(small));
  });

  it("go on after one that could not be encoded", () => {
    const encode = signalsEncoder();
    const broken = aDecision({ conditions: [{ condition: "x", timeframe: "1h", missingBars: 0.5 }] });
    const whole = aDecision({ sequence: 8 });
    expect(() => encode(aBatch({ decisions: [whole, broken] }))).toThrow(/missing_bars: 0.5 is no int32/);
    for (const decisions of [[aDecision()], [whole], [whole]]) {
      const batch = aBatch({ decisions, resumeToken: "next" });
      expect(encode(batch)).toEqual(signalsMessage(batch));
    }
  });

  it("stay as they are when later ones are written", () => {
    const encode = evaluationEncoder();
    const first = encode(anEvaluation());
    const before = Buffer.from(first);
    encode(anEvaluation({ explanation: "x".repeat(1_000) }));
    expect(first).toEqual(before);
  });
});

describe("a message that has what is not compiled", () => {
  it("is refused when it is compiled, not when it is sent", () => {
    expect(() => encoderOf(RuleSchema)).toThrow(/Rule holds itself and is not compiled: send the message/);
    expect(() => encoderOf(UninterpretedOptionSchema)).toThrow(/of a kind that is not compiled: send the message/);
  });
});
