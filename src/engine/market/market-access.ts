import { errorText } from "../../domain/errors.ts";
import { lastClose, type Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MarketData } from "../../ports/market-data.ts";
import type { LongWork, LongWorks, WorkCaller } from "../concurrency/long-work.ts";
import { formatTime } from "../rules/conditions/format.ts";
import type { MarketReading, ShortHistory } from "../rules/conditions/market-reading.ts";
import type { SeriesRequirement } from "../rules/conditions/required-series.ts";
import { missingBar } from "./live-reading.ts";
import type { MarketView } from "./market-view.ts";
import { Series } from "./series.ts";
import { fillWithHistory, isUnknown } from "./series-loader.ts";

/** Wall time between two looks for a bar that has not come. */
const LOOK_AGAIN_MS = 100;
/**
 * Wall time that a call waits for the feed's history, beyond the grace: a venue that keeps silent
 * must not keep callers.
 */
const HISTORY_MS = 5_000;

export interface MarketAccessOptions {
  readonly market: MarketData;
  readonly view: MarketView;
  readonly clock: Clock;
  /** Among which what calls need is computed. */
  readonly longWorks: LongWorks;
  /** R7. */
  readonly barGraceMs: number;
  /** R24. */
  readonly priceMaxAgeMs: number;
}

/**
 * One symbol's series for a call, from the universe where it has them, else from the feed's
 * history.
 */
export interface CallReading extends MarketReading {
  /** Why a timeframe cannot be read, where it cannot. */
  fault(timeframe: Timeframe): string | undefined;
  /** How far the series of a timeframe reaches back, while those who need more wait for it. */
  short(timeframe: Timeframe): ShortHistory | undefined;
}

/** Why a series cannot be read now. `isFinal`: waiting would not bring it. */
interface Missing {
  readonly why: string;
  readonly isFinal?: boolean;
}

interface WantedSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly requirement: SeriesRequirement;
  /** Of the last bar that must be there. */
  readonly close: number;
  readonly work: LongWork;
}

export type PriceAnswer = { readonly price: number } | { readonly unavailable: string };

/**
 * How calls (Evaluate, one-shot GenerateSignals) get at the market: any symbol, any strategy, now
 * or as of a time.
 */
export class MarketAccess {
  readonly #options: MarketAccessOptions;

  constructor(options: MarketAccessOptions) {
    this.#options = options;
  }

  now(): number {
    return this.#options.market.now();
  }

  /**
   * The symbol's series on these timeframes, as of the bars that had closed by `time`. A bar that
   * has not come is waited for until its close plus the grace (R7).
   */
  reading(
    symbol: string,
    required: ReadonlyMap<Timeframe, SeriesRequirement>,
    time: number,
    caller?: WorkCaller,
  ): CallReading | Promise<CallReading> {
    const untracked = [...required].filter(
      ([timeframe, requirement]) => !this.#isTracked(symbol, timeframe, requirement, time),
    );
    if (untracked.length > 0) {
      return this.#fetched(symbol, untracked, time, caller);
    }
    // Most calls are of the universe, and need nothing that is not here.
    const { view } = this.#options;
    return {
      settled: true,
      seriesAt: (timeframe, close) => usable(view.series(symbol, timeframe))?.at(close),
      fault: () => undefined,
      short: (timeframe) => view.series(symbol, timeframe)?.short,
    };
  }

  #isTracked(symbol: string, timeframe: Timeframe, requirement: SeriesRequirement, time: number): boolean {
    const series = usable(this.#options.view.series(symbol, timeframe));
    return series?.at(lastClose(time, timeframe)) !== undefined && series.computes(requirement.indicators);
  }

  async #fetched(
    symbol: string,
    required: readonly (readonly [Timeframe, SeriesRequirement])[],
    time: number,
    caller: WorkCaller | undefined,
  ): Promise<CallReading> {
    const { view, longWorks } = this.#options;
    const own = new Map<Timeframe, Series>();
    const faults = new Map<Timeframe, string>();
    await Promise.all(
      required.map(async ([timeframe, requirement]) => {
        const close = lastClose(time, timeframe);
        const work = longWorks.work(caller);
        const found = await this.#await({ symbol, timeframe, requirement, close, work });
        if ("why" in found) {
          faults.set(timeframe, found.why);
        } else {
          own.set(timeframe, found);
        }
      }),
    );
    const series = (timeframe: Timeframe) =>
      faults.has(timeframe) ? undefined : usable(own.get(timeframe) ?? view.series(symbol, timeframe));
    return {
      settled: true,
      seriesAt: (timeframe, close) => series(timeframe)?.at(close),
      fault: (timeframe) => faults.get(timeframe),
      short: (timeframe) => series(timeframe)?.short,
    };
  }

  /** The feed's current price, if it is young enough (R24). */
  async price(symbol: string): Promise<PriceAnswer> {
    const { market, priceMaxAgeMs } = this.#options;
    try {
      const { price, time } = await market.price(symbol);
      const age = market.now() - time;
      if (!(Number.isFinite(price) && price > 0)) {
        return { unavailable: `the feed's price of ${symbol} is ${price}, must be finite and above 0` };
      }
      if (age >= priceMaxAgeMs) {
        const limit = priceMaxAgeMs / 1000;
        return {
          unavailable: `the price of ${symbol} is from ${formatTime(time)}, ${age / 1000} s old, must be younger than ${limit} s`,
        };
      }
      return { price };
    } catch (error) {
      return { unavailable: `the price of ${symbol} could not be asked: ${errorText(error)}` };
    }
  }

  /** The series once its bar is there, or why it is not. */
  async #await(wanted: WantedSeries): Promise<Series | Missing> {
    const { clock, market, barGraceMs } = this.#options;
    const { symbol, timeframe, close, work } = wanted;
    if (close > market.now()) {
      return { why: `the ${timeframe} bar of ${symbol} closes at ${formatTime(close)}, which has not come yet` };
    }
    const { promise: silence, resolve } = Promise.withResolvers<Missing>();
    const why = `the history of ${symbol} ${timeframe} did not come in time`;
    const cancel = clock.after(barGraceMs + HISTORY_MS, () => resolve({ why }));
    try {
      return await Promise.race([this.#look(wanted), silence]);
    } finally {
      cancel();
      work.giveUp();
    }
  }

  /**
   * Looks again for no longer than the grace, by the market's time and by the wall's (a market may
   * stand still).
   */
  async #look(wanted: WantedSeries): Promise<Series | Missing> {
    const { view, clock, market, barGraceMs } = this.#options;
    const { close } = wanted;
    await view.settled(wanted.symbol);
    const giveUpAt = clock.monotonic() + barGraceMs;
    for (;;) {
      const found = await this.#find(wanted);
      const isLate = market.now() >= close + barGraceMs || clock.monotonic() >= giveUpAt;
      if (!("why" in found) || found.isFinal || isLate) {
        return found;
      }
      await new Promise<void>((resolve) => clock.after(LOOK_AGAIN_MS, resolve));
    }
  }

  async #find(wanted: WantedSeries): Promise<Series | Missing> {
    const { view } = this.#options;
    const { symbol, timeframe, requirement, close } = wanted;
    const tracked = view.series(symbol, timeframe);
    if (tracked?.fault !== undefined) {
      const { text, isUnknown: isFinal = false } = tracked.fault;
      return { why: text, isFinal };
    }
    if (tracked?.computes(requirement.indicators) && tracked.at(close) !== undefined) {
      return tracked;
    }
    return this.#fromHistory(wanted);
  }

  async #fromHistory({ symbol, timeframe, requirement, close, work }: WantedSeries): Promise<Series | Missing> {
    const { market } = this.#options;
    const series = new Series({ symbol, timeframe }, requirement.indicators, {
      capacity: requirement.requiredBars,
      settled: true,
    });
    try {
      const bars = await market.history(symbol, timeframe, requirement.requiredBars, close, "caller");
      await work.begin();
      await fillWithHistory(series, bars, requirement.requiredBars, work);
      const { fault, lastClose: last } = series;
      if (fault !== undefined) {
        return { why: fault.text };
      }
      return last === close ? series : { why: missingBar(symbol, timeframe, close, last) };
    } catch (error) {
      work.throwIfUnwanted();
      const why = `the history of ${symbol} ${timeframe} could not be asked: ${errorText(error)}`;
      return { why, isFinal: isUnknown(error) };
    }
  }
}

/** A series that cannot be used may still hold bars: they are not read. */
function usable(series: Series | undefined): Series | undefined {
  return series?.fault === undefined ? series : undefined;
}
