import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutcomeSchema, TradeDecisionSchema } from "../../../gen/strategyruntime/v1/decision_pb.ts";
import { ConditionSchema, StrategyConfigSchema } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { compareCodePoints, OUTCOMES } from "../../../src/domain/decision.ts";
import type { StrategyDraft } from "../../../src/domain/strategy.ts";
import { toTradeDecision } from "../../../src/rpc/translate/decision.ts";
import { outcomes, sides, statuses } from "../../../src/rpc/translate/enums.ts";
import { sortedMap } from "../../../src/rpc/translate/maps.ts";
import { fromInt64, toInt32, toInt64 } from "../../../src/rpc/translate/numbers.ts";
import { fromStrategyConfig, toStrategyConfig } from "../../../src/rpc/translate/strategy.ts";
import { aDecision, aDraft, aStored } from "../samples.ts";

const text = fc.string({ unit: "grapheme", maxLength: 8 });
const optionalDouble = fc.option(fc.double({ noNaN: true }), { nil: undefined });

/** Anything that a caller may send, valid or not. */
const drafts: fc.Arbitrary<StrategyDraft> = fc
  .record({
    strategyId: text,
    name: text,
    status: fc.constantFrom("", "CANDIDATE", "SHADOW", "LIVE", "DISABLED"),
    entryIndicators: fc.array(
      fc.oneof(
        fc.record({ name: text, operator: text, value: fc.double(), timeframe: text }),
        fc.record({ name: text, operator: text, indicator: text, timeframe: text }),
        fc.record({ name: text, operator: text, timeframe: text }),
      ),
    ),
    entryLogic: fc.constantFrom("", "ALL", "ANY"),
    baseSizeUsd: fc.double(),
    confidenceScaling: fc.option(fc.boolean(), { nil: undefined }),
    stopLossPct: fc.double(),
    stopLossAt: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    takeProfitPct: fc.double(),
    takeProfitAt: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    allowedRegimes: fc.array(text),
    minConfidence: optionalDouble,
    maxPositions: fc.option(fc.integer(), { nil: undefined }),
    fitnessScore: optionalDouble,
    side: fc.constantFrom("", "LONG", "SHORT"),
    timeframe: text,
    trigger: fc.constantFrom("", "LEVEL", "EDGE"),
    cooldownMs: fc.option(fc.integer({ min: -1e12, max: 1e12 }), { nil: undefined }),
    symbols: fc.array(text),
    labels: fc.dictionary(text, text),
    trailingStop: fc.option(
      fc.oneof(
        fc.record({ distancePct: fc.double() }),
        fc.record({ distancePct: fc.double(), activationPct: fc.double() }),
      ),
      { nil: undefined },
    ),
    targetSteps: fc.option(
      fc.array(fc.record({ afterMs: fc.integer({ min: -1e12, max: 1e12 }), takeProfitPct: fc.double() }), {
        minLength: 1,
      }),
      { nil: undefined },
    ),
    maxHoldingTimeMs: fc.option(fc.integer({ min: -1e12, max: 1e12 }), { nil: undefined }),
  })
  .map((draft) => Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined)) as never);

describe("strategies", () => {
  it("come back from the wire as they were, absent parts absent", () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const bytes = toBinary(StrategyConfigSchema, toStrategyConfig(aStored(draft)));
        expect(fromStrategyConfig(fromBinary(StrategyConfigSchema, bytes))).toEqual(draft);
      }),
    );
  });

  it("carry an unknown enumeration number as its digits, so that the refusal can name it", () => {
    const wire = create(StrategyConfigSchema, { status: 9 as never, entryLogic: 8 as never, side: 7 as never });
    expect(fromStrategyConfig(wire)).toMatchObject({ status: "9", entryLogic: "8", side: "7", trigger: "" });
  });

  it("carry an invalid cooldown as no number", () => {
    const wire = create(StrategyConfigSchema, { cooldown: { seconds: 1n, nanos: -1 } });
    expect(fromStrategyConfig(wire).cooldownMs).toBeNaN();
  });

  it("are sent from a broken row as far as it can be said (R44)", () => {
    const unreadable = { strategyId: "x", fault: "no JSON", version: 2, createdAt: 0, updatedAt: Number.NaN };
    expect(toStrategyConfig(unreadable)).toMatchObject({ strategyId: "x", version: 2n, name: "" });
    const odd = aDraft({ status: "PAUSED", maxPositions: 1.5, cooldownMs: Number.POSITIVE_INFINITY });
    const message = toStrategyConfig(aStored(odd, { version: 0.5 }));
    expect(message).toMatchObject({ status: 0, version: 0n });
    expect([message.maxPositions, message.cooldown]).toEqual([undefined, undefined]);
    expect(() => toBinary(StrategyConfigSchema, message)).not.toThrow();
  });

  it("keep a condition without operand without one", () => {
    const wire = create(StrategyConfigSchema, { entryIndicators: [create(ConditionSchema, { name: "RSI" })] });
    expect(fromStrategyConfig(wire).entryIndicators[0]).toEqual({ name: "RSI", operator: "", timeframe: "" });
  });
});

describe("decisions", () => {
  it("are equal bytes however their metadata came to be (R41)", () => {
    const one = toTradeDecision(aDecision({ metadata: { a: "1", "\u{1f600}": "2", "\uffee": "3" } }));
    const other = toTradeDecision(aDecision({ metadata: { "\uffee": "3", "\u{1f600}": "2", a: "1" } }));
    expect(toBinary(TradeDecisionSchema, one)).toEqual(toBinary(TradeDecisionSchema, other));
  });

  it("leave out what is not known, and send 0 and false where they are", () => {
    const [ready, unknown] = toTradeDecision(
      aDecision({
        conditions: [
          { condition: "a", timeframe: "1h", left: 0, right: 0, met: false, missingBars: 0 },
          { condition: "b", timeframe: "1h", missingBars: 3 },
        ],
      }),
    ).conditions;
    expect([ready?.left, ready?.met, ready?.margin]).toEqual([0, false, undefined]);
    expect([unknown?.left, unknown?.met, unknown?.missingBars]).toEqual([undefined, undefined, 3]);
  });
});

describe("enumerations", () => {
  it("have the same members in the contract and in the domain", () => {
    expect(OutcomeSchema.values.map(({ localName }) => localName).sort()).toEqual(["UNSPECIFIED", ...OUTCOMES].sort());
    for (const outcome of OUTCOMES) {
      expect(outcomes.known(outcomes.toWire(outcome))).toBe(outcome);
    }
  });

  it("say what a number must be", () => {
    expect(sides.fault(0 as never, false)).toBeUndefined();
    expect(sides.fault(0 as never, true)).toBe("is required: give one of LONG, SHORT");
    expect(statuses.fault(9 as never, false)).toMatch(/^is 9, must be one of CANDIDATE, /);
    expect(sides.toWire("SIDEWAYS")).toBe(0);
  });
});

describe("maps and numbers", () => {
  it("have keys in code-point order", () => {
    const keys = fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.nat(120).map(String)));
    fc.assert(
      fc.property(keys, (names) => {
        const map = Object.fromEntries(names.map((name) => [name, 1]));
        const sorted = Object.keys(sortedMap(map, (value) => value));
        expect(sorted).toEqual([...new Set(names)].sort(compareCodePoints));
      }),
    );
  });

  it("are so on the wire, numbers as keys too (R41)", () => {
    const metadata = { "9": "n", "10": "t", a: "a", "02": "z" };
    const bytes = Buffer.from(toBinary(TradeDecisionSchema, toTradeDecision({ ...aDecision(), metadata })));
    const places = ["02", "10", "9", "a"].map((key) => bytes.indexOf(`\x0a${String.fromCharCode(key.length)}${key}`));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(fromBinary(TradeDecisionSchema, bytes).metadata).toEqual(metadata);
  });

  it("never throw on what a table may hold", () => {
    expect([toInt64(1.5), toInt64(Number.NaN), toInt64(-3)]).toEqual([0n, 0n, -3n]);
    expect([toInt32(1e12), toInt32(1.5), toInt32(0), toInt32(undefined)]).toEqual([undefined, undefined, 0, undefined]);
    expect([-(2 ** 31), 2 ** 31 - 1, 2 ** 31].map(toInt32)).toEqual([-(2 ** 31), 2 ** 31 - 1, undefined]);
    expect(fromInt64(2n ** 63n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
    expect(fromInt64(-1n)).toBe(-1);
  });
});
