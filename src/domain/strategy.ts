import type { ReadFault } from "./errors.ts";
import { conditionsIn, type RuleOf, withConditions } from "./rule.ts";
import type { Timeframe } from "./timeframe.ts";

export const SIDES = ["LONG", "SHORT"] as const;
/** Direction of a trade. */
export type Side = (typeof SIDES)[number];

export const STATUSES = ["CANDIDATE", "SHADOW", "LIVE", "DISABLED"] as const;
export type Status = (typeof STATUSES)[number];

export const ENTRY_LOGICS = ["ALL", "ANY"] as const;
export type EntryLogic = (typeof ENTRY_LOGICS)[number];

export const TRIGGERS = ["LEVEL", "EDGE"] as const;
export type Trigger = (typeof TRIGGERS)[number];

export const OPERATORS = ["<", "<=", ">", ">=", "==", "!=", "crosses_above", "crosses_below"] as const;
export type Operator = (typeof OPERATORS)[number];

/**
 * One entry condition in canonical form: an indicator compared with a number or with another
 * indicator.
 */
export interface Condition {
  /** Canonical text of the left side: "RSI_14", "(EMA_5 - EMA_35)/CLOSE" (R8, R52). */
  readonly name: string;
  readonly operator: Operator;
  /** A number, or the canonical text of the right side. */
  readonly operand: number | string;
  /** Timeframe of both sides; never shorter than the strategy's. */
  readonly timeframe: Timeframe;
  /** Met where it is on each of the last so many bars, from 2 on (R58); at most one of the two. */
  readonly forBars?: number;
  /** Met where it is on at least one of them. */
  readonly withinBars?: number;
}

/** A stop that follows the price and never goes back. */
export interface TrailingStop {
  /** Distance from the best close since opening, a fraction. */
  readonly distancePct: number;
  /** Follows from this gain on, a fraction above 0; from the start where absent. */
  readonly activationPct?: number;
}

/** The target from a holding time on. */
export interface TargetStep {
  readonly afterMs: number;
  /** A fraction of the entry price. */
  readonly takeProfitPct: number;
}

/** A rule in canonical form. */
export type Rule = RuleOf<Condition>;

/**
 * A strategy as its author gives it, valid and canonical: defaults filled in, side resolved (R42).
 */
export interface StrategyConfig {
  readonly strategyId: string;
  readonly name: string;
  readonly status: Status;
  /** Entry as one list; empty where there is an entry rule. */
  readonly entryIndicators: readonly Condition[];
  /** How the list combines; absent where there is an entry rule. */
  readonly entryLogic?: EntryLogic;
  /** Entry as a tree, in place of the two above (R59). */
  readonly entry?: Rule;
  readonly baseSizeUsd: number;
  readonly confidenceScaling: boolean;
  /** A fraction: 0.02 is 2 %; absent where the stop is computed (R80). */
  readonly stopLossPct?: number;
  /** Canonical text of the stop as a price: "CLOSE - 2*ATR_14". */
  readonly stopLossAt?: string;
  /**
   * A fraction; absent where the target is computed or falls by steps, and where there is none (R80).
   */
  readonly takeProfitPct?: number;
  /** Canonical text of the target as a price. */
  readonly takeProfitAt?: string;
  readonly trailingStop?: TrailingStop;
  /** At least one, first to last; absent where there are none. */
  readonly targetSteps?: readonly TargetStep[];
  readonly maxHoldingTimeMs?: number;
  /** Where it holds, an open position is to be closed (R83). */
  readonly exit?: Rule;
  readonly allowedRegimes: readonly string[];
  readonly minConfidence: number;
  readonly maxPositions: number;
  readonly fitnessScore?: number;
  readonly side: Side;
  readonly timeframe: Timeframe;
  readonly trigger: Trigger;
  readonly cooldownMs: number;
  readonly symbols: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A valid strategy with what the store adds. */
export interface Strategy extends StrategyConfig {
  /** Starts at 1, grows by one with every change; 0 for one given in a request. */
  readonly version: number;
  /** ms since the epoch, as all times here. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it last produced a decision. */
  readonly lastExecutedAt?: number;
}

/** A condition as given, not checked yet. */
export interface ConditionDraft {
  readonly name: string;
  readonly operator: string;
  /** Exactly one of value and indicator is given in a valid one. */
  readonly value?: number;
  readonly indicator?: string;
  readonly timeframe: string;
  readonly forBars?: number;
  readonly withinBars?: number;
  /**
   * What a table row has in keys of other names. They are not read, so validation says what may be
   * lost.
   */
  readonly others?: Readonly<Record<string, unknown>>;
}

/** A rule as given, not checked yet. A part that gives nothing is a condition that is undefined. */
export type RuleDraft = RuleOf<ConditionDraft | undefined>;

/**
 * A strategy as a caller or a table row gives it, not checked yet. Absent and empty mean the
 * default. An enumeration's value that is not known is carried as its text, so that the refusal can
 * name it.
 */
export interface StrategyDraft {
  readonly strategyId: string;
  readonly name: string;
  readonly status: string;
  readonly entryIndicators: readonly ConditionDraft[];
  readonly entryLogic: string;
  readonly entry?: RuleDraft;
  readonly baseSizeUsd: number;
  readonly confidenceScaling?: boolean;
  /** 0: none. */
  readonly stopLossPct: number;
  readonly stopLossAt?: string;
  /** 0: none. */
  readonly takeProfitPct: number;
  readonly takeProfitAt?: string;
  readonly trailingStop?: TrailingStop;
  readonly targetSteps?: readonly TargetStep[];
  readonly maxHoldingTimeMs?: number;
  readonly exit?: RuleDraft;
  readonly allowedRegimes: readonly string[];
  readonly minConfidence?: number;
  readonly maxPositions?: number;
  readonly fitnessScore?: number;
  readonly side: string;
  readonly timeframe: string;
  readonly trigger: string;
  readonly cooldownMs?: number;
  readonly symbols: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /**
   * What was wrong with it when it was read, by paths from StrategyConfig on. A draft with faults
   * is never valid; its author hears of them together with what validation finds.
   */
  readonly faults?: readonly ReadFault[];
}

/**
 * What a repository holds under an id. The table can be written by others, so it need not be valid
 * (R44).
 */
export interface StoredStrategy {
  readonly strategyId: string;
  /** Absent where the row cannot even be read as a draft; `fault` then says why. */
  readonly draft?: StrategyDraft;
  readonly fault?: string;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lastExecutedAt?: number;
}

/** The conditions of a strategy's entry, in its order, whichever form it has. */
export function entryConditions({
  entryIndicators,
  entry,
}: Pick<StrategyConfig, "entryIndicators" | "entry">): readonly Condition[] {
  return entry === undefined ? entryIndicators : conditionsIn(entry);
}

/** The conditions of all its rules. */
export function allConditions(
  config: Pick<StrategyConfig, "entryIndicators" | "entry" | "exit">,
): readonly Condition[] {
  const entry = entryConditions(config);
  return config.exit === undefined ? entry : [...entry, ...conditionsIn(config.exit)];
}

/** The draft that a valid strategy is the canonical form of. */
export function toDraft({ entry, exit, ...config }: StrategyConfig): StrategyDraft {
  return {
    ...config,
    stopLossPct: config.stopLossPct ?? 0,
    takeProfitPct: config.takeProfitPct ?? 0,
    entryIndicators: config.entryIndicators.map(conditionDraft),
    entryLogic: config.entryLogic ?? "",
    ...(entry !== undefined && { entry: withConditions(entry, conditionDraft) }),
    ...(exit !== undefined && { exit: withConditions(exit, conditionDraft) }),
  };
}

function conditionDraft({ operand, ...condition }: Condition): ConditionDraft {
  return typeof operand === "number" ? { ...condition, value: operand } : { ...condition, indicator: operand };
}

/**
 * Canonical text of a condition, numbers as ECMAScript writes them: "RSI_14 < 30 for 3 bars" (R8,
 * R58).
 */
export function conditionText({ name, operator, operand, forBars, withinBars }: Omit<Condition, "timeframe">): string {
  const comparison = `${name} ${operator} ${operand}`;
  return forBars === undefined && withinBars === undefined
    ? comparison
    : `${comparison} ${forBars === undefined ? `within ${withinBars}` : `for ${forBars}`} bars`;
}
