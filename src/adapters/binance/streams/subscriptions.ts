import { closeTime } from "../../../domain/bar.ts";
import { errorText, RuntimeError } from "../../../domain/errors.ts";
import { guarded } from "../../../domain/guarded.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Asker, FeedDelay } from "../../../ports/market-data.ts";
import { type HistoryOptions, klines } from "../rest/history.ts";
import type { RequestLane } from "../rest/request-lanes.ts";
import type { VenueTime } from "../time/venue-time.ts";
import { klineStream } from "../venue/symbol.ts";
import type { ObserveVenue } from "../venue/venue-event.ts";
import type { KlineEvent } from "../venue/venue-json.ts";
import { AskGate, AskTimes } from "./ask-times.ts";
import { delaysOf } from "./delays.ts";
import { Delivery } from "./delivery.ts";
import type { LaneEvents } from "./lane.ts";
import type { StreamPool } from "./stream-pool.ts";
import { type SeriesListener, StreamedSeries } from "./streamed-series.ts";

/**
 * A bar that has not come so long after its close is asked of the history: well within the grace of
 * R7.
 */
const OVERDUE_MS = 3_000;
/**
 * Where no connection is to bring it, nothing is waited for but the venue's own database, which may
 * be a little behind.
 */
const UNCARRIED_MS = 1_000;
/** How long the history may take to bring what is missing. */
const CATCH_UP_WITHIN_MS = 8_000;
/** More bars than one page of the history are not sent on one by one. */
const MOST_CAUGHT_UP = 1_000;

interface Followed {
  readonly series: StreamedSeries;
  readonly delivery: Delivery;
  readonly asks: AskTimes;
  /** Whether the engine follows it for itself, and not for callers alone. */
  isOwn: boolean;
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
  /**
   * By stream. Those that nobody hears any more are kept as long as their streams linger, as who
   * comes back finds them.
   */
  readonly #followed = new Map<string, Followed>();
  readonly #gate: AskGate;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    this.#gate = new AskGate(options.clock);
    this.pool = options.pool({
      kline: (event) => this.#kline(event),
      live: (streams) => this.#live(streams),
      lost: (streams) => this.#lost(streams),
    });
  }

  /** Series that wait for the history. */
  get catchingUp(): number {
    return this.#heard().filter(({ series }) => series.isCatchingUp).length;
  }

  /** What is to be said of the streams that are down, by timeframe. */
  delays(): readonly FeedDelay[] {
    const now = this.#options.time.estimate();
    const all = this.#heard().map((followed) => {
      const { symbol, timeframe, covered } = followed.series;
      const due = covered + timeframeMs(timeframe);
      return { symbol, timeframe, outage: followed.delivery.outage(now, due, overdueMs(followed)) };
    });
    return delaysOf(all, this.pool.broke);
  }

  /**
   * From now on the listener hears of the series' bars that close after `time`, which may lie a
   * little back.
   */
  join(symbol: string, timeframe: Timeframe, listener: SeriesListener, time: number, asker: Asker): void {
    const stream = klineStream(symbol, timeframe);
    const from = lastClose(time, timeframe);
    const isLive = this.pool.add(stream);
    let followed = this.#followed.get(stream);
    if (followed === undefined) {
      const { clock, time: venue } = this.#options;
      const series = new StreamedSeries(symbol, timeframe, from);
      const delivery = new Delivery(venue.estimate(), isLive);
      followed = { series, delivery, asks: new AskTimes(clock), isOwn: false };
      this.#followed.set(stream, followed);
    }
    followed.isOwn ||= asker === "engine";
    followed.series.listen(listener, from);
  }

  leave(symbol: string, timeframe: Timeframe, listener: SeriesListener): void {
    const stream = klineStream(symbol, timeframe);
    const followed = this.#followed.get(stream);
    followed?.series.leave(listener);
    if (followed?.series.isUnheard) {
      this.pool.remove(stream);
    }
  }

  /** Asks the history for bars that should have come. */
  tick(): void {
    this.pool.tick();
    let second: readonly [string, Followed] | undefined;
    for (const [stream, followed] of this.#followed) {
      const { series } = followed;
      if (series.isUnheard) {
        if (!this.pool.carries(stream)) {
          this.#followed.delete(stream);
        }
      } else if (series.timeframe !== "1s") {
        this.#catchUp(stream, followed, overdueMs(followed));
      } else if (this.#isBehind(followed, OVERDUE_MS) && series.covered < (second?.[1].series.covered ?? Infinity)) {
        second = [stream, followed];
      }
    }
    // Of the series of seconds the one that is furthest behind, in turns: all of them at once would
    // take the others their place in the venue's weight limit, for bars that come too late all the
    // same.
    if (second !== undefined) {
      this.#catchUp(...second, OVERDUE_MS);
    }
  }

  close(): void {
    this.pool.close();
    this.#followed.clear();
  }

  #heard(): Followed[] {
    return [...this.#followed.values()].filter(({ series }) => !series.isUnheard);
  }

  #kline({ stream, symbol, timeframe, eventTime, isClosed, isShort, bar }: KlineEvent): void {
    const { time, observe } = this.#options;
    const followed = this.#followed.get(stream);
    const close = closeTime(bar, timeframe);
    // That a bar has closed tells the time, unless it ended early: its close may lie in the future
    // then.
    const isBelieved = time.atLeast(isClosed && !isShort ? Math.max(eventTime, close) : eventTime);
    const isFinal = isClosed && !(isShort && close > time.estimate());
    followed?.delivery.heard(time.estimate(), isFinal);
    if (!isFinal) {
      return;
    }
    if (!isBelieved) {
      const detail = `${stream} sent a closed bar of a time to come: it closes at ${close}, sent at ${eventTime}`;
      observe({ kind: "malformed", detail });
    } else if (followed?.series.timeframe === timeframe && followed.series.symbol === symbol) {
      followed.asks.reset();
      if (followed.series.take(bar)) {
        this.#ask(() => this.#askHistory(stream, followed, bar.openTime));
      }
    }
  }

  #live(streams: readonly string[]): void {
    const now = this.#options.time.estimate();
    for (const stream of streams) {
      const followed = this.#followed.get(stream);
      if (followed?.delivery.live(now)) {
        followed.asks.reset();
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
    if (this.#isBehind(followed, agoMs) && this.#gate.pass()) {
      const { series } = followed;
      series.hold();
      const until = lastClose(this.#options.time.estimate() - agoMs, series.timeframe);
      this.#ask(() => this.#askHistory(stream, followed, until));
    }
  }

  #ask(task: () => Promise<void>): void {
    guarded(task, (error) => this.#options.observe({ kind: "thrown", error }));
  }

  #isBehind({ series, asks }: Followed, agoMs: number): boolean {
    const due = lastClose(this.#options.time.estimate() - agoMs, series.timeframe);
    return due > series.covered && !series.isCatchingUp && asks.isDue;
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
      // For callers no request is urgent.
      const lane: RequestLane = followed.isOwn ? "urgent" : "caller";
      const query = { symbol, timeframe, count, until, withinMs: CATCH_UP_WITHIN_MS, lane };
      const bars = await klines(this.#options.history, query);
      const found = bars.filter((bar) => closeTime(bar, timeframe) > covered);
      const lateMs = found.length > 0 ? this.#options.time.estimate() - until : undefined;
      followed.delivery.historyAnswered(lateMs);
      this.#gate.answered();
      series.caughtUp(found);
      this.#judge(stream, followed, until, found.length);
    } catch (error) {
      series.notCaughtUp(error);
      this.#askFailed(followed, error);
    }
  }

  #askFailed({ delivery, asks }: Followed, error: unknown): void {
    delivery.historyFailed(errorText(error));
    if (error instanceof RuntimeError && error.code === "not_found") {
      // The venue answers, of one series that it no longer has.
      asks.askedInVain();
    } else {
      this.#gate.failed();
      asks.failed();
    }
  }

  #judge(stream: string, followed: Followed, until: number, found: number): void {
    const { symbol, timeframe, covered } = followed.series;
    const { liveSince } = followed.delivery;
    if (found > 0) {
      this.#options.observe({ kind: "caught_up", symbol, timeframe, bars: found });
    }
    if (covered < until) {
      followed.asks.askedInVain();
      return;
    }
    followed.asks.reset();
    if (found > 0 && liveSince !== undefined && liveSince < until) {
      followed.delivery.missed(until);
      this.pool.suspect(stream, followed.delivery.isMute);
    }
  }
}

/**
 * How long after its close a bar is asked of the history. Where no connection brings it, that is
 * soon, but for seconds: to ask for each of every symbol would use up the venue's limit, and come
 * too late all the same.
 */
function overdueMs({ series, delivery }: Followed): number {
  return delivery.liveSince === undefined && series.timeframe !== "1s" ? UNCARRIED_MS : OVERDUE_MS;
}
