import { type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import { isDue, isSilent } from "../../market/live-reading.ts";
import type { SeriesLookup } from "../../market/series.ts";
import type { Cohort } from "../../strategies/cohorts.ts";
import type { SweepRun } from "../sweeps/sweep-run.ts";

/** In place of what a cohort waits for: the symbols of open positions. */
export const EXITS = "exits";

/** Symbols by what their cohort waits for. */
export type TakenSymbols = ReadonlyMap<string, ReadonlySet<string>>;

const NO_SYMBOLS: ReadonlySet<string> = new Set();

/** A sweep under way: the symbols of one close of one timeframe that are still to be judged. */
export interface CloseSweep {
  readonly timeframe: Timeframe;
  readonly close: number;
  readonly run: SweepRun;
  /** The symbols still to be judged, by the timeframes that their cohort waits for. */
  readonly pending: ReadonlyMap<string, PendingSymbols>;
  readonly strategies: number;
  readonly symbols: number;
  /** Monotonic ms at which BAR_WAIT is over. */
  readonly lateAt: number;
  /** Nobody is waited for any more: whoever comes is judged at once. */
  isLate: boolean;
  /** Monotonic ms at which the grace is over (R7). */
  readonly overAt: number;
  /** The grace is over, or no bar will come any more: all that are left are judged as they are. */
  isOver: boolean;
  /** Parts of the sweep that wait for their turn, or are being judged. */
  parts: number;
  /** A part waits for its turn, and will take all that can be judged by then. */
  isQueued: boolean;
  /** Names the part of the sweep that was judged last, where that is traced. */
  traceparent: string | undefined;
  readonly done: PromiseWithResolvers<void>;
}

/** The symbols of a close whose strategies wait for the same bars. */
export class PendingSymbols {
  /** Timeframes whose bars the strategies wait for. */
  readonly reads: readonly Timeframe[];
  /** Those that are waited for besides until BAR_WAIT is over, though nobody must have them. */
  readonly wishes: readonly Timeframe[];
  #symbols: Set<string>;
  readonly #order: readonly string[];
  /**
   * All behind this place had their bars when they were looked at; bars mostly come in order, and
   * so the last is waited for first.
   */
  #place: number;

  constructor(reads: readonly Timeframe[], symbols: ReadonlySet<string>, wishes: readonly Timeframe[] = reads) {
    this.reads = reads;
    this.wishes = wishes;
    this.#symbols = new Set(symbols);
    this.#order = orderOf(symbols);
    this.#place = symbols.size - 1;
  }

  get isEmpty(): boolean {
    return this.#symbols.size === 0;
  }

  has(symbol: string): boolean {
    return this.#symbols.has(symbol);
  }

  /**
   * Whether all have their bars. Asked at every bar of a close, it looks on from where it stopped,
   * and over all of them only where none seems to be missing: to look at all of 500 symbols 500
   * times would take longer than judging them.
   */
  areAll(isDue: (symbol: string) => boolean): boolean {
    return this.#areUpTo(this.#place, isDue) && this.#areUpTo(this.#order.length - 1, isDue);
  }

  /** Those that have their bars. */
  due(isDue: (symbol: string) => boolean): ReadonlySet<string> {
    return new Set([...this.#symbols].filter(isDue));
  }

  /** Takes these, so that nobody is judged twice. */
  take(symbols: ReadonlySet<string>): void {
    for (const symbol of symbols) {
      this.#symbols.delete(symbol);
    }
  }

  takeAll(): ReadonlySet<string> {
    const all = this.#symbols;
    this.#symbols = new Set();
    return all;
  }

  #areUpTo(last: number, isDue: (symbol: string) => boolean): boolean {
    const order = this.#order;
    for (let place = last; place >= 0; place--) {
      const symbol = order[place] as string;
      if (this.#symbols.has(symbol) && !isDue(symbol)) {
        this.#place = place;
        return false;
      }
    }
    this.#place = -1;
    return true;
  }
}

/**
 * The symbols to be judged at a close, by what their cohort waits for. `held`: of open positions;
 * `wishes`: what their exit rules read besides.
 */
export function pendingOf(
  cohorts: readonly Pick<Cohort, "waits" | "reads">[],
  universe: ReadonlySet<string>,
  timeframe: Timeframe,
  held: ReadonlySet<string> = NO_SYMBOLS,
  wishes: readonly Timeframe[] = [],
): CloseSweep["pending"] {
  const pending = new Map(cohorts.map(({ waits, reads }) => [waits, new PendingSymbols(reads, universe)]));
  return held.size === 0 ? pending : pending.set(EXITS, new PendingSymbols([timeframe], held, [timeframe, ...wishes]));
}

const ORDERS = new WeakMap<ReadonlySet<string>, readonly string[]>();

/** A universe's symbols in its order, which is the same at every close. */
function orderOf(symbols: ReadonlySet<string>): readonly string[] {
  let order = ORDERS.get(symbols);
  if (order === undefined) {
    order = [...symbols];
    ORDERS.set(symbols, order);
  }
  return order;
}

/** Whether any symbol has still to be judged. */
export function hasPending({ pending }: CloseSweep): boolean {
  for (const symbols of pending.values()) {
    if (!symbols.isEmpty) {
      return true;
    }
  }
  return false;
}

/**
 * Whether all that are waited for have their bars. A series that missed its last close is not
 * waited for.
 */
export function haveAllCome({ pending, close }: CloseSweep, market: SeriesLookup): boolean {
  for (const symbols of pending.values()) {
    const { wishes } = symbols;
    if (!symbols.areAll((symbol) => isDue(market, symbol, wishes, close) || isSilent(market, symbol, wishes, close))) {
      return false;
    }
  }
  return true;
}

/** R37: shorter timeframes go first, as long as they still wait for bars in time. */
export function isBehindShorter(sweep: CloseSweep, all: Iterable<CloseSweep>): boolean {
  const length = timeframeMs(sweep.timeframe);
  for (const other of all) {
    const goesFirst = other.close === sweep.close && timeframeMs(other.timeframe) < length;
    if (goesFirst && !other.isLate && hasPending(other)) {
      return true;
    }
  }
  return false;
}

/** Takes those that have the bars that they wait for; nobody where the market cannot be asked. */
export function takeDue({ pending, close }: CloseSweep, market: SeriesLookup): TakenSymbols {
  const due = mapped(pending, (symbols) => symbols.due((symbol) => isDue(market, symbol, symbols.reads, close)));
  for (const [key, symbols] of pending) {
    symbols.take(due.get(key) ?? NO_SYMBOLS);
  }
  return due;
}

/** Takes all that is pending. */
export function takeAll({ pending }: CloseSweep): TakenSymbols {
  return mapped(pending, (symbols) => symbols.takeAll());
}

function mapped(pending: CloseSweep["pending"], take: (symbols: PendingSymbols) => ReadonlySet<string>): TakenSymbols {
  return new Map([...pending].map(([key, symbols]) => [key, take(symbols)]));
}

export function isNone(symbols: TakenSymbols): boolean {
  return symbols.values().every(({ size }) => size === 0);
}

/** When BAR_WAIT or the grace of any sweep ends next, monotonic ms; Infinity where all have ended. */
export function nextLimit(sweeps: Iterable<CloseSweep>): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { isLate, lateAt, isOver, overAt } of sweeps) {
    next = Math.min(next, isLate ? next : lateAt, isOver ? next : overAt);
  }
  return next;
}
