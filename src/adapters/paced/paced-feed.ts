import type { Bar } from "../../domain/bar.ts";
import { closeTime } from "../../domain/bar.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { MarketData, MarketEvent } from "../../ports/market-data.ts";
import type { MarketTime, TimeReader } from "./market-time.ts";

/** A series whose bars are known ahead of market time. */
export interface BarSeries {
  /** The newest `count` bars that closed at or before `until`; oldest first. */
  last(count: number, until: number): readonly Bar[];
  /** The first close after `time`, whether or not a bar is missing there. Undefined where the series has ended; infinite: none comes. */
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

/** A market open for play: its bars, and its time running. */
export interface OpenMarket {
  readonly bars: BarSource;
  readonly time: MarketTime;
}

/** How many close times go out before other work of the process gets a turn, where none of them has to be waited for. */
const CLOSES_PER_TURN = 64;

/**
 * The whole MarketData port over bars that are known ahead: events are made when they are pulled, so a slow reader
 * costs no memory and loses nothing.
 */
export function pacedFeed(source: string, open: () => Promise<OpenMarket>): MarketData {
  let market: OpenMarket | undefined;
  let lastTurn: Promise<void> = Promise.resolve();
  /** History is computed here, not waited for: one a turn of the event loop, or whoever asks for thousands would leave no other work its turn. */
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
      return series.last(Math.max(0, count), Math.min(until, time.now()));
    },
    async price(symbol) {
      const { bars, time } = opened();
      return bars.price(symbol, time.now());
    },
    subscribe(series, signal) {
      const { bars, time } = opened();
      // "From now on" means from this call: what closes before the first pull must not be lost.
      return cancellable(time.join(), signal, (reader) => play(inOrder(bars, series), time.now(), reader));
    },
    async close() {
      market?.time.close();
    },
  };
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

async function* play(subscribed: readonly Subscribed[], from: number, reader: TimeReader): AsyncGenerator<MarketEvent> {
  let time = from;
  for (let closes = 1; ; closes++) {
    const next = nextClose(subscribed, time);
    if (next === undefined || !(await reader.until(next))) {
      return;
    }
    if (closes % CLOSES_PER_TURN === 0) {
      // Awaiting settled promises alone would keep signals, timers and sockets waiting for as long as bars last.
      await new Promise((resolve) => setImmediate(resolve));
    }
    time = next;
    for (const { symbol, timeframe, series } of subscribed) {
      const bar = series.last(1, time)[0];
      if (bar !== undefined && closeTime(bar, timeframe) === time) {
        yield { kind: "bar", symbol, timeframe, bar };
      }
    }
    yield { kind: "complete", time };
  }
}

/** Infinite where nothing is subscribed: such a reader waits until it is ended. */
function nextClose(subscribed: readonly Subscribed[], time: number): number | undefined {
  const closes = subscribed.map(({ series }) => series.nextClose(time)).filter((close) => close !== undefined);
  return subscribed.length > 0 && closes.length === 0 ? undefined : Math.min(...closes);
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The generator's events, ending at once when the signal aborts, the iterator returns or the reader leaves, even while it waits. */
function cancellable(
  reader: TimeReader,
  signal: AbortSignal,
  start: (reader: TimeReader) => AsyncGenerator<MarketEvent>,
): AsyncIterable<MarketEvent> {
  let events: AsyncGenerator<MarketEvent> | undefined;
  let fault: unknown;
  const leave = () => {
    reader.leave();
    signal.removeEventListener("abort", leave);
  };
  try {
    events = start(reader);
  } catch (error) {
    // Told at the first pull, as any fault of an iterable is; market time does not wait for a reader that cannot read.
    fault = error;
    reader.leave();
  }
  if (signal.aborted) {
    reader.leave();
  } else {
    signal.addEventListener("abort", leave, { once: true });
  }
  const iterator: AsyncIterator<MarketEvent> = {
    async next() {
      if (events === undefined) {
        leave();
        throw fault;
      }
      const result = reader.left ? END : await events.next();
      if (result.done || reader.left) {
        leave();
        return END;
      }
      return result;
    },
    async return() {
      leave();
      await events?.return(undefined);
      return END;
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
