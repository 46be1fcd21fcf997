import fc from "fast-check";
import type { ConditionResult, Decision, Evaluation, SweepSummary } from "../../src/domain/decision.ts";
import { OUTCOMES } from "../../src/domain/decision.ts";
import { EXIT_OUTCOMES, EXIT_REASONS, type ExitPlan } from "../../src/domain/exit.ts";
import { aDecision, anEvaluation } from "./samples.ts";

/**
 * Texts as they come: empty, of several bytes a character, long enough for a length of two bytes.
 */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({ unit: "grapheme", minLength: 30, maxLength: 300 }),
);

export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/** Zero and minus zero are not the same to the wire. */
export const double: fc.Arbitrary<number> = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0));

/** Times that the wire can carry, and some that it cannot. */
const time = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 2e12 }), fc.double());

const counter = fc.oneof(fc.maxSafeInteger(), fc.nat(300), fc.constantFrom(0, 0.5, 2 ** 31, 2 ** 32));

const metadata = fc.dictionary(fc.oneof(text, fc.nat(20).map(String)), text, { maxKeys: 5 });

/** Absent members are absent, or are there and undefined. */
export function withHoles<T>(record: fc.Arbitrary<object>): fc.Arbitrary<T> {
  return fc
    .tuple(record, fc.boolean())
    .map(([found, keep]) =>
      keep ? found : Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)),
    ) as never;
}

export const conditions: fc.Arbitrary<ConditionResult> = withHoles(
  fc.record({
    condition: text,
    timeframe: fc.constantFrom("1h", "4h"),
    left: maybe(double),
    right: maybe(double),
    met: maybe(fc.boolean()),
    margin: maybe(double),
    missingBars: fc.oneof(fc.nat(5_000), fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31))),
  }),
);

const exitPlans: fc.Arbitrary<ExitPlan> = withHoles(
  fc.record({
    targets: fc.array(fc.record({ time, price: double }), { maxLength: 3 }),
    trailingDistancePct: double,
    trailingActivationPrice: maybe(double),
    exitBy: maybe(time),
  }),
);

export const decisions: fc.Arbitrary<Decision> = withHoles<Partial<Decision>>(
  fc.record({
    symbol: text,
    strategyId: text,
    side: fc.constantFrom("LONG", "SHORT"),
    sizeUsd: double,
    confidence: double,
    strength: double,
    requiredConfidence: double,
    entryPrice: double,
    takeProfit: maybe(double),
    exitPlan: maybe(exitPlans),
    stopLoss: double,
    timestamp: time,
    barCloseTime: time,
    validUntil: maybe(time),
    action: maybe(fc.constantFrom("CLOSE", "ADJUST")),
    positionId: maybe(text),
    exitReason: maybe(fc.constantFrom(...EXIT_REASONS)),
    regime: maybe(text),
    reasoning: text,
    metadata,
    decisionId: text,
    dataSource: text,
    sequence: counter,
    strategyVersion: counter,
    conditions: fc.array(conditions, { maxLength: 3 }),
    riskMode: fc.constantFrom("DEFENSIVE", "NORMAL", "AGGRESSIVE"),
    shadow: fc.boolean(),
  }),
).map(aDecision);

export const evaluations: fc.Arbitrary<Evaluation> = withHoles<Partial<Evaluation>>(
  fc.record({
    strategyId: text,
    symbol: text,
    outcome: fc.constantFrom(...OUTCOMES),
    explanation: text,
    decision: maybe(decisions),
    conditions: fc.array(conditions, { maxLength: 3 }),
    side: fc.constantFrom("LONG", "SHORT"),
    strength: maybe(double),
    confidence: maybe(double),
    requiredConfidence: double,
    barCloseTime: maybe(time),
    indicators: fc.dictionary(text, double, { maxKeys: 5 }),
  }),
).map(anEvaluation);

export const summaries: fc.Arbitrary<SweepSummary> = withHoles(
  fc.record({
    evaluations: counter,
    outcomes: fc.dictionary(fc.constantFrom(...OUTCOMES), counter),
    strategies: fc.nat(),
    symbols: fc.nat(),
    durationMs: fc.oneof(fc.double(), fc.double({ min: -2_000, max: 2_000, noNaN: true })),
    barCloseTime: maybe(time),
    exitsJudged: maybe(counter),
    exitOutcomes: maybe(fc.dictionary(fc.constantFrom(...EXIT_OUTCOMES), counter)),
  }),
);
