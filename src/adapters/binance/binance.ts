import { RuntimeError } from "../../domain/errors.ts";
import { guarded } from "../../domain/guarded.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MarketData } from "../../ports/market-data.ts";
import { type HistoryOptions, klines } from "./rest/history.ts";
import type { RequestLane } from "./rest/request-lanes.ts";
import { RequestQueue } from "./rest/request-queue.ts";
import { Rest } from "./rest/rest.ts";
import { SymbolList } from "./rest/symbol-list.ts";
import { lastTrade, serverTime } from "./rest/venue-requests.ts";
import type { LaneEvents } from "./streams/lane.ts";
import { Readers } from "./streams/readers.ts";
import { StreamPool } from "./streams/stream-pool.ts";
import { Subscriptions } from "./streams/subscriptions.ts";
import { TimeSync } from "./time/time-sync.ts";
import { VenueTime } from "./time/venue-time.ts";
import { isVenueSymbol, noSymbol } from "./venue/symbol.ts";
import type { ObserveVenue, VenueEvent } from "./venue/venue-event.ts";

/** The venue's endpoints for public market data; any server that speaks the same will do. */
export const BINANCE_REST_URL = "https://data-api.binance.vision";
export const BINANCE_WS_URL = "wss://data-stream.binance.vision";

export interface BinanceOptions {
  /** http(s), without the path. */
  readonly restUrl: string;
  /** ws(s), without the path. */
  readonly wsUrl: string;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
  /** From 0 to below 1, for jitter. */
  readonly random?: () => number;
  /** Hears what the adapter lives through, for logs and metrics. */
  readonly observe?: ObserveVenue;
  /**
   * The venue's limit for this machine's address; 6,000 as documented. Nine tenths of it are used
   * at most.
   */
  readonly weightPerMinute?: number;
  /** 1,024 at most, as documented. */
  readonly streamsPerConnection?: number;
  /** Age at which a connection is replaced, before the venue cuts it at 24 h; ms. */
  readonly renewAfterMs?: number;
  /** How long after its close a bar is first asked of the history, ms. */
  readonly settleMs?: number;
  /** Events that one subscription may leave unread. */
  readonly queueLimit?: number;
}

/** Figures for metrics, as of now. */
export interface BinanceStats {
  /** As the venue counts it, in its current minute. */
  readonly usedWeight: number;
  readonly requestsWaiting: number;
  /** Of the requests that went, since the start, by whom they were for. */
  readonly weights: Readonly<Record<RequestLane, number>>;
  /** Answers of the venue that are awaited, over REST and the streams. */
  readonly awaited: number;
  readonly connections: number;
  readonly streams: number;
  /** Streams that do not deliver yet, and series that wait for the history. */
  readonly pending: number;
  /** Connections that broke, since the start. */
  readonly breaks: number;
  /** Answers and messages that could not be read, since the start. */
  readonly malformed: number;
  /** Rows of the history that are no bars, since the start. */
  readonly leftOut: number;
}

export interface BinanceMarketData extends MarketData {
  stats(): BinanceStats;
}

/** One timer drives everything: no request, connection or wait has one of its own. */
const TICK_MS = 250;
const HISTORY_WITHIN_MS = 60_000;
const LANE_OF = { engine: "own", caller: "caller" } as const;

/**
 * Spot market data of Binance: klines and trades over REST, klines over combined streams.
 *
 * Market time is the venue's clock. A price is the last trade's, with its time: the price ticker
 * says no time, and a price of a market that stands still must not pass for a fresh one (R24).
 * After a break the adapter itself asks the history for the bars that closed meanwhile and sends
 * them in order; `interrupted` is sent only where that fails, or where there are too many. A venue
 * that is down at the start is waited for: until it has told its time, everything else is
 * `unavailable`, and `now()` is wall time.
 *
 * A subscription to symbols of which the venue has none fails with `not_found`. Where it has some,
 * those are followed; the others are told in an `interrupted`, so that one wrong name does not
 * silence a universe, and are followed once they are listed.
 */
export function binance(options: BinanceOptions): BinanceMarketData {
  const parts = assemble(options);
  const { clock, queue, rest, time, sync, history, subscriptions, readers } = parts;
  let stopTicking = () => {};
  let isClosed = false;

  const tick = () => {
    stopTicking = clock.after(TICK_MS, tick);
    // Each by itself: what one throws keeps no other waiting.
    const first = [() => rest.tick(), () => queue.pump(), () => sync.tick(), () => subscriptions.tick()];
    for (const part of [...first, () => readers.tick()]) {
      guarded(part, (error) => options.observe?.({ kind: "thrown", error }));
    }
  };

  return {
    source: "binance",
    async ready() {
      tick();
      // A venue that is down is waited for in the background: the service starts, and says why it
      // decides nothing.
      await sync.done().catch(() => undefined);
    },
    now: () => time.now(),
    async history(symbol, timeframe, count, until, asker = "engine") {
      requireSymbol(symbol);
      await sync.done();
      const query = {
        symbol,
        timeframe,
        count,
        withinMs: HISTORY_WITHIN_MS,
        lane: LANE_OF[asker],
        ...(until !== undefined && { until }),
      };
      return klines(history, query);
    },
    async price(symbol) {
      requireSymbol(symbol);
      await sync.done();
      return lastTrade(rest, time, symbol);
    },
    subscribe: (series, signal) => readers.open(series, signal),
    delays: () => subscriptions.delays(),
    async close() {
      if (!isClosed) {
        isClosed = true;
        stopTicking();
        readers.endAll();
        subscriptions.close();
        queue.refuseAll();
        rest.abortAll();
      }
    },
    stats: () => statsOf(parts),
  };
}

function statsOf({ queue, subscriptions: { pool, catchingUp }, counts }: ReturnType<typeof assemble>): BinanceStats {
  return {
    usedWeight: queue.usedWeight,
    requestsWaiting: queue.waiting,
    weights: queue.weights,
    awaited: queue.underWay + pool.awaited,
    connections: pool.connections,
    streams: pool.streams,
    pending: pool.pending + catchingUp,
    ...counts,
  };
}

function assemble(options: BinanceOptions) {
  const { clock, fetch: given, random = Math.random, weightPerMinute = 6_000, settleMs = 250 } = options;
  const counts = { breaks: 0, malformed: 0, leftOut: 0 };
  const observe = (event: VenueEvent) => {
    counts.breaks += event.kind === "disconnected" && event.wasOpen ? 1 : 0;
    counts.malformed += event.kind === "malformed" ? 1 : 0;
    counts.leftOut += event.kind === "left_out" ? event.rows : 0;
    options.observe?.(event);
  };
  const time = new VenueTime(clock);
  const times = { monotonic: () => clock.monotonic(), venue: () => time.estimate() };
  const queue = new RequestQueue(weightPerMinute, times);
  const restUrl = endpoint(options.restUrl, ["http:", "https:"]);
  const rest = new Rest({ url: restUrl, clock, time, fetch: given ?? fetch, queue, random, observe });
  const history: HistoryOptions = { rest, time, clock, settleMs, observe };
  const lanes = {
    url: endpoint(options.wsUrl, ["ws:", "wss:"]),
    clock,
    random,
    observe,
    renewAfterMs: options.renewAfterMs ?? 23 * 3_600_000,
    streamsPerConnection: options.streamsPerConnection ?? 1_024,
  };
  const pool = (events: LaneEvents) => new StreamPool(lanes, events);
  const subscriptions = new Subscriptions({ history, time, clock, observe, pool });
  const sync = new TimeSync(() => serverTime(rest), time, clock);
  const symbols = new SymbolList(rest, clock);
  const limit = options.queueLimit ?? 10_000;
  const readers = new Readers({ limit, clock, time, sync, symbols, subscriptions });
  return { clock, queue, rest, time, sync, history, subscriptions, readers, counts };
}

/** The URL without a slash at its end. */
function endpoint(url: string, protocols: readonly string[]): string {
  if (!protocols.includes(URL.parse(url)?.protocol ?? "")) {
    throw new RuntimeError(
      "invalid",
      `the Binance URL is ${JSON.stringify(url)}, must begin with ${protocols.join("// or ")}//`,
    );
  }
  return url.replace(/\/+$/, "");
}

/** Refused here, so that a name from a caller costs the venue nothing. */
function requireSymbol(symbol: string): void {
  if (!isVenueSymbol(symbol)) {
    throw new RuntimeError("not_found", noSymbol(symbol));
  }
}
