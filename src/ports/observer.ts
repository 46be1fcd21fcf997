import type { Decision, Suppression, SweepSummary } from "../domain/decision.ts";
import type { Timeframe } from "../domain/timeframe.ts";

/** What happened, for logs, metrics and traces; the engine knows none of them. */
/** Where something was thrown that nobody foresaw. */
export const THROWN_IN = [
  "call",
  "close",
  "feed",
  "listener",
  "observer",
  "page",
  "scrape",
  "stream",
  "sweep",
  "timer",
] as const;
export type ThrownIn = (typeof THROWN_IN)[number];

export type EngineEvent =
  | { readonly kind: "refreshed"; readonly live: number; readonly shadow: number; readonly rejected: number }
  | {
      readonly kind: "sweep";
      readonly cause: "close" | "call";
      readonly timeframe?: Timeframe;
      readonly summary: SweepSummary;
      /** Market time of its end, ms; of bar-close sweeps. */
      readonly endedAt?: number;
    }
  /** Journaled, and on its way to those who follow. `publishedAt`: market time of that, ms. */
  | { readonly kind: "decided"; readonly decision: Decision; readonly publishedAt?: number }
  /** The same of a CLOSE or ADJUST. */
  | { readonly kind: "exit_decided"; readonly decision: Decision; readonly publishedAt?: number }
  /** Judging the exit of a position threw. */
  | { readonly kind: "exit_failed"; readonly positionId: string; readonly error: unknown }
  /** The journal was asked to write decisions, and has answered. */
  | {
      readonly kind: "journal_append";
      readonly decisions: number;
      readonly durationMs: number;
      readonly failed: boolean;
    }
  /**
   * Market time has passed so many closes of a timeframe, the last ones before this close (ms), and
   * nobody was judged on them: the process stood still, or market time ran away from it.
   */
  | { readonly kind: "closes_missed"; readonly timeframe: Timeframe; readonly closes: number; readonly before: number }
  /**
   * R87: a caller that knows of no exits began to be spared decisions that need it.
   */
  | { readonly kind: "withheld" }
  | { readonly kind: "suppressed"; readonly suppression: Suppression }
  | {
      readonly kind: "evaluation_failed";
      readonly strategyId: string;
      readonly symbol: string;
      readonly error: unknown;
    }
  | { readonly kind: "bar_refused"; readonly symbol: string; readonly timeframe: Timeframe; readonly reason: string }
  /**
   * R5: a series begins anew behind an invalid bar of its history, or behind a gap too long to
   * fill.
   */
  | {
      readonly kind: "series_cut";
      readonly symbol: string;
      readonly timeframe: Timeframe;
      readonly reason: string;
      readonly isInvalidBar: boolean;
    }
  /** Custom evaluators added more to a decision than it may hold. */
  | { readonly kind: "metadata_cut"; readonly strategyId: string; readonly symbol: string; readonly reason: string }
  | { readonly kind: "fault"; readonly what: string; readonly error: unknown }
  /**
   * A fault of this program. It ended nothing but itself, and whoever waited for an answer has one.
   */
  | { readonly kind: "thrown"; readonly where: ThrownIn; readonly error: unknown }
  | { readonly kind: "recovered"; readonly what: string };

/** Must not throw and must not wait: it is called on the hot path. */
export interface Observer {
  observe(event: EngineEvent): void;
  /** Whether `suppressed` events are wanted; they are made only then. */
  readonly wantsSuppressions: boolean;
}

/** Tells the observer of each error that the answer is called with. */
export function thrownIn(observer: Observer, where: ThrownIn): (error: unknown) => void {
  return (error) => observer.observe({ kind: "thrown", where, error });
}
