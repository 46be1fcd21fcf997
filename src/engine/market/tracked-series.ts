import { type Bar, closeTime } from "../../domain/bar.ts";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import { lastClose, type Timeframe } from "../../domain/timeframe.ts";
import { thrownIn } from "../../ports/observer.ts";
import type { SymbolStatus } from "../api.ts";
import type { SeriesRequirement } from "../rules/conditions/required-series.ts";
import { missingBar } from "./live-reading.ts";
import { LoadRetry } from "./load-retry.ts";
import { Series } from "./series.ts";
import { capacityFor, SeriesHistory } from "./series-history.ts";
import { loadSeries, nameOf, refusedBar, repairSeries } from "./series-loader.ts";
import type { TrackingOptions } from "./tracking.ts";

/** Wall time that a bar may be overdue unreported: where market time is fast, delays are short. */
const LATE_MS = 1_000;
/** Bars that may wait for a load; more are dropped, and the gap is repaired like any other. */
const MOST_WAITING = 1_000;

/**
 * One series of the universe: loaded, kept current, repaired behind gaps (R3 to R5). While that
 * lasts, bars that come wait.
 */
export class TrackedSeries {
  readonly series: Series;
  readonly #options: TrackingOptions;
  #requiredBars: number;
  readonly #history: SeriesHistory;
  #work: Promise<void> | undefined;
  #waiting: { readonly bar: Bar; readonly correction: boolean }[] = [];
  readonly #retry: LoadRetry;
  #isAsked = false;
  #isKnown = false;
  #closed = false;
  /** When a bar last came that left none overdue; monotonic ms. */
  #currentAt: number;

  constructor(symbol: string, timeframe: Timeframe, requirement: SeriesRequirement, options: TrackingOptions) {
    this.#options = options;
    this.#currentAt = options.clock.monotonic();
    this.#retry = new LoadRetry(options.clock, () => this.load());
    this.#requiredBars = requirement.requiredBars;
    const capacity = capacityFor(requirement.requiredBars);
    this.series = new Series({ symbol, timeframe }, requirement.indicators, { capacity, settled: true });
    this.#history = new SeriesHistory(this.series, requirement, {
      ...options,
      work: () => this.#work,
      onFault: (why) => this.#reportFault(why),
      onTaken: (before) => this.#onTaken(before),
    });
  }

  /** The load or repair under way, if any, that the series waits for; it never rejects. */
  get work(): Promise<void> | undefined {
    return this.#work;
  }

  /** The same; without one, a load in the background. */
  get anyWork(): Promise<void> | undefined {
    return this.#work ?? this.#history.work;
  }

  /** Whether the venue has been asked for it at least once, with whatever success. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Whether the venue has it, as far as is known: the venue refuses all over one that it lacks. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Bars that closed by `now` may not have been sent: the history is asked for them. */
  catchUp(now: number): void {
    if (this.#work !== undefined || !this.#lacks(now)) {
      return;
    }
    if (this.series.fault !== undefined) {
      this.load();
    } else {
      this.#history.catchUp();
    }
  }

  /** Loads the history afresh, when its turn has come. */
  load(): void {
    this.#occupy((this.#work ?? Promise.resolve()).then(() => this.#inTurn()));
  }

  /** Computes what is wanted now; the series stays in use while more history is loaded. */
  retarget(requirement: SeriesRequirement): void {
    this.#requiredBars = requirement.requiredBars;
    this.#history.retarget(requirement);
  }

  /**
   * Does something with this series. What that throws makes the series unusable until it is loaded
   * afresh, and no other.
   */
  guard(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#break(error);
      this.#retryLater(this.series.fault?.text ?? "");
    }
  }

  /** Takes a bar from the feed. */
  take(bar: Bar, correction: boolean): void {
    const { series } = this;
    if (this.#work !== undefined) {
      if (this.#waiting.push({ bar, correction }) > MOST_WAITING) {
        this.#waiting = [];
      }
      return;
    }
    const accepted = series.accept(bar, correction);
    switch (accepted) {
      case "added":
        this.#noteNewBar();
        this.#afterBar(bar);
        return;
      case "corrected":
        this.#history.onCorrection(bar);
        // Bars of the past alone, however many, leave the next one overdue.
        this.#afterBar(bar);
        return;
      case "gap":
        this.#repair(bar);
        return;
      case "invalid": {
        const { symbol, timeframe } = series;
        const reason = refusedBar(series, bar);
        series.fault = { text: reason, awaits: bar.openTime };
        this.#options.observer.observe({ kind: "bar_refused", symbol, timeframe, reason });
        this.#repair(bar);
        return;
      }
      case "duplicate":
      case "ignored":
        return;
      default:
        accepted satisfies never;
    }
  }

  /** Bars may have been missed: nothing is trusted until the history was asked. */
  interrupted(reason: string): void {
    this.series.fault = { text: reason };
    this.load();
  }

  status(): SymbolStatus {
    const { symbol, timeframe, lastClose: last, bars, fault } = this.series;
    const whyNot = fault?.text ?? this.#overdue();
    const { note } = this.#history;
    return {
      symbol,
      timeframe,
      ...(last !== undefined && { lastBarCloseTime: last }),
      bars,
      requiredBars: this.#requiredBars,
      ...(whyNot !== undefined && { whyNot }),
      ...(whyNot === undefined && note !== undefined && { note }),
    };
  }

  #overdue(): string | undefined {
    const { symbol, timeframe, lastClose: last } = this.series;
    const due = this.#options.due();
    const isLong = this.#options.clock.monotonic() - this.#currentAt > LATE_MS;
    return isLong && this.#lacks(due) ? missingBar(symbol, timeframe, lastClose(due, timeframe), last) : undefined;
  }

  /** Whether a bar that closed by `time` has not come. */
  #lacks(time: number): boolean {
    const { lastClose: last, timeframe } = this.series;
    return last === undefined || last < lastClose(time, timeframe);
  }

  /** A bar so late that the next one is overdue already is no sign that the feed is well. */
  #noteNewBar(): void {
    if (!this.#lacks(this.#options.due())) {
      this.#currentAt = this.#options.clock.monotonic();
    }
  }

  stop(): void {
    this.#closed = true;
    this.#retry.cancel();
    this.#history.stop();
  }

  #inTurn(): Promise<void> {
    const { market, turns } = this.#options;
    const turn = this.series.reach > 0 ? turns.again : turns.first;
    return turn.run(() => (this.#closed ? Promise.resolve() : loadSeries(market, this.series, this.#history.whole)));
  }

  #repair(bar: Bar): void {
    this.#occupy(repairSeries(this.#options.market, this.series, bar, this.#history.whole));
  }

  #occupy(work: Promise<void>): void {
    this.#retry.cancel();
    const before = this.series.lastClose;
    const onDone = () => {
      if (this.#work === done) {
        this.#work = undefined;
        this.guard(() => this.#afterWork(before));
      }
    };
    const done: Promise<void> = work.then(onDone, (error: unknown) => {
      this.#break(error);
      onDone();
    });
    this.#work = done;
  }

  /** Nobody knows what state it is in. */
  #break(error: unknown): void {
    this.series.fault = { text: `a fault of this program: ${errorText(error)}` };
    thrownIn(this.#options.observer, "feed")(error);
  }

  /** `before`: close of the last bar when the work began. */
  #afterWork(before: number | undefined): void {
    const { series } = this;
    const last = series.lastClose;
    if (last !== before) {
      this.#noteNewBar();
    }
    this.#noteKnown();
    this.#history.reportCut();
    if (last !== undefined && series.fault === undefined) {
      this.#retry.reset();
      this.#options.onBar(series.symbol, series.timeframe, last);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { bar, correction } of waiting) {
      this.take(bar, correction);
    }
    if (this.#work !== undefined || this.#closed) {
      return;
    }
    if (series.fault === undefined) {
      this.#history.onUsable();
    } else {
      this.#retryLater(series.fault.text);
    }
  }

  /** `before`: close of the last bar until more of the history was taken. */
  #onTaken(before: number | undefined): void {
    const { symbol, timeframe, lastClose: last, fault } = this.series;
    if (last !== undefined && last !== before) {
      this.#noteNewBar();
      this.#options.onBar(symbol, timeframe, last);
    }
    if (fault !== undefined) {
      this.#retryLater(fault.text);
    }
  }

  #noteKnown(): void {
    const isKnown = this.series.fault?.isUnknown !== true;
    const isNews = !this.#isAsked || isKnown !== this.#isKnown;
    this.#isAsked = true;
    this.#isKnown = isKnown;
    if (isNews && !this.#closed) {
      this.#options.onKnown();
    }
  }

  #retryLater(why: string): void {
    this.#reportFault(why);
    this.#retry.later();
  }

  #reportFault(why: string): void {
    const { observer } = this.#options;
    observer.observe({ kind: "fault", what: nameOf(this.series), error: new RuntimeError("unavailable", why) });
  }

  #afterBar(bar: Bar): void {
    const { series } = this;
    if (series.fault?.awaits === bar.openTime) {
      // R3: a valid bar has taken the place of the invalid one.
      series.fault = undefined;
      this.#retry.cancel();
    }
    if (series.fault === undefined) {
      this.#options.onBar(series.symbol, series.timeframe, closeTime(bar, series.timeframe));
    } else {
      // A bar alone does not mend what made the series unusable.
      this.load();
    }
  }
}
