import type { Bar } from "../../domain/bar.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { MarketData, MarketEvent } from "../../ports/market-data.ts";
import type { MarketTime, TimeReader } from "./market-time.ts";

/** A series whose bars are known ahead of market time. */
export interface BarSeries {
  /** The newest `count` bars that closed at or before `until`; oldest first. */
  last(count: number, until: number): readonly Bar[];
  /** The bar that closed at exactly `time`, where there is one. */
  closedAt(time: number): Bar | undefined;
  /**
   * The first close after `time`, whether or not a bar is missing there. Undefined where the series
   * has ended; infinite: none comes.
   */
  nextClose(time: number): number | undefined;
}

/** What a paced feed plays. Both fail with `not_found` for what is not there. */
export interface BarSource {
  series(symbol: string, timeframe: Timeframe): BarSeries;
  /** The newest price at or before `now`. Fails with `unavailable` where there is none yet. */
  price(symbol: string, now: number): { readonly price: number; readonly time: number };
}

interface Subscribed {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly series: BarSeries;
}

export interface PacedFeedOptions {
  readonly source: string;
  /** See MarketData. */
  readonly startsAnew: boolean;
  readonly open: () => Promise<OpenMarket>;
  /** A reader has asked for what comes behind the last close of all its series. */
  readonly onOver?: () => void;
}

/** A market open for play: its bars, and its time running. */
export interface OpenMarket {
  readonly bars: BarSource;
  readonly time: MarketTime;
}

/**
 * How many close times go out before other work of the process gets a turn, where none of them has
 * to be waited for.
 */
const CLOSES_PER_TURN = 64;

/**
 * The whole MarketData port over bars that are known ahead: events are made when they are pulled,
 * so a slow reader costs no memory and loses nothing.
 */
export function pacedFeed({ source, startsAnew, open, onOver = () => {} }: PacedFeedOptions): MarketData {
  let market: OpenMarket | undefined;
  let lastTurn: Promise<void> = Promise.resolve();
  /**
   * History is computed here, not waited for: one a turn of the event loop, or whoever asks for
   * thousands would leave no other work its turn.
   */
  const turn = (): Promise<void> => {
    lastTurn = lastTurn.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    return lastTurn;
  };
  const opened = (): OpenMarket => {
    if (market === undefined) {
      throw new RuntimeError("failed_precondition", `market data "${source}" is not ready: call ready() first`);
    }
    return market;
  };

  return {
    source,
    completes: true,
    startsAnew,
    async ready() {
      market = await open();
    },
    now() {
      return opened().time.now();
    },
    async history(symbol, timeframe, count, until = Number.POSITIVE_INFINITY) {
      const { bars, time } = opened();
      const series = bars.series(symbol, timeframe);
      await turn();
      return inPieces(series, Math.max(0, count), Math.min(until, time.now()), turn);
    },
    async price(symbol) {
      const { bars, time } = opened();
      return bars.price(symbol, time.now());
    },
    subscribe(series, signal) {
      const { bars, time } = opened();
      // "From now on" means from this call: what closes before the first pull must not be lost.
      const reader = time.join();
      const start = (leave: () => void) =>
        new PlayedEvents(inOrder(bars, series), time.now(), reader, { leave, over: onOver });
      return cancellable(reader, signal, start);
    },
    async close() {
      market?.time.stop();
    },
  };
}

/** Bars of a history that are computed in one turn: a day's take some milliseconds. */
const BARS_PER_TURN = 500;

/**
 * The newest `count` bars that closed at or before `until`; oldest first. Made from the newest
 * back.
 */
async function inPieces(
  series: BarSeries,
  count: number,
  until: number,
  turn: () => Promise<void>,
): Promise<readonly Bar[]> {
  const pieces: (readonly Bar[])[] = [];
  let [left, end] = [count, until];
  for (;;) {
    const asked = Math.min(left, BARS_PER_TURN);
    const piece = series.last(asked, end);
    const [first] = piece;
    pieces.unshift(piece);
    left -= piece.length;
    if (first === undefined || left === 0 || piece.length < asked) {
      return pieces.flat();
    }
    end = first.openTime;
    await turn();
  }
}

/** Short timeframes first, symbols in the order given, each series once. */
function inOrder(
  bars: BarSource,
  wanted: readonly { readonly symbol: string; readonly timeframe: Timeframe }[],
): readonly Subscribed[] {
  const unique = new Map(wanted.map(({ symbol, timeframe }) => [`${timeframe} ${symbol}`, { symbol, timeframe }]));
  return [...unique.values()]
    .map((one) => ({ ...one, series: bars.series(one.symbol, one.timeframe) }))
    .sort((a, b) => timeframeMs(a.timeframe) - timeframeMs(b.timeframe));
}

/**
 * The events of a subscription. Bars are known ahead, so most events are there as soon as they are
 * asked for; a generator would wait several times for each of them.
 */
class PlayedEvents implements AsyncIterator<MarketEvent> {
  readonly #subscribed: readonly Subscribed[];
  readonly #reader: TimeReader;
  /**
   * The close whose events go out, and the place among the series of the next one; past them comes
   * `complete`.
   */
  #time: number;
  #place: number;
  #closes = 0;
  /** The way to the next close, where it is under way. */
  #moving: Promise<boolean> | undefined;
  readonly #on: { readonly leave: () => void; readonly over: () => void };

  constructor(
    subscribed: readonly Subscribed[],
    from: number,
    reader: TimeReader,
    on: { readonly leave: () => void; readonly over: () => void },
  ) {
    this.#subscribed = subscribed;
    this.#reader = reader;
    this.#on = on;
    // What closed until now is in the history, and complete: that is said first. Whoever subscribes
    // anew in the middle of a close learns so that there is nothing more to wait for.
    this.#time = from;
    this.#place = subscribed.length;
  }

  next(): Promise<IteratorResult<MarketEvent, undefined>> {
    const event = this.#moving === undefined && !this.#reader.left ? this.#due() : undefined;
    return event === undefined ? this.#nextClose() : Promise.resolve({ done: false, value: event });
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#on.leave();
    return END;
  }

  /** What is left to be said of this close. */
  #due(): MarketEvent | undefined {
    const time = this.#time;
    while (this.#place < this.#subscribed.length) {
      const { symbol, timeframe, series } = this.#subscribed[this.#place++] as Subscribed;
      const bar = series.closedAt(time);
      if (bar !== undefined) {
        return { kind: "bar", symbol, timeframe, bar };
      }
    }
    return this.#place++ === this.#subscribed.length ? { kind: "complete", time } : undefined;
  }

  async #nextClose(): Promise<IteratorResult<MarketEvent, undefined>> {
    const before = this.#moving;
    if (before !== undefined) {
      // Somebody asked for two at once: they get them in order.
      await before;
      return this.next();
    }
    this.#moving = this.#move();
    const hasMoved = await this.#moving;
    this.#moving = undefined;
    if (!hasMoved || this.#reader.left) {
      this.#on.leave();
      return END;
    }
    return this.next();
  }

  /** Waits for the next close; false where none comes. */
  async #move(): Promise<boolean> {
    const next = nextClose(this.#subscribed, this.#time);
    if (next === undefined && !this.#reader.left) {
      this.#on.over();
    }
    if (this.#reader.left || next === undefined || !(await this.#reader.until(next))) {
      return false;
    }
    if (++this.#closes % CLOSES_PER_TURN === 0) {
      // Awaiting settled promises alone would keep signals, timers and sockets waiting for as long
      // as bars last.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#time = next;
    this.#place = 0;
    return true;
  }
}

/** Infinite where nothing is subscribed: such a reader waits until it is ended. */
function nextClose(subscribed: readonly Subscribed[], time: number): number | undefined {
  let next = Number.POSITIVE_INFINITY;
  let hasEnded = subscribed.length > 0;
  for (const { series } of subscribed) {
    const close = series.nextClose(time);
    if (close !== undefined) {
      next = Math.min(next, close);
      hasEnded = false;
    }
  }
  return hasEnded ? undefined : next;
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The events that `start` answers with, ending at once when the signal aborts, the iterator returns
 * or the reader leaves, even while it waits.
 */
function cancellable(
  reader: TimeReader,
  signal: AbortSignal,
  start: (leave: () => void) => AsyncIterator<MarketEvent>,
): AsyncIterable<MarketEvent> {
  const leave = () => {
    reader.leave();
    signal.removeEventListener("abort", leave);
  };
  let iterator: AsyncIterator<MarketEvent>;
  try {
    iterator = start(leave);
  } catch (error) {
    // Told at the first pull, as any fault of an iterable is; market time does not wait for a
    // reader that cannot read.
    iterator = failing(error);
    reader.leave();
  }
  if (signal.aborted) {
    reader.leave();
  } else {
    signal.addEventListener("abort", leave, { once: true });
  }
  return { [Symbol.asyncIterator]: () => iterator };
}

function failing(fault: unknown): AsyncIterator<MarketEvent> {
  return {
    async next() {
      throw fault;
    },
    async return() {
      return END;
    },
  };
}
