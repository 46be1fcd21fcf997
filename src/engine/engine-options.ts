import type { RuntimeError } from "../domain/errors.ts";
import type { PolicyChange } from "../domain/policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { DecisionJournal } from "../ports/decision-journal.ts";
import type { OnReading, StateReader } from "../ports/engine-state.ts";
import type { Lease } from "../ports/lease.ts";
import type { MarketData } from "../ports/market-data.ts";
import type { Observer } from "../ports/observer.ts";
import type { PolicyStore } from "../ports/policy-store.ts";
import type { PositionBook } from "../ports/position-book.ts";
import type { SignalEvaluator } from "../ports/signal-evaluator.ts";
import type { StrategyRepository } from "../ports/strategy-repository.ts";
import type { Tracer } from "../ports/tracer.ts";
import type { LongWorks } from "./concurrency/long-work.ts";

export interface EngineStores {
  readonly strategies: StrategyRepository;
  readonly policy: PolicyStore;
  readonly journal: DecisionJournal;
  readonly positions: PositionBook;
  /** Reads what the others hold as of one moment; absent: nobody else writes them. */
  readonly state?: StateReader;
  /** Absent: no other process can write them. */
  readonly lease?: Lease;
}

export interface EngineOptions {
  readonly stores: EngineStores;
  readonly market: MarketData;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Among which what calls need is computed; its own, unless shared. */
  readonly longWorks?: LongWorks;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
  readonly evaluators: readonly SignalEvaluator[];
  readonly symbols: readonly string[];
  readonly refreshIntervalMs: number;
  readonly policyMaxAgeMs: number;
  readonly barGraceMs: number;
  readonly barWaitMs: number;
  readonly priceMaxAgeMs: number;
  readonly journalRetentionMs: number;
  readonly streamQueue: number;
  /** Symbols beyond `symbols` that streams may have judged, all together. */
  readonly maxExtraSymbols: number;
  readonly maxPositionSizeUsd?: number;
  /**
   * Judges every pair by itself, as where somebody asks for suppressions; for tests, and some 40
   * times slower.
   */
  readonly pairByPair?: boolean;
  /** Told how far the start has come with reading what was decided. */
  readonly onReading?: OnReading;
  /**
   * The stores are not what the engine remembers of them: it decides nothing more, and another must
   * be started.
   */
  readonly onOutdated?: (error: RuntimeError) => void;
  /**
   * In force from the start, though the policy store does not have them: what the engine before
   * this one answered at its end.
   */
  readonly unwritten?: readonly PolicyChange[];
}
