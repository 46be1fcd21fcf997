import { closeTime } from "../../domain/bar.ts";
import { errorText } from "../../domain/errors.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FeedDelay } from "../../ports/market-data.ts";
import { delaysOf } from "./delays.ts";
import { Delivery } from "./delivery.ts";
import { type HistoryOptions, klines } from "./history.ts";
import type { LaneEvents } from "./lane.ts";
import type { StreamPool } from "./stream-pool.ts";
import { type SeriesListener, StreamedSeries } from "./streamed-series.ts";
import { klineStream } from "./symbol.ts";
import type { ObserveVenue } from "./venue-event.ts";
import type { KlineEvent } from "./venue-json.ts";
import type { VenueTime } from "./venue-time.ts";

/** A bar that has not come so long after its close is asked of the history: well within the grace of R7. */
const OVERDUE_MS = 3_000;
/** How long the history may take to bring what is missing. */
const CATCH_UP_WITHIN_MS = 8_000;
/** Where the history does not have the bar either, it is asked again, less and less often. */
const FIRST_ASK_AGAIN_MS = 2_000;
const LONGEST_ASK_AGAIN_MS = 600_000;
/** More bars than one page of the history are not sent on one by one. */
const MOST_CAUGHT_UP = 1_000;
/** So many bars in a row that the stream did not bring and the history has: the stream is dead. */
const MOST_NOT_BROUGHT = 3;

interface Followed {
  readonly series: StreamedSeries;
  readonly delivery: Delivery;
  /** Monotonic; when the history may be asked again. */
  askAgainAt: number;
  asksInVain: number;
  notBrought: number;
}

export interface SubscriptionsOptions {
  readonly history: HistoryOptions;
  readonly time: VenueTime;
  readonly clock: Clock;
  readonly observe: ObserveVenue;
  /** The pool, told whom to tell. */
  readonly pool: (events: LaneEvents) => StreamPool;
}

/** The series that anyone follows, kept whole from streams and history. */
export class Subscriptions {
  readonly pool: StreamPool;
  readonly #options: SubscriptionsOptions;
  readonly #followed = new Map<string, Followed>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    this.pool = options.pool({
      kline: (event) => this.#kline(event),
      live: (streams) => this.#live(streams),
      lost: (streams) => this.#lost(streams),
    });
  }

  /** Series that wait for the history. */
  get catchingUp(): number {
    return [...this.#followed.values()].filter(({ series }) => series.isCatchingUp).length;
  }

  /** What is to be said of the streams that are down, by timeframe. */
  delays(): readonly FeedDelay[] {
    const now = this.#options.time.estimate();
    const all = [...this.#followed.values()].map(({ series: { symbol, timeframe, covered }, delivery }) => {
      const due = covered + timeframeMs(timeframe);
      return { symbol, timeframe, outage: delivery.outage(now, due, overdueMs(timeframe, delivery)) };
    });
    return delaysOf(all, this.pool.broke);
  }

  /** From now on the listener hears of the series' bars that close after `time`, which may lie a little back. */
  join(symbol: string, timeframe: Timeframe, listener: SeriesListener, time: number): void {
    const stream = klineStream(symbol, timeframe);
    const from = lastClose(time, timeframe);
    const followed = this.#followed.get(stream) ?? this.#follow(stream, new StreamedSeries(symbol, timeframe, from));
    followed.series.listen(listener, from);
  }

  leave(symbol: string, timeframe: Timeframe, listener: SeriesListener): void {
    const stream = klineStream(symbol, timeframe);
    const followed = this.#followed.get(stream);
    followed?.series.leave(listener);
    if (followed?.series.isUnheard) {
      this.#followed.delete(stream);
      this.pool.remove(stream);
    }
  }

  /** Asks the history for bars that should have come. */
  tick(): void {
    this.pool.tick();
    for (const [stream, followed] of this.#followed) {
      this.#catchUp(stream, followed, overdueMs(followed.series.timeframe, followed.delivery));
    }
  }

  close(): void {
    this.pool.close();
    this.#followed.clear();
  }

  #follow(stream: string, series: StreamedSeries): Followed {
    const followed: Followed = {
      series,
      delivery: new Delivery(this.#options.time.estimate(), this.pool.add(stream)),
      askAgainAt: Number.NEGATIVE_INFINITY,
      asksInVain: 0,
      notBrought: 0,
    };
    this.#followed.set(stream, followed);
    return followed;
  }

  #kline({ stream, symbol, timeframe, eventTime, isClosed, isShort, bar }: KlineEvent): void {
    const { time, observe } = this.#options;
    const followed = this.#followed.get(stream);
    const close = closeTime(bar, timeframe);
    // That a bar has closed tells the time, unless it ended early: its close may lie in the future then.
    followed?.delivery.heard(time.estimate());
    const isBelieved = time.atLeast(isClosed && !isShort ? Math.max(eventTime, close) : eventTime);
    if (!isClosed || (isShort && close > time.estimate())) {
      return;
    }
    if (!isBelieved) {
      const detail = `${stream} sent a closed bar of a time to come: it closes at ${close}, sent at ${eventTime}`;
      observe({ kind: "malformed", detail });
    } else if (followed?.series.timeframe === timeframe && followed.series.symbol === symbol) {
      followed.asksInVain = followed.notBrought = 0;
      followed.askAgainAt = Number.NEGATIVE_INFINITY;
      if (followed.series.take(bar)) {
        void this.#askHistory(stream, followed, bar.openTime);
      }
    }
  }

  #live(streams: readonly string[]): void {
    const now = this.#options.time.estimate();
    for (const stream of streams) {
      const followed = this.#followed.get(stream);
      if (followed?.delivery.live(now)) {
        followed.askAgainAt = Number.NEGATIVE_INFINITY;
        this.#catchUp(stream, followed, 0);
      }
    }
  }

  #lost(streams: readonly string[]): void {
    const now = this.#options.time.estimate();
    for (const stream of streams) {
      this.#followed.get(stream)?.delivery.lost(now);
    }
  }

  /** Asks for what closed at least `agoMs` ago and has not come. */
  #catchUp(stream: string, followed: Followed, agoMs: number): void {
    const { clock, time } = this.#options;
    const { series, askAgainAt } = followed;
    const due = lastClose(time.estimate() - agoMs, series.timeframe);
    if (due > series.covered && !series.isCatchingUp && clock.monotonic() >= askAgainAt) {
      series.hold();
      void this.#askHistory(stream, followed, due);
    }
  }

  /** What is missing up to `until`, from the history. Never rejects. */
  async #askHistory(stream: string, followed: Followed, until: number): Promise<void> {
    const { series } = followed;
    const { covered, symbol, timeframe } = series;
    const count = Math.round((until - covered) / timeframeMs(timeframe));
    if (count > MOST_CAUGHT_UP) {
      series.skipTo(until, `${count} bars were missed`);
      series.caughtUp([]);
      return;
    }
    try {
      const query = { symbol, timeframe, count, until, withinMs: CATCH_UP_WITHIN_MS, isUrgent: true };
      const bars = await klines(this.#options.history, query);
      const found = bars.filter((bar) => closeTime(bar, timeframe) > covered);
      const lateMs = found.length > 0 ? this.#options.time.estimate() - until : undefined;
      followed.delivery.historyAnswered(lateMs);
      series.caughtUp(found);
      this.#judge(stream, followed, until, found.length);
    } catch (error) {
      series.notCaughtUp(error);
      followed.delivery.historyFailed(errorText(error));
      this.#askLater(followed);
    }
  }

  #judge(stream: string, followed: Followed, until: number, found: number): void {
    const { symbol, timeframe, covered } = followed.series;
    const { liveSince } = followed.delivery;
    if (found > 0) {
      this.#options.observe({ kind: "caught_up", symbol, timeframe, bars: found });
    }
    if (covered < until) {
      this.#askLater(followed);
    } else if (found > 0 && liveSince !== undefined && liveSince < until) {
      followed.notBrought++;
      followed.delivery.missed(until);
      this.pool.suspect(stream, until, followed.notBrought >= MOST_NOT_BROUGHT);
    }
  }

  #askLater(followed: Followed): void {
    const wait = Math.min(LONGEST_ASK_AGAIN_MS, FIRST_ASK_AGAIN_MS * 2 ** Math.min(followed.asksInVain++, 20));
    followed.askAgainAt = this.#options.clock.monotonic() + wait;
  }
}

/**
 * How long after its close a bar is asked of the history. Where no connection brings it, there is nothing to wait
 * for; but to ask for every second of every symbol would use up the venue's limit, and come too late all the same.
 */
function overdueMs(timeframe: Timeframe, { liveSince }: Delivery): number {
  return liveSince === undefined && timeframe !== "1s" ? 0 : OVERDUE_MS;
}
