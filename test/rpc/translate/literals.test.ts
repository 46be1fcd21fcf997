import {
  create,
  type DescMessage,
  fromBinary,
  isFieldSet,
  type MessageInitShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EvaluationSchema,
  SuppressionSchema,
  TradeDecisionSchema,
} from "../../../gen/strategyruntime/v1/decision_pb.ts";
import type { ConditionResult, Decision } from "../../../src/domain/decision.ts";
import { toEvaluation, toSuppression, toTradeDecision } from "../../../src/rpc/translate/decision.ts";
import { toTimestamp } from "../../../src/rpc/translate/time.ts";
import { aDecision, anEvaluation } from "../samples.ts";

const text = fc.string({ unit: "grapheme", maxLength: 8 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Absent members are absent, or are there and undefined. */
function withHoles<T>(record: fc.Arbitrary<object>): fc.Arbitrary<T> {
  return fc
    .tuple(record, fc.boolean())
    .map(([found, keep]) =>
      keep ? found : Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)),
    ) as never;
}

const conditions: fc.Arbitrary<ConditionResult> = withHoles(
  fc.record({
    condition: text,
    timeframe: fc.constantFrom("1h", "4h"),
    left: maybe(fc.double()),
    right: maybe(fc.double()),
    met: maybe(fc.boolean()),
    margin: maybe(fc.double()),
    missingBars: fc.nat(5_000),
  }),
);

const decisions: fc.Arbitrary<Decision> = withHoles<Partial<Decision>>(
  fc.record({
    side: fc.constantFrom("LONG", "SHORT"),
    sizeUsd: fc.double(),
    timestamp: fc.double(),
    regime: fc.oneof(text, fc.constant("")),
    metadata: fc.dictionary(text, text),
    sequence: fc.maxSafeNat(),
    conditions: fc.array(conditions, { maxLength: 3 }),
    riskMode: fc.constantFrom("DEFENSIVE", "NORMAL", "AGGRESSIVE"),
    shadow: fc.boolean(),
  }),
).map(aDecision);

/** The message as `create` makes it, of the same parts all the way down. */
function created<D extends DescMessage>(schema: D, message: object) {
  return create(schema, withoutNames(message) as MessageInitShape<D>);
}

function withoutNames(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutNames);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const parts = Object.entries(value).filter(([key]) => key !== "$typeName");
  return Object.fromEntries(parts.map(([key, part]) => [key, withoutNames(part)]));
}

function expectAlike(schema: DescMessage, message: object): void {
  const other = created(schema, message);
  // What `create` sets must be there, zero or not.
  expect(Object.keys(message)).toEqual(expect.arrayContaining(Object.keys(other)));
  const bytes = toBinary(schema, message as never);
  expect(bytes).toEqual(toBinary(schema, other));
  expect(toJson(schema, message as never)).toEqual(toJson(schema, other));
  expect(fromBinary(schema, bytes).$typeName).toBe((message as { $typeName: string }).$typeName);
}

describe("messages written as literals", () => {
  it("are the bytes and the JSON of created ones: decisions", () => {
    fc.assert(fc.property(decisions, (decision) => expectAlike(TradeDecisionSchema, toTradeDecision(decision))));
  });

  it("are the bytes and the JSON of created ones: evaluations", () => {
    const parts = fc.record({
      decision: maybe(decisions),
      conditions: fc.array(conditions, { maxLength: 3 }),
      strength: maybe(fc.double()),
      confidence: maybe(fc.double()),
      barCloseTime: maybe(fc.integer()),
      indicators: fc.dictionary(text, fc.double()),
    });
    fc.assert(
      fc.property(withHoles<object>(parts), (over) => expectAlike(EvaluationSchema, toEvaluation(anEvaluation(over)))),
    );
  });

  it("are the bytes and the JSON of created ones: suppressions and times", () => {
    const suppression = { strategyId: "dip", symbol: "BTCUSDT", outcome: "COOLDOWN", explanation: "" } as const;
    expectAlike(SuppressionSchema, toSuppression(suppression));
    for (const ms of [0, -1, 0.000_001, 1_700_000_000_123.5]) {
      expectAlike(TimestampSchema, toTimestamp(ms) ?? {});
    }
  });

  it("carry every field of the contract", () => {
    const decision = aDecision({ shadow: true });
    const unset = (schema: DescMessage, message: object) =>
      schema.fields.filter((field) => !isFieldSet(message as never, field)).map(({ name }) => name);
    expect(unset(TradeDecisionSchema, toTradeDecision(decision))).toEqual([]);
    expect(unset(EvaluationSchema, toEvaluation(anEvaluation()))).toEqual([]);
  });
});
