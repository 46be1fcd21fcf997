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
import { toEvaluation, toSuppression, toTradeDecision } from "../../../src/rpc/translate/decision.ts";
import { toTimestamp } from "../../../src/rpc/translate/time.ts";
import * as some from "../arbitraries.ts";
import { aDecision, anEvaluation } from "../samples.ts";

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
  if (!("$typeName" in value)) {
    // A map, whose keys may be in an order of their own.
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
    fc.assert(fc.property(some.decisions, (decision) => expectAlike(TradeDecisionSchema, toTradeDecision(decision))));
  });

  it("are the bytes and the JSON of created ones: evaluations", () => {
    fc.assert(fc.property(some.evaluations, (evaluation) => expectAlike(EvaluationSchema, toEvaluation(evaluation))));
  });

  it("are the bytes and the JSON of created ones: suppressions and times", () => {
    const suppression = { strategyId: "dip", symbol: "BTCUSDT", outcome: "COOLDOWN", explanation: "" } as const;
    expectAlike(SuppressionSchema, toSuppression(suppression));
    for (const ms of [0, -1, 0.000_001, 1_700_000_000_123.5]) {
      expectAlike(TimestampSchema, toTimestamp(ms) ?? {});
    }
  });

  it("carry every field of the contract", () => {
    const exitPlan = { targets: [{ time: 1, price: 105 }], trailingDistancePct: 0.02 };
    const exit = { action: "CLOSE", positionId: "p", exitReason: "TIME" } as const;
    const decision = aDecision({ shadow: true, exitPlan, tags: ["dip"], ...exit });
    const unset = (schema: DescMessage, message: object) =>
      schema.fields.filter((field) => !isFieldSet(message as never, field)).map(({ name }) => name);
    expect(unset(TradeDecisionSchema, toTradeDecision(decision))).toEqual([]);
    expect(unset(EvaluationSchema, toEvaluation(anEvaluation()))).toEqual([]);
  });
});
