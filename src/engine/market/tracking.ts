import type { Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Observer } from "../../ports/observer.ts";
import type { Turns } from "../concurrency/turns.ts";
import type { BarHistory } from "./bar-history.ts";

/**
 * Loads have turns by how much depends on them: however many series are new, one that broke does
 * not wait behind them.
 */
export interface LoadTurns {
  /** Of series that were in use. */
  readonly again: Turns;
  /** Of series that are new. */
  readonly first: Turns;
  /** Of what a series can do without for now. */
  readonly background: Turns;
}

export interface TrackingOptions {
  readonly market: BarHistory;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Market time up to which every bar that closed should have come. */
  readonly due: () => number;
  /** In which to ask for history. */
  readonly turns: LoadTurns;
  /** The series has a new last bar. */
  readonly onBar: (symbol: string, timeframe: Timeframe, closeTime: number) => void;
  /** Whether it can be subscribed to has changed. */
  readonly onKnown: () => void;
}
