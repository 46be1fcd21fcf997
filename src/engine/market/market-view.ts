import { guarded } from "../../domain/guarded.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MarketData, MarketEvent } from "../../ports/market-data.ts";
import { type Observer, thrownIn } from "../../ports/observer.ts";
import type { SymbolStatus } from "../api.ts";
import { Pace } from "../concurrency/pace.ts";
import { Serial } from "../concurrency/serial.ts";
import { Turns } from "../concurrency/turns.ts";
import type { RequiredSeries, SeriesRequirement } from "../rules/conditions/required-series.ts";
import { historyForCallers } from "./bar-history.ts";
import { DelayReasons } from "./feed-delays.ts";
import { FeedLoop, type FeedLoopOptions } from "./feed-loop.ts";
import type { Series } from "./series.ts";
import { TrackedSeries } from "./tracked-series.ts";
import type { LoadTurns, TrackingOptions } from "./tracking.ts";

const LOADS_AT_ONCE = 8;
const BACKGROUND_LOADS_AT_ONCE = 4;
/**
 * Wall time that a new series waits at most for others to be loaded, before it is subscribed to.
 */
const SUBSCRIBE_MS = 1_000;

export interface MarketViewOptions {
  readonly market: MarketData;
  /** Those that the engine follows for itself; the others are for callers. */
  readonly symbols: readonly string[];
  /** Whether the engine follows a symbol for itself besides; absent: none. */
  readonly isHeld?: (symbol: string) => boolean;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Market time that a bar may take to come (R7). */
  readonly barGraceMs: number;
}

export interface MarketListener {
  /** A tracked series has a new last bar. */
  onBar(symbol: string, timeframe: Timeframe, closeTime: number): void;
  /**
   * All bars up to this market time are in their series; the next event is asked for once this
   * resolves.
   */
  onComplete(time: number): Promise<void> | undefined;
}

/** The universe's series, kept current from the feed's events (R2 to R5). */
export class MarketView {
  readonly #tracked = new Map<string, Map<Timeframe, TrackedSeries>>();
  readonly #listener: MarketListener;
  readonly #tracking: TrackingOptions;
  readonly #trackingForCallers: TrackingOptions;
  readonly #isOwn: (symbol: string) => boolean;
  readonly #feed: FeedLoop;
  readonly #retargets = new Serial();
  readonly #delays: DelayReasons;
  #required: RequiredSeries = new Map();
  #cancelSubscribe: (() => void) | undefined;

  constructor(options: MarketViewOptions, listener: MarketListener) {
    const { market, symbols, isHeld = () => false, clock, observer, barGraceMs } = options;
    this.#listener = listener;
    this.#delays = new DelayReasons(market);
    this.#tracking = {
      market,
      clock,
      observer,
      due: () => market.now() - barGraceMs,
      turns: newTurns(),
      onBar: (symbol, timeframe, time) =>
        guarded(() => listener.onBar(symbol, timeframe, time), thrownIn(observer, "close")),
      onKnown: () => this.#subscribeSoon(),
    };
    // With turns of their own: what waits for a caller's share of the venue keeps no other waiting.
    this.#trackingForCallers = { ...this.#tracking, market: historyForCallers(market), turns: newTurns() };
    const own = new Set(symbols);
    this.#isOwn = (symbol) => own.has(symbol) || isHeld(symbol);
    this.#feed = new FeedLoop({
      market,
      clock,
      observer,
      series: () => this.#known().map(({ series }) => this.#followed(series)),
      onSubscribed: () => this.#catchUp(market.now()),
      on: (event) => this.#on(event),
    });
  }

  /** Why the feed's events do not come, where they do not. */
  get fault(): string | undefined {
    return this.#feed.fault;
  }

  /** Whether nothing is tracked, so that no event will come. */
  get isIdle(): boolean {
    return this.#tracked.size === 0;
  }

  series(symbol: string, timeframe: Timeframe): Series | undefined {
    return this.#tracked.get(symbol)?.get(timeframe)?.series;
  }

  /** Why the bars of a series come late, where the feed says so. */
  delayOf(symbol: string, timeframe: Timeframe): string | undefined {
    return this.#delays.of(symbol, timeframe);
  }

  /**
   * Tracks exactly these symbols on these timeframes from now on. Loads new series in the
   * background; resolves once those that were there compute what is required.
   */
  track(symbols: ReadonlySet<string>, required: RequiredSeries): Promise<void> {
    this.#required = required;
    const dropped = this.#drop((symbol, timeframe) => !symbols.has(symbol) || !required.has(timeframe));
    for (const symbol of symbols) {
      for (const [timeframe, requirement] of required) {
        if (this.#tracked.get(symbol)?.get(timeframe) === undefined) {
          this.#add(symbol, timeframe, requirement);
        }
      }
    }
    if (dropped) {
      this.#feed.resubscribe();
    }
    return this.#retargets.run(() => this.#retarget());
  }

  /** Resolves once no load or repair of the symbol's series is under way. */
  async settled(symbol: string): Promise<void> {
    await idle(() => [...(this.#tracked.get(symbol)?.values() ?? [])].map(({ work }) => work));
  }

  /** Begins to follow the feed. */
  start(): void {
    this.#feed.start();
  }

  async stop(): Promise<void> {
    this.#cancelSubscribe?.();
    for (const tracked of this.#all()) {
      tracked.stop();
    }
    await this.#feed.stop();
  }

  status(): SymbolStatus[] {
    return this.#all().map((tracked) => tracked.status());
  }

  #all(): TrackedSeries[] {
    return [...this.#tracked.values()].flatMap((byTimeframe) => [...byTimeframe.values()]);
  }

  #known(): TrackedSeries[] {
    return this.#all().filter(({ isKnown }) => isKnown);
  }

  #followed({ symbol, timeframe }: Series): ReturnType<FeedLoopOptions["series"]>[number] {
    return { symbol, timeframe, ...(!this.#isOwn(symbol) && { asker: "caller" as const }) };
  }

  /**
   * New series are subscribed to together, once the venue was asked for all of them: it may not
   * have some.
   */
  #subscribeSoon(): void {
    if (this.#all().every(({ isAsked }) => isAsked)) {
      this.#subscribe();
    } else {
      this.#cancelSubscribe ??= this.#tracking.clock.after(SUBSCRIBE_MS, () => this.#subscribe());
    }
  }

  #subscribe(): void {
    this.#cancelSubscribe?.();
    this.#cancelSubscribe = undefined;
    this.#feed.resubscribe();
  }

  /** Bars that closed while nothing was subscribed to come from the history. */
  #catchUp(now: number): void {
    for (const tracked of this.#known()) {
      tracked.guard(() => tracked.catchUp(now));
    }
  }

  /**
   * In slices: hundreds of series over thousands of bars take a second. What is wanted by the time
   * that a series' turn has come counts.
   */
  async #retarget(): Promise<void> {
    const pace = new Pace(this.#tracking.clock);
    for (const tracked of this.#all()) {
      const requirement = this.#required.get(tracked.series.timeframe);
      if (requirement !== undefined) {
        tracked.guard(() => tracked.retarget(requirement));
      }
      if (pace.isLate()) {
        await pace.rest();
      }
    }
  }

  #add(symbol: string, timeframe: Timeframe, requirement: SeriesRequirement): void {
    const tracking = this.#isOwn(symbol) ? this.#tracking : this.#trackingForCallers;
    const tracked = new TrackedSeries(symbol, timeframe, requirement, tracking);
    const byTimeframe = this.#tracked.get(symbol) ?? new Map<Timeframe, TrackedSeries>();
    this.#tracked.set(symbol, byTimeframe.set(timeframe, tracked));
    tracked.load();
  }

  /** Whether any was dropped. */
  #drop(isDropped: (symbol: string, timeframe: Timeframe) => boolean): boolean {
    let dropped = false;
    for (const [symbol, byTimeframe] of this.#tracked) {
      for (const [timeframe, tracked] of byTimeframe) {
        if (isDropped(symbol, timeframe)) {
          tracked.stop();
          byTimeframe.delete(timeframe);
          dropped = true;
        }
      }
      if (byTimeframe.size === 0) {
        this.#tracked.delete(symbol);
      }
    }
    return dropped;
  }

  /** Undefined where there is nothing to wait for, as with nearly every bar. */
  #on(event: MarketEvent): Promise<void> | undefined {
    switch (event.kind) {
      case "bar": {
        const tracked = this.#tracked.get(event.symbol)?.get(event.timeframe);
        tracked?.guard(() => tracked.take(event.bar, event.correction ?? false));
        return undefined;
      }
      case "complete":
        return this.#complete(event.time);
      case "interrupted":
        for (const symbol of event.symbols) {
          for (const tracked of this.#tracked.get(symbol)?.values() ?? []) {
            tracked.guard(() => tracked.interrupted(event.reason));
          }
        }
        return undefined;
      default:
        return event satisfies never;
    }
  }

  /**
   * Whether anything is under way: what a feed has all bars of is judged with all of its history.
   */
  #isBusy(): boolean {
    for (const byTimeframe of this.#tracked.values()) {
      for (const { anyWork } of byTimeframe.values()) {
        if (anyWork !== undefined) {
          return true;
        }
      }
    }
    return false;
  }

  /** A close that cannot be judged does not keep the feed from the next. */
  #complete(time: number): Promise<void> | undefined {
    const onThrown = thrownIn(this.#tracking.observer, "close");
    try {
      return (this.#isBusy() ? this.#completeLater(time) : this.#listener.onComplete(time))?.catch(onThrown);
    } catch (error) {
      onThrown(error);
      return undefined;
    }
  }

  async #completeLater(time: number): Promise<void> {
    await idle(() => this.#all().map(({ anyWork }) => anyWork));
    await this.#listener.onComplete(time);
  }
}

/** Work may leave more work behind it, so it is asked for again. */
async function idle(underWay: () => readonly (Promise<void> | undefined)[]): Promise<void> {
  for (;;) {
    const work = underWay().filter((each) => each !== undefined);
    if (work.length === 0) {
      return;
    }
    await Promise.all(work);
  }
}

function newTurns(): LoadTurns {
  return {
    again: new Turns(LOADS_AT_ONCE),
    first: new Turns(LOADS_AT_ONCE),
    background: new Turns(BACKGROUND_LOADS_AT_ONCE),
  };
}
