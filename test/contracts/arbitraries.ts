import fc from "fast-check";
import type { ConditionResult, Decision } from "../../src/domain/decision.ts";
import { EXIT_REASONS, type ExitPlan } from "../../src/domain/exit.ts";
import { RISK_MODES } from "../../src/domain/policy.ts";
import type { Position } from "../../src/domain/position.ts";
import { COMBINATIONS } from "../../src/domain/rule.ts";
import {
  type Condition,
  ENTRY_LOGICS,
  OPERATORS,
  type Rule,
  SIDES,
  STATUSES,
  type StrategyConfig,
  TRIGGERS,
} from "../../src/domain/strategy.ts";
import { TIMEFRAMES } from "../../src/domain/timeframe.ts";

/**
 * Any characters of Unicode, beyond the basic plane too, but U+0000, which the wire's ids and names
 * cannot carry into a table.
 */
export const text: fc.Arbitrary<string> = fc
  .string({ unit: "binary", maxLength: 20 })
  .map((one) => one.replaceAll("\0", "-"));

/** Ids whose order differs between UTF-16 units and code points, among others. */
export const id: fc.Arbitrary<string> = fc.oneof(
  fc.string({
    unit: fc.constantFrom("a", "B", "-", ".", "_", "é", "\u{ff5e}", "\u{1f600}", "\u{10ffff}"),
    minLength: 1,
    maxLength: 6,
  }),
  text.filter((one) => one !== ""),
);

/** Every finite double, minus zero, the tiniest and the hugest included. */
export const finite: fc.Arbitrary<number> = fc.double({ noNaN: true, noDefaultInfinity: true });

/** The same without minus zero, which jsonb does not keep and no strategy means. */
const plainNumber: fc.Arbitrary<number> = finite.map((one) => one + 0);

/** Whole ms that the wire can carry: the years 1 to 9999. */
export const time: fc.Arbitrary<number> = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });

const labels: fc.Arbitrary<Record<string, string>> = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true });

const window = fc.constantFrom({}, {}, { forBars: 2 }, { withinBars: 500 });

const compared = fc.record({
  name: text,
  operator: fc.constantFrom(...OPERATORS),
  operand: fc.oneof(plainNumber, text),
  timeframe: fc.constantFrom(...TIMEFRAMES),
});

const condition: fc.Arbitrary<Condition> = fc.tuple(compared, window).map(([one, over]) => ({ ...one, ...over }));

function ruleOf(depth: number): fc.Arbitrary<Rule> {
  const tag = fc.record({ tag: text.filter((one) => one !== "") }, { noNullPrototype: true, requiredKeys: [] });
  const leaf = fc.record({ kind: fc.constant("condition" as const), condition });
  const rules = depth === 0 ? fc.constant([]) : fc.array(ruleOf(depth - 1), { maxLength: 3 });
  const combined = fc.record({ kind: fc.constantFrom(...COMBINATIONS), rules });
  return fc
    .tuple(fc.oneof<fc.Arbitrary<Rule>[]>(leaf, combined), tag)
    .map(([rule, tagged]) => ({ ...rule, ...tagged }));
}

/** Entry in one of its two forms. */
const entry = fc.oneof(
  fc.record({ entryIndicators: fc.array(condition, { maxLength: 4 }), entryLogic: fc.constantFrom(...ENTRY_LOGICS) }),
  fc.record({ entryIndicators: fc.constant([]), entry: ruleOf(3) }),
);

const requiredConfig = fc.record({
  strategyId: id,
  name: text,
  status: fc.constantFrom(...STATUSES),
  baseSizeUsd: plainNumber,
  confidenceScaling: fc.boolean(),
  stopLossPct: plainNumber,
  allowedRegimes: fc.array(text, { maxLength: 4 }),
  minConfidence: plainNumber,
  maxPositions: fc.integer({ min: 1, max: 10_000 }),
  side: fc.constantFrom(...SIDES),
  timeframe: fc.constantFrom(...TIMEFRAMES),
  trigger: fc.constantFrom(...TRIGGERS),
  cooldownMs: fc.integer({ min: 0, max: 30 * 86_400_000 }),
  symbols: fc.array(text, { maxLength: 4 }),
  labels,
});

/** Scores meet often, so that the id must decide. */
const fitness = fc.record(
  { fitnessScore: fc.oneof(plainNumber, fc.constantFrom(0, 0.5, 1)) },
  { noNullPrototype: true, requiredKeys: [] },
);

/** How positions end besides a fixed stop and target, or none of it. */
const exits = fc.record(
  {
    takeProfitPct: plainNumber.filter((one) => one !== 0),
    stopLossAt: fc.constantFrom("LOWEST_10", "CLOSE - 2*ATR_14"),
    takeProfitAt: fc.constantFrom("HIGHEST_10", "CLOSE + 3*ATR_14@4h"),
    trailingStop: fc.record(
      { distancePct: plainNumber, activationPct: plainNumber },
      { noNullPrototype: true, requiredKeys: ["distancePct"] },
    ),
    targetSteps: fc.array(
      fc.record({ afterMs: fc.nat(10 * 365 * 86_400_000), takeProfitPct: plainNumber }, { noNullPrototype: true }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    maxHoldingTimeMs: fc.nat(10 * 365 * 86_400_000),
    exit: ruleOf(2),
  },
  { noNullPrototype: true, requiredKeys: [] },
);

export const strategyConfig: fc.Arbitrary<StrategyConfig> = fc
  .tuple(requiredConfig, entry, fitness, exits)
  .map(([config, entered, score, ending]) => ({ ...config, ...entered, ...score, ...ending }));

const conditionResult: fc.Arbitrary<ConditionResult> = fc.record(
  {
    condition: text,
    timeframe: fc.constantFrom(...TIMEFRAMES),
    left: finite,
    right: finite,
    met: fc.boolean(),
    margin: finite,
    missingBars: fc.nat(),
    path: text.filter((one) => one !== ""),
  },
  { noNullPrototype: true, requiredKeys: ["condition", "timeframe", "missingBars"] },
);

const exitPlan: fc.Arbitrary<ExitPlan> = fc.record(
  {
    targets: fc.array(fc.record({ time, price: finite }, { noNullPrototype: true }), { maxLength: 3 }),
    trailingDistancePct: finite,
    trailingActivationPrice: finite,
    exitBy: time,
  },
  { noNullPrototype: true, requiredKeys: ["targets", "trailingDistancePct"] },
);

/** What a CLOSE or ADJUST has in place of its end. */
const exitOf = fc.record(
  {
    action: fc.constantFrom("CLOSE" as const, "ADJUST" as const),
    positionId: id,
    exitReason: fc.constantFrom(...EXIT_REASONS),
  },
  { noNullPrototype: true, requiredKeys: ["action", "positionId"] },
);

const requiredDecision = fc.record({
  decisionId: fc.stringMatching(/^[0-9a-f]{32}$/),
  sequence: fc.integer({ min: 1 }),
  symbol: text,
  side: fc.constantFrom(...SIDES),
  sizeUsd: finite,
  confidence: finite,
  strength: finite,
  requiredConfidence: finite,
  strategyId: id,
  strategyVersion: fc.nat(),
  entryPrice: finite,
  stopLoss: finite,
  timestamp: time,
  // An evaluator's own words can hold anything.
  reasoning: fc.oneof(text, fc.constantFrom("a\0b", "half a pair: \ud83d")),
  metadata: labels,
  timeframe: fc.constantFrom(...TIMEFRAMES),
  barCloseTime: time,
  validUntil: time,
  conditions: fc.array(conditionResult, { maxLength: 3 }),
  riskMode: fc.constantFrom(...RISK_MODES),
  shadow: fc.boolean(),
  dataSource: fc.constantFrom("simulated", "replay"),
});

/** Any decision; the journal wants the sequence and the decision id set to fit the others. */
export const decision: fc.Arbitrary<Decision> = fc
  .tuple(
    requiredDecision,
    fc.record(
      { regime: text, takeProfit: finite, exitPlan, tags: fc.array(text, { minLength: 1, maxLength: 3 }) },
      { noNullPrototype: true, requiredKeys: [] },
    ),
    fc.option(exitOf, { nil: {} }),
  )
  .map(([{ validUntil, ...required }, optional, exit]) =>
    "action" in exit ? { ...required, ...optional, ...exit } : { ...required, ...optional, validUntil },
  );

/** An open position. */
export const openPosition: fc.Arbitrary<Position> = fc.record(
  {
    positionId: id,
    strategyId: id,
    symbol: text,
    side: fc.constantFrom(...SIDES),
    decisionId: text,
    sizeUsd: plainNumber,
    entryPrice: plainNumber,
    openedAt: time,
    feesUsd: plainNumber,
  },
  {
    noNullPrototype: true,
    requiredKeys: ["positionId", "strategyId", "symbol", "side", "sizeUsd", "entryPrice", "openedAt", "feesUsd"],
  },
);
