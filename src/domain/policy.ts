export const RISK_MODES = ["DEFENSIVE", "NORMAL", "AGGRESSIVE"] as const;
/** Appetite for risk; scales position sizes. */
export type RiskMode = (typeof RISK_MODES)[number];

/** Factor on the position size (R23). */
export const RISK_MODE_FACTOR: Readonly<Record<RiskMode, number>> = { DEFENSIVE: 0.5, NORMAL: 1, AGGRESSIVE: 1.5 };

/** The Meta Strategy Controller's orders, as one consistent snapshot. */
export interface Policy {
  readonly riskMode: RiskMode;
  /**
   * Least confidence for any strategy. Above 1 is legal in the store: it lets nothing through
   * (R29).
   */
  readonly globalMinConfidence: number;
  /** Strategies that may trade, sorted by code point; empty: all. */
  readonly allowedStrategies: readonly string[];
  readonly halted: boolean;
  readonly haltReason: string;
  /** Absent: unknown. Never empty. */
  readonly currentRegime?: string;
}

/** What absent keys mean (R29). */
export const DEFAULT_POLICY: Policy = {
  riskMode: "NORMAL",
  globalMinConfidence: 0.5,
  allowedStrategies: [],
  halted: false,
  haltReason: "",
};

/**
 * A policy with the time it was read from the store, ms of wall time; it may be used until that is
 * too long ago (R29).
 */
export interface PolicySnapshot extends Policy {
  readonly readAt: number;
}

/** What the caller may change, a part at a time. `currentRegime: null` makes it unknown. */
export interface PolicyChange {
  readonly riskMode?: RiskMode;
  readonly globalMinConfidence?: number;
  readonly allowedStrategies?: readonly string[];
  readonly halted?: boolean;
  readonly haltReason?: string;
  readonly currentRegime?: string | null;
}

/** Whether every part is the same. */
export function samePolicy(a: Policy, b: Policy): boolean {
  return (
    a.riskMode === b.riskMode &&
    a.globalMinConfidence === b.globalMinConfidence &&
    a.halted === b.halted &&
    a.haltReason === b.haltReason &&
    a.currentRegime === b.currentRegime &&
    a.allowedStrategies.length === b.allowedStrategies.length &&
    a.allowedStrategies.every((strategyId, i) => strategyId === b.allowedStrategies[i])
  );
}
