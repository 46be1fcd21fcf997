import type { Bar } from "../domain/bar.ts";
import { closeTime } from "../domain/bar.ts";
import type { Timeframe } from "../domain/timeframe.ts";
import type { Indicator } from "../indicators/indicator.ts";
import type { Clock } from "../ports/clock.ts";
import type { MarketData, MarketEvent } from "../ports/market-data.ts";
import type { Observer } from "../ports/observer.ts";
import type { SymbolStatus } from "./api.ts";
import { forEachBounded } from "./channel.ts";
import { Series } from "./series.ts";
import { type LoadSize, loadSeries, refusedBar, repairSeries } from "./series-loader.ts";

/** What the loaded strategies read on one timeframe. */
export interface Wanted {
  readonly indicators: readonly Indicator[];
  /** Bars that make all of them settled (R10). */
  readonly requiredBars: number;
}

export interface MarketListener {
  /** A tracked series has a new last bar. */
  onBar(symbol: string, timeframe: Timeframe, closeTime: number): void;
  /** All bars up to this market time are in their series; the next event is asked for once this resolves. */
  onComplete(time: number): Promise<void>;
}

const LOADS_AT_ONCE = 8;
/** Bars loaded beyond the required ones, so that a strategy saved later seldom needs a new load. */
const SPARE_BARS = 600;
/** Wall time until a failed load is tried again, and until a broken subscription is. */
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Bars that may wait for a load; with more, they are dropped, and the gap that they leave is repaired like any other. */
const MOST_WAITING = 1_000;

interface Tracked {
  readonly series: Series;
  requiredBars: number;
  /** Bars to load, and to keep. */
  capacity: number;
  /** Set while a load or repair is under way; bars that come meanwhile wait. */
  work: Promise<void> | undefined;
  waiting: { readonly bar: Bar; readonly correction: boolean }[];
  nextTry: (() => void) | undefined;
  failures: number;
}

/** The universe's series: loaded, kept current from the feed's events, repaired behind gaps (R2 to R5). */
export class MarketView {
  readonly #market: MarketData;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #listener: MarketListener;
  readonly #tracked = new Map<string, Map<Timeframe, Tracked>>();
  #subscription = new AbortController();
  #closed = false;
  #loop: Promise<void> = Promise.resolve();
  #fault: string | undefined;
  #ended = false;

  constructor(market: MarketData, clock: Clock, observer: Observer, listener: MarketListener) {
    this.#market = market;
    this.#clock = clock;
    this.#observer = observer;
    this.#listener = listener;
  }

  get source(): string {
    return this.#market.source;
  }

  /** Why the feed's events do not come, where they do not. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Whether the feed's data has ended, as a replay's does. */
  get ended(): boolean {
    return this.#ended;
  }

  series(symbol: string, timeframe: Timeframe): Series | undefined {
    return this.#tracked.get(symbol)?.get(timeframe)?.series;
  }

  /** Tracks exactly these symbols on these timeframes from now on. Loads what is new in the background. */
  track(symbols: ReadonlySet<string>, wanted: ReadonlyMap<Timeframe, Wanted>): void {
    let changed = false;
    for (const [symbol, byTimeframe] of this.#tracked) {
      for (const timeframe of byTimeframe.keys()) {
        if (!symbols.has(symbol) || !wanted.has(timeframe)) {
          byTimeframe.get(timeframe)?.nextTry?.();
          byTimeframe.delete(timeframe);
          changed = true;
        }
      }
      if (byTimeframe.size === 0) {
        this.#tracked.delete(symbol);
      }
    }
    const toLoad: Tracked[] = [];
    for (const symbol of symbols) {
      for (const [timeframe, want] of wanted) {
        const tracked = this.#tracked.get(symbol)?.get(timeframe);
        if (tracked === undefined) {
          toLoad.push(this.#add(symbol, timeframe, want));
          changed = true;
        } else if (this.#retarget(tracked, want)) {
          toLoad.push(tracked);
        }
      }
    }
    this.#loadAll(toLoad);
    if (changed) {
      this.#subscription.abort();
    }
  }

  /** Resolves once no load or repair of the symbol's series is under way. */
  async settled(symbol: string): Promise<void> {
    await idle(() => [...(this.#tracked.get(symbol)?.values() ?? [])]);
  }

  /** Begins to follow the feed. */
  start(): void {
    this.#loop = this.#follow();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#subscription.abort();
    for (const tracked of this.#all()) {
      tracked.nextTry?.();
    }
    await this.#loop;
  }

  status(): SymbolStatus[] {
    return this.#all().map(({ series, requiredBars }) => ({
      symbol: series.symbol,
      timeframe: series.timeframe,
      ...(series.lastClose !== undefined && { lastBarCloseTime: series.lastClose }),
      bars: series.bars,
      requiredBars,
      ...(series.fault !== undefined && { whyNot: series.fault.text }),
    }));
  }

  #all(): Tracked[] {
    return [...this.#tracked.values()].flatMap((byTimeframe) => [...byTimeframe.values()]);
  }

  #add(symbol: string, timeframe: Timeframe, want: Wanted): Tracked {
    const capacity = want.requiredBars + SPARE_BARS;
    const tracked: Tracked = {
      series: new Series({ symbol, timeframe }, want.indicators, { capacity, settled: true }),
      requiredBars: want.requiredBars,
      capacity,
      work: undefined,
      waiting: [],
      nextTry: undefined,
      failures: 0,
    };
    const byTimeframe = this.#tracked.get(symbol) ?? new Map<Timeframe, Tracked>();
    this.#tracked.set(symbol, byTimeframe.set(timeframe, tracked));
    return tracked;
  }

  /** Computes what is wanted now; answers whether more history must be loaded for it. */
  #retarget(tracked: Tracked, want: Wanted): boolean {
    const { series } = tracked;
    tracked.requiredBars = want.requiredBars;
    const needsLoad = want.requiredBars > tracked.capacity;
    tracked.capacity = Math.max(tracked.capacity, needsLoad ? want.requiredBars + SPARE_BARS : 0);
    if (needsLoad || !series.computes(want.indicators)) {
      series.retarget(want.indicators, tracked.capacity);
    }
    return needsLoad;
  }

  #loadAll(toLoad: readonly Tracked[]): void {
    // Marked before the first load ends, so that `settled` waits for those whose turn has not come.
    const turns = toLoad.map((tracked) => {
      const turn = Promise.withResolvers<void>();
      const work = (tracked.work ?? Promise.resolve()).then(() => turn.promise);
      this.#occupy(tracked, work);
      return { tracked, work, turn };
    });
    void forEachBounded(turns, LOADS_AT_ONCE, async ({ tracked, turn }) => {
      await loadSeries(this.#market, tracked.series, sizeOf(tracked));
      turn.resolve();
    });
  }

  /** While `work` lasts, bars wait; then they are taken in their order. */
  #occupy(tracked: Tracked, work: Promise<void>): void {
    tracked.nextTry?.();
    tracked.nextTry = undefined;
    const done = work.then(() => {
      if (tracked.work === done) {
        tracked.work = undefined;
        this.#afterWork(tracked);
      }
    });
    tracked.work = done;
  }

  #afterWork(tracked: Tracked): void {
    const { series } = tracked;
    const last = series.lastClose;
    if (last !== undefined && series.fault === undefined) {
      tracked.failures = 0;
      this.#listener.onBar(series.symbol, series.timeframe, last);
    }
    const waiting = tracked.waiting;
    tracked.waiting = [];
    for (const { bar, correction } of waiting) {
      this.#take(tracked, bar, correction);
    }
    if (series.fault !== undefined && !series.fault.waits && tracked.work === undefined && !this.#closed) {
      this.#retryLater(tracked, series.fault.text);
    }
  }

  #retryLater(tracked: Tracked, why: string): void {
    const { series } = tracked;
    this.#observer.observe({ kind: "fault", what: `${series.symbol} ${series.timeframe}`, error: new Error(why) });
    const wait = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** tracked.failures++);
    tracked.nextTry = this.#clock.after(wait, () => {
      if (this.series(series.symbol, series.timeframe) === series) {
        this.#loadAll([tracked]);
      }
    });
  }

  #take(tracked: Tracked, bar: Bar, correction: boolean): void {
    const { series } = tracked;
    if (tracked.work !== undefined) {
      if (tracked.waiting.push({ bar, correction }) > MOST_WAITING) {
        tracked.waiting = [];
      }
      return;
    }
    const accepted = series.accept(bar, correction);
    switch (accepted) {
      case "added":
      case "corrected":
        this.#afterBar(tracked, bar);
        return;
      case "gap":
        this.#repair(tracked, bar);
        return;
      case "invalid": {
        const reason = refusedBar(series, bar);
        series.fault = { text: reason, waits: false };
        this.#observer.observe({ kind: "bar_refused", symbol: series.symbol, timeframe: series.timeframe, reason });
        this.#repair(tracked, bar);
        return;
      }
      case "duplicate":
      case "ignored":
        return;
      default:
        accepted satisfies never;
    }
  }

  #afterBar(tracked: Tracked, bar: Bar): void {
    const { series } = tracked;
    if (series.fault?.waits && series.bars >= tracked.requiredBars) {
      series.fault = undefined;
    }
    if (series.fault === undefined) {
      this.#listener.onBar(series.symbol, series.timeframe, closeTime(bar, series.timeframe));
    } else if (!series.fault.waits) {
      // A bar alone does not mend what made the series unusable.
      this.#loadAll([tracked]);
    }
  }

  #repair(tracked: Tracked, bar: Bar): void {
    this.#occupy(tracked, repairSeries(this.#market, tracked.series, bar, sizeOf(tracked)));
  }

  /** Subscribes, and again whenever the tracked series change or the subscription breaks. */
  async #follow(): Promise<void> {
    while (!this.#closed && !this.#ended) {
      this.#subscription = new AbortController();
      const { signal } = this.#subscription;
      const wanted = this.#all().map(({ series }) => ({ symbol: series.symbol, timeframe: series.timeframe }));
      if (wanted.length === 0) {
        await aborted(signal);
        continue;
      }
      try {
        for await (const event of this.#market.subscribe(wanted, signal)) {
          this.#recovered();
          await this.#on(event);
          if (signal.aborted) {
            break;
          }
        }
        this.#ended = !signal.aborted;
      } catch (error) {
        if (!signal.aborted) {
          this.#broke(error);
          await new Promise<void>((resolve) => {
            this.#clock.after(RETRY_MS, resolve);
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
        }
      }
    }
  }

  #broke(error: unknown): void {
    this.#fault = `the market data feed broke off: ${error instanceof Error ? error.message : String(error)}`;
    this.#observer.observe({ kind: "fault", what: "market data", error });
  }

  #recovered(): void {
    if (this.#fault !== undefined) {
      this.#fault = undefined;
      this.#observer.observe({ kind: "recovered", what: "market data" });
    }
  }

  async #on(event: MarketEvent): Promise<void> {
    switch (event.kind) {
      case "bar": {
        const tracked = this.#tracked.get(event.symbol)?.get(event.timeframe);
        if (tracked !== undefined) {
          this.#take(tracked, event.bar, event.correction ?? false);
        }
        return;
      }
      case "complete":
        await idle(() => this.#all());
        await this.#listener.onComplete(event.time);
        return;
      case "interrupted":
        for (const tracked of event.symbols.flatMap((symbol) => [...(this.#tracked.get(symbol)?.values() ?? [])])) {
          tracked.series.fault = { text: event.reason, waits: false };
          this.#occupy(tracked, loadSeries(this.#market, tracked.series, sizeOf(tracked)));
        }
        return;
      default:
        return event satisfies never;
    }
  }
}

/** Work may leave more work behind it, so it is asked for again. */
async function idle(tracked: () => readonly Tracked[]): Promise<void> {
  for (;;) {
    const work = tracked().flatMap((each) => each.work ?? []);
    if (work.length === 0) {
      return;
    }
    await Promise.all(work);
  }
}

function sizeOf(tracked: Tracked): LoadSize {
  return { count: tracked.capacity, requiredBars: tracked.requiredBars };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
