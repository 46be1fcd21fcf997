import type { ConditionResult, Outcome } from "../../../domain/decision.ts";
import type { Policy } from "../../../domain/policy.ts";
import type { CompiledStrategy } from "../conditions/compiled-strategy.ts";
import type { Refusal } from "./refusal.ts";

/**
 * The policy that a sweep judges under: a snapshot fresh enough to be used, or why there is none
 * (R29).
 */
export type PolicyInForce =
  | { readonly policy: Policy; readonly allowed: ReadonlySet<string> }
  | { readonly policy?: undefined; readonly fault: string };

/** All evaluations of a sweep are judged under these. */
export interface PolicyContext {
  readonly inForce: PolicyInForce;
  /** The request's, else the policy's (R28). */
  readonly regime?: string | undefined;
}

/** The findings of judging on one pair. A truth value is `undefined` where nobody can know it. */
export interface Judged {
  readonly compiled: CompiledStrategy;
  readonly conditions: readonly ConditionResult[];
  /** Whether the combined conditions hold (R15). */
  readonly met: boolean | undefined;
  /**
   * Whether the conditions held on the bar before (R16); false for a strategy that fires on every
   * bar.
   */
  readonly heldBefore: boolean | undefined;
  /** Known from the stage of that name on (R21). */
  readonly confidence: number | undefined;
  /** R22. */
  readonly required: number;
  /** A custom evaluator's, with its name. */
  readonly veto: string | undefined;
}

/** A decision that may come to be, as the stateful gates look at it. Times in ms. */
export interface Proposal {
  readonly strategyId: string;
  readonly strategyVersion: number;
  readonly symbol: string;
  readonly barCloseTime: number;
  readonly shadow: boolean;
  /** Market time that is judged. */
  readonly judgedAt: number;
  /** Decisions after it are not seen (R49). */
  readonly asOf: number | undefined;
  readonly cooldownMs: number;
  readonly maxPositions: number;
  /** R25: why size or levels must not leave the process. */
  readonly fault: string | undefined;
  /** R80: why a computed stop or target cannot be used. */
  readonly invalidLevels: string | undefined;
}

/** Remembers decisions and positions (R30 to R33). */
export interface GateMemory {
  decided(
    proposal: Pick<Proposal, "strategyId" | "strategyVersion" | "symbol" | "barCloseTime" | "shadow">,
  ): { readonly decisionId: string; readonly timestamp: number } | undefined;
  newest(pair: Pick<Proposal, "strategyId" | "symbol" | "shadow">, time: number): number | undefined;
  reserved(strategyId: string, shadow: boolean, time: number, asOf?: number): number;
  open(strategyId: string): number;
}

interface GateOf<Needs extends string> {
  readonly outcome: Outcome;
  /** The stage that judging must have reached before the gate can be asked. */
  readonly needs: Needs;
}

/** Answers alike for all strategies on all symbols. */
export interface PolicyGate extends GateOf<"policy"> {
  readonly refuse: (context: PolicyContext) => Refusal | undefined;
}

/** Answers alike on all symbols. */
export interface StrategyGate extends GateOf<"strategy"> {
  readonly refuse: (compiled: CompiledStrategy, context: PolicyContext) => Refusal | undefined;
  /** Whether the gate stops the strategy under no policy; a sweep by sets then asks no more. */
  readonly spares?: (compiled: CompiledStrategy) => boolean;
  /** Whether the gate stops nobody under this policy. */
  readonly isOpen?: (context: PolicyContext) => boolean;
}

export interface SymbolGate extends GateOf<"symbol"> {
  /** Symbols that the gate lets through; empty: all. */
  readonly symbols: (compiled: CompiledStrategy) => ReadonlySet<string>;
  readonly refuse: (compiled: CompiledStrategy, symbol: string) => Refusal;
}

/** Answers alike for all strategies of a sweep on a symbol. */
export interface MarketGate extends GateOf<"market"> {
  readonly refuse: (market: MarketState) => Refusal | undefined;
}

/** The market, as its gates look at it. */
export interface MarketState {
  /** Close of the bar judged; absent without market data. */
  readonly barClose?: number;
  /** Why the market cannot be judged, where it cannot. */
  readonly unavailable?: string;
}

/** How far judging must have come: each stage needs the one before it. */
export type Stage = "conditions" | "trigger" | "confidence";

interface GateOfStage<S extends Stage> extends GateOf<S> {
  readonly refuse: (judged: Judged) => Refusal | undefined;
}

export type JudgedGate = { [S in Stage]: GateOfStage<S> }[Stage];

/** Asked at the commit, one proposal after the other. */
export interface StateGate extends GateOf<"state"> {
  readonly refuse: (proposal: Proposal, state: GateMemory) => Refusal | undefined;
}

/** Gates that can be asked before any condition is judged. */
export type OpeningGate = PolicyGate | StrategyGate | SymbolGate | MarketGate;
export type Gate = OpeningGate | JudgedGate | StateGate;
