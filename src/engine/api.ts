import type { Bar } from "../domain/bar.ts";
import type { ConditionResult, Decision, Evaluation, Outcome, Suppression, SweepSummary } from "../domain/decision.ts";
import type { Violation } from "../domain/errors.ts";
import type { ExitOutcome, ExitReason } from "../domain/exit.ts";
import type { Performance } from "../domain/performance.ts";
import type { Policy, PolicyChange, PolicySnapshot } from "../domain/policy.ts";
import type { ClosedPosition, Position } from "../domain/position.ts";
import type { Status, StoredStrategy, StrategyDraft } from "../domain/strategy.ts";
import type { Timeframe } from "../domain/timeframe.ts";
import type { LeaseStatus } from "../ports/lease.ts";
import type { StrategyCursor } from "../ports/strategy-repository.ts";

/**
 * What the engine offers to whatever carries it to callers. One interface a gRPC service of the
 * contract. Times are ms since the epoch. Faults are RuntimeErrors; those of `invalid` list every
 * violation by the contract's field path.
 */
export interface Engine {
  readonly runtime: RuntimeDesk;
  readonly strategies: StrategyDesk;
  readonly policy: PolicyDesk;
  readonly performance: PerformanceDesk;
}

export interface EvaluateQuery {
  readonly strategy: { readonly strategyId: string } | { readonly config: StrategyDraft };
  readonly symbol: string;
  readonly currentRegime?: string;
  /** Empty: the runtime's own. */
  readonly bars: readonly Bar[];
  /** By name as given. */
  readonly indicators: Readonly<Record<string, number>>;
  readonly price?: number;
  readonly at?: number;
  /**
   * What the carrier found wrong with the request already; the engine adds what it finds, so that
   * the caller hears of all at once.
   */
  readonly faults?: readonly Violation[];
}

export interface OneShotQuery {
  readonly symbols: readonly string[];
  readonly currentRegime?: string;
  readonly includeShadow: boolean;
  readonly strategyIds: readonly string[];
  readonly includeSuppressions: boolean;
  readonly dryRun: boolean;
  readonly includeEmitted: boolean;
  /** As of `FollowQuery`. */
  readonly includeExits?: boolean;
}

export interface FollowQuery {
  /**
   * Empty: those configured; all, where none are. Others are judged while the stream is open, for
   * it and others that name them.
   */
  readonly symbols: readonly string[];
  /** Empty: from now on; "start": from the first decision kept. */
  readonly resumeToken: string;
  readonly includeShadow: boolean;
  readonly strategyIds: readonly string[];
  /** Absent, or false: decisions that need knowledge of exits are withheld, and counted (R87). */
  readonly includeExits?: boolean;
}

export interface SymbolFailure {
  readonly symbol: string;
  readonly outcome: Extract<Outcome, "MARKET_DATA_UNAVAILABLE" | "FAILED">;
  readonly explanation: string;
}

/** One step of a stream of signals; one message on the wire. */
export interface SignalBatch {
  readonly decisions: readonly Decision[];
  readonly suppressions: readonly Suppression[];
  readonly failures: readonly SymbolFailure[];
  readonly summary?: SweepSummary;
  readonly resumeToken: string;
  readonly watermark?: number;
  /** Decisions withheld from the stream since it began (R87); absent where there are none. */
  readonly withheldDecisions?: number;
}

export interface RejectedStrategy {
  readonly strategyId: string;
  readonly explanation: string;
}

export interface RefreshReport {
  readonly liveStrategies: number;
  readonly shadowStrategies: number;
  readonly notAllowedStrategies: number;
  readonly rejectedStrategies: readonly RejectedStrategy[];
  readonly policy: PolicySnapshot;
  readonly refreshedAt: number;
}

export interface DecisionQuery {
  readonly strategyIds: readonly string[];
  readonly symbols: readonly string[];
  readonly startTime?: number;
  readonly endTime?: number;
  readonly includeShadow: boolean;
  /** As of `FollowQuery`. */
  readonly includeExits?: boolean;
  /** Only sequences above this; 0: from the first. */
  readonly after: number;
  /** From the newest on, or from this sequence on; `after` is 0 then. */
  readonly newestFirst?: boolean;
  readonly upTo?: number;
  readonly limit: number;
}

export interface SymbolStatus {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly lastBarCloseTime?: number;
  readonly bars: number;
  readonly requiredBars: number;
  readonly whyNot?: string;
  /** What some strategies wait for, or behind what the series begins, where it can be used. */
  readonly note?: string;
}

/** One open position judged for its exit, in full (R89). */
export interface ExitEvaluation {
  readonly positionId: string;
  readonly strategyId: string;
  readonly symbol: string;
  readonly outcome: ExitOutcome;
  readonly exitReason?: ExitReason;
  readonly explanation: string;
  /** Of the exit rule, in its order. */
  readonly conditions: readonly ConditionResult[];
  /** Levels as they stand after this close. */
  readonly stopLoss?: number;
  readonly takeProfit?: number;
  readonly barCloseTime?: number;
  readonly close?: number;
  /** Before fees, a fraction. */
  readonly pnlPct?: number;
  readonly remainingMs?: number;
  /** That was or would be made. */
  readonly decision?: Decision;
}

/** An open position whose exits cannot be judged (R86). */
export interface UnguardedPosition {
  readonly positionId: string;
  readonly strategyId: string;
  readonly symbol: string;
  readonly since: number;
  readonly why: string;
}

export interface RuntimeStatus {
  readonly startedAt: number;
  readonly ready: boolean;
  readonly whyNot: readonly string[];
  /** What is not as it should be, and is in no decision's way. */
  readonly notes?: readonly string[];
  readonly liveStrategies: number;
  readonly shadowStrategies: number;
  readonly refreshedAt?: number;
  readonly policy?: PolicySnapshot;
  readonly symbols: readonly SymbolStatus[];
  readonly lastSweep?: SweepSummary;
  readonly openStreams: number;
  /** Messages that wait for the slowest follow stream. */
  readonly longestQueue?: number;
  /** Absent without a lease, and until its row was read. */
  readonly lease?: LeaseStatus;
  /** Absent where there are none. */
  readonly unguardedPositions?: readonly UnguardedPosition[];
  readonly rejectedStrategies: readonly RejectedStrategy[];
}

export interface RuntimeDesk {
  /** Where the caller leaves meanwhile, it ends at its next rest. */
  evaluate(query: EvaluateQuery, caller?: { readonly signal: AbortSignal }): Promise<Evaluation>;
  /** The exit of one open position, at the newest close; changes nothing. */
  evaluateExit(positionId: string): Promise<ExitEvaluation>;
  /**
   * One sweep; batches in order, the last one with the summary. Leaving the iterator does not undo
   * decisions already journaled.
   */
  generate(query: OneShotQuery, signal: AbortSignal): AsyncIterable<SignalBatch>;
  /**
   * Starts with one empty batch at once; a batch with no more than a watermark comes at least every
   * second.
   */
  follow(query: FollowQuery, signal: AbortSignal): AsyncIterable<SignalBatch>;
  refresh(): Promise<RefreshReport>;
  decisions(query: DecisionQuery): Promise<readonly Decision[]>;
  status(): RuntimeStatus;
}

export interface SaveResult {
  readonly strategy: StoredStrategy;
  readonly warnings: readonly string[];
}

export interface StrategyDesk {
  /** In force, when LIVE or SHADOW, for every evaluation that starts after it resolves. */
  save(draft: StrategyDraft, options: { expectedVersion?: number; validateOnly: boolean }): Promise<SaveResult>;
  /** Each on its own; results in order. */
  saveMany(drafts: readonly StrategyDraft[]): Promise<readonly (SaveResult | { readonly error: string })[]>;
  get(strategyId: string): Promise<StoredStrategy>;
  list(page: { status?: Status; after?: StrategyCursor; limit: number }): Promise<readonly StoredStrategy[]>;
  setStatus(strategyId: string, status: Status, reason: string): Promise<StoredStrategy>;
  /** Fails where the strategy is LIVE or SHADOW, or has an open position. */
  delete(strategyId: string, reason: string): Promise<void>;
}

/** The policy after an order. */
export interface ChangedPolicy {
  /** As it is in force here; without `readAt` where the store has never been read. */
  readonly policy: Policy & Partial<Pick<PolicySnapshot, "readAt">>;
  /**
   * The order is in force here, since it makes trading safer, and the store does not have it yet;
   * or a decision of before is still on its way to the journal.
   */
  readonly pending: boolean;
}

export interface PolicyDesk {
  /** Read from the store, now. */
  get(): Promise<PolicySnapshot>;
  /**
   * In force for every evaluation that starts after it resolves. An order that makes trading safer
   * is in force at once, and written as soon as the store can be reached.
   */
  change(change: PolicyChange): Promise<ChangedPolicy>;
}

/** What a report of a closing gives; all but the id may come from the opening reported before. */
export type ClosedReport = Pick<Position, "positionId"> & Partial<Omit<Position, "positionId" | "closeSequence">>;

export interface ClosedAnswer {
  readonly position: ClosedPosition;
  readonly performance: Performance;
}

export interface PerformanceStep {
  /** Absent in a heartbeat. */
  readonly closed?: ClosedAnswer;
  readonly resumeToken: string;
}

export interface PerformanceDesk {
  opened(position: ClosedReport): Promise<Position>;
  closed(report: ClosedReport): Promise<ClosedAnswer>;
  rejected(decisionId: string, reason: string): Promise<void>;
  performance(strategyId: string, start?: number, end?: number): Promise<Performance>;
  watch(
    query: { strategyIds: readonly string[]; resumeToken: string },
    signal: AbortSignal,
  ): AsyncIterable<PerformanceStep>;
}
