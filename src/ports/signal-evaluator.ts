import type { Bar } from "../domain/bar.ts";
import type { Side, Strategy } from "../domain/strategy.ts";

/** What the engine judged: the conditions of a strategy hold on a symbol, and it may fire. */
export interface Signal {
  readonly strategy: Strategy;
  readonly symbol: string;
  readonly side: Side;
  /** From 0 to 1 (R20). */
  readonly strength: number;
  /** Close of the bar judged, ms. */
  readonly barCloseTime: number;
  /** The bar judged, where there is one. */
  readonly bar?: Bar;
  /** Ready values of the conditions and confirmations, by canonical name. */
  readonly indicators: Readonly<Record<string, number>>;
  readonly regime?: string;
  /** Goes into the decision's metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The signal goes on, changed or not; or it is refused, with a reason for people. */
export type Verdict =
  | { readonly strength?: number; readonly metadata?: Readonly<Record<string, string>> }
  | { readonly veto: string };

/**
 * The seam for users' own logic: wraps or filters what the engine judged. Called for each signal
 * that would otherwise be decided on, in sweeps and in Evaluate alike. Synchronous: what it needs
 * from elsewhere it must have at hand. A throw fails that one evaluation (FAILED), a strength
 * outside 0..1 too. Metadata of more than 32 entries, or with keys above 64 or values above 1,024
 * characters, is cut, with a mark. Several are asked in the order configured, each given what the
 * one before made of it; the first veto ends it.
 */
export interface SignalEvaluator {
  /** For the log and the explanation. */
  readonly name: string;
  evaluate(signal: Signal): Verdict;
}
