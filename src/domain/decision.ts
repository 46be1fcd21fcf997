import { hash } from "node:crypto";
import type { ExitOutcome, ExitPlan, ExitReason } from "./exit.ts";
import type { RiskMode } from "./policy.ts";
import type { Side } from "./strategy.ts";
import type { Timeframe } from "./timeframe.ts";

/**
 * What became of one strategy on one symbol, in the order in which they are judged (R26); DECIDED
 * where none applies.
 */
export const OUTCOMES = [
  "HALTED",
  "POLICY_UNAVAILABLE",
  "NOT_ACTIVE",
  "NOT_ALLOWED",
  "SYMBOL_NOT_COVERED",
  "REGIME_UNKNOWN",
  "REGIME_NOT_ALLOWED",
  "MARKET_DATA_UNAVAILABLE",
  "INDICATOR_NOT_READY",
  "CONDITIONS_NOT_MET",
  "NOT_TRIGGERED",
  "LOW_CONFIDENCE",
  "VETOED",
  "ALREADY_DECIDED",
  "COOLDOWN",
  "MAX_POSITIONS",
  "FAILED",
  "LEVELS_INVALID",
  "DECIDED",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How one condition came out. */
export interface ConditionResult {
  /** Canonical text: "RSI_14 < 30". */
  readonly condition: string;
  readonly timeframe: Timeframe;
  /** Observed; absent where not ready. */
  readonly left?: number;
  readonly right?: number;
  /** Absent where it cannot be known yet. */
  readonly met?: boolean;
  /** R19; absent where it has none. */
  readonly margin?: number;
  readonly missingBars: number;
  /** Place in the entry rule, "all[1].any[0]"; absent in a flat list. */
  readonly path?: string;
}

/** What a decision asks for. */
export const ACTIONS = ["OPEN", "CLOSE", "ADJUST"] as const;
export type Action = (typeof ACTIONS)[number];

/** A standardised trading signal for the execution pipeline. Times are ms since the epoch. */
export interface Decision {
  readonly decisionId: string;
  /** Place in the journal, from 1; 0 in a dry run. */
  readonly sequence: number;
  readonly symbol: string;
  readonly side: Side;
  readonly sizeUsd: number;
  readonly confidence: number;
  readonly strength: number;
  readonly requiredConfidence: number;
  readonly strategyId: string;
  readonly strategyVersion: number;
  readonly entryPrice: number;
  /** Absent where the strategy has no target. */
  readonly takeProfit?: number;
  readonly stopLoss: number;
  readonly timestamp: number;
  readonly regime?: string | undefined;
  readonly reasoning: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly timeframe: Timeframe;
  readonly barCloseTime: number;
  /** Do not act at or after this time (R35); absent of CLOSE and ADJUST. */
  readonly validUntil?: number;
  readonly conditions: readonly ConditionResult[];
  readonly riskMode: RiskMode;
  readonly shadow: boolean;
  readonly dataSource: string;
  /** Absent where stop and target say all of how the position is to be left (R81). */
  readonly exitPlan?: ExitPlan;
  /** Tags of the parts of the entry rule that hold (R59); absent where there are none. */
  readonly tags?: readonly string[];
  /** Absent: OPEN. */
  readonly action?: Exclude<Action, "OPEN">;
  /** The position that CLOSE or ADJUST is about. */
  readonly positionId?: string;
  /** Why to close. */
  readonly exitReason?: ExitReason;
}

/** One that opens a position. */
export interface Opening extends Decision {
  readonly validUntil: number;
  readonly action?: never;
}

export function isOpening(decision: Decision): decision is Opening {
  return decision.action === undefined;
}

/** Whether only callers may have it who know of exits (R87). */
export function needsExits({ action, exitPlan }: Pick<Decision, "action" | "exitPlan">): boolean {
  return action !== undefined || exitPlan !== undefined;
}

/** One strategy judged on one symbol, in full. */
export interface Evaluation {
  readonly strategyId: string;
  readonly symbol: string;
  readonly outcome: Outcome;
  readonly explanation: string;
  readonly conditions: readonly ConditionResult[];
  readonly side: Side;
  readonly strength?: number;
  readonly confidence?: number;
  readonly requiredConfidence: number;
  /** Present exactly where the outcome is DECIDED. */
  readonly decision?: Decision;
  readonly timeframe: Timeframe;
  readonly barCloseTime?: number;
  /**
   * By "RSI_14", or "RSI_14@4h" on another timeframe than the strategy's; keys in code-point order.
   */
  readonly indicators: Readonly<Record<string, number>>;
}

/** A strategy that did not fire on a symbol, in short. */
export interface Suppression {
  readonly strategyId: string;
  readonly symbol: string;
  readonly outcome: Outcome;
  readonly explanation: string;
}

/** Accounts for every evaluation of a sweep: evaluations equals the sum over outcomes (R27). */
export interface SweepSummary {
  readonly evaluations: number;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly strategies: number;
  readonly symbols: number;
  readonly durationMs: number;
  /** Newest close among the symbols judged; absent where none was. */
  readonly barCloseTime?: number;
  /** Open positions judged for their exits, the sum of their outcomes (R88); absent where none were. */
  readonly exitsJudged?: number;
  readonly exitOutcomes?: Readonly<Partial<Record<ExitOutcome, number>>>;
}

/** What makes a decision one and the same in any process and after any restart. */
export interface DecisionKey {
  readonly strategyId: string;
  readonly strategyVersion: number;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly barCloseTime: number;
  readonly side: Side;
}

/** R34. */
export function decisionId(key: DecisionKey): string {
  const text = `${key.strategyId}|${key.strategyVersion}|${key.symbol}|${key.timeframe}|${key.barCloseTime}|${key.side}`;
  return hash("sha256", text, "hex").slice(0, 32);
}

/** R87: the identity of a CLOSE or ADJUST. */
export function exitDecisionId(
  key: Omit<DecisionKey, "side"> & { readonly action: Exclude<Action, "OPEN">; readonly positionId: string },
): string {
  const { strategyId, strategyVersion, symbol, timeframe, barCloseTime, action, positionId } = key;
  const text = `${strategyId}|${strategyVersion}|${symbol}|${timeframe}|${barCloseTime}|${action}|${positionId}`;
  return hash("sha256", text, "hex").slice(0, 32);
}

/**
 * Order by Unicode code point, as R37 and R46 want it; `<` on strings orders by UTF-16 unit, which
 * differs above U+FFFF.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      // Surrogates (0xD800 to 0xDFFF) stand for code points above every other unit.
      const high = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
      return high(x) - high(y);
    }
  }
  return a.length - b.length;
}

/** R37: order within a sweep, which is journal order. */
export function compareDecisions(
  a: Pick<Decision, "confidence" | "strategyId" | "symbol">,
  b: Pick<Decision, "confidence" | "strategyId" | "symbol">,
): number {
  return (
    b.confidence - a.confidence ||
    compareCodePoints(a.strategyId, b.strategyId) ||
    compareCodePoints(a.symbol, b.symbol)
  );
}
