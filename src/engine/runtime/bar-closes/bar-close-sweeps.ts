import type { SweepSummary } from "../../../domain/decision.ts";
import { guarded } from "../../../domain/guarded.ts";
import { lastClose, timeframeMs } from "../../../domain/timeframe.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type ThrownIn, thrownIn } from "../../../ports/observer.ts";
import { Alarm } from "../../concurrency/alarm.ts";
import { SweepRun } from "../sweeps/sweep-run.ts";
import { type ClosePartOptions, CloseParts } from "./close-parts.ts";
import {
  type CloseSweep,
  hasPending,
  haveAllCome,
  isBehindShorter,
  nextLimit,
  pendingOf,
  takeAll,
  takeDue,
} from "./close-sweep.ts";
import { type DueClose, DueCloses } from "./due-closes.ts";
import type { JudgedNote } from "./judged-note.ts";
import { JudgedTimeframes } from "./judged-timeframes.ts";

export interface BarCloseSweepsOptions extends ClosePartOptions {
  /** Whether the feed says when the bars of a close are all there. */
  readonly completes: boolean;
  readonly universe: () => ReadonlySet<string>;
  readonly clock: Clock;
  /** Keeps the note of judged closes; absent where the next process begins at the same time. */
  readonly judged?: Pick<JudgedNote, "note" | "stop">;
  /** Wall time to wait for the last symbols before those that are there are judged. */
  readonly barWaitMs: number;
  /** R7. */
  readonly barGraceMs: number;
  /** A sweep has ended: every pair was judged, and what was decided is journaled. */
  readonly onSwept: (summary: SweepSummary, watermark: number, traceparent: string | undefined) => void;
}

/** Wall time between two looks for closes. */
const LONGEST_TICK_MS = 1_000;
/** Wall time that the closes of a start wait for the histories to be loaded (R7). */
const START_WAIT_MS = 60_000;

/** R40: judges the universe at every bar close of every timeframe that a loaded strategy uses. */
export class BarCloseSweeps {
  readonly #options: BarCloseSweepsOptions;
  readonly #due = new DueCloses();
  readonly #sweeps = new Set<CloseSweep>();
  readonly #alarm: Alarm;
  readonly #parts: CloseParts;
  readonly #judged: JudgedTimeframes;
  #watermark = 0;
  #reached = 0;
  #last: SweepSummary | undefined;
  #cancelTick: (() => void) | undefined;
  #started = false;
  /** While the closes of a start are opened. */
  #isStart = false;
  #closed = false;

  constructor(options: BarCloseSweepsOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#onLimit());
    this.#parts = new CloseParts(options);
    this.#judged = new JudgedTimeframes(options.book, options.exits);
  }

  /** Every decision on bars that closed up to this time has been journaled. */
  get watermark(): number {
    return this.#watermark;
  }

  /** The newest sweep that ended. */
  get last(): SweepSummary | undefined {
    return this.#last;
  }

  /**
   * Sweeps the closes from now on, and before them the newest close of each timeframe, unless an
   * earlier process has judged it. `judgedUntil`: market time up to which one has judged every
   * close.
   */
  start(judgedUntil: number | undefined): void {
    this.#started = true;
    this.#due.begin(judgedUntil);
    this.#isStart = true;
    this.#tick();
    this.#isStart = false;
  }

  async stop(): Promise<void> {
    this.#closed = true;
    this.#cancelTick?.();
    this.#alarm.stop();
    for (const sweep of this.#sweeps) {
      sweep.done.resolve();
    }
    await this.#options.judged?.stop(this.#watermark);
  }

  /** A tracked series has a new bar: judges whom it was missing to. */
  onBar(symbol: string): void {
    if (!this.#started) {
      // The start judges what is in the grace; the rest closed too long ago.
      return;
    }
    if (this.#options.completes) {
      // The feed says when all bars of a close are there; `onComplete` judges them then.
      return;
    }
    this.#openDue(this.#options.marketNow());
    for (const sweep of this.#sweeps) {
      if (sweep.pending.values().some((symbols) => symbols.has(symbol))) {
        this.#judgeReady(sweep);
      }
    }
  }

  /**
   * No bar up to `time` will come any more: whatever still waits is judged now. Undefined where
   * there is nothing to wait for.
   */
  onComplete(time: number): Promise<void> | undefined {
    this.#openDue(time, true);
    const waitFor: Promise<void>[] = [];
    for (const sweep of this.#sweeps) {
      if (sweep.close <= time) {
        waitFor.push(sweep.done.promise);
        sweep.isOver = true;
        this.#judge(sweep);
      }
    }
    const [first, ...others] = waitFor;
    if (first !== undefined) {
      return (others.length === 0 ? first : Promise.all(waitFor)).then(() => this.#completed(time));
    }
    this.#completed(time);
    return undefined;
  }

  #completed(time: number): void {
    this.#reached = Math.max(this.#reached, time);
    this.#advanceWatermark();
  }

  /**
   * Opens a sweep for the newest close of each timeframe that has one, short to long (R37).
   * `isComplete`: all their bars are judged next, come or not.
   */
  #openDue(now: number, isComplete = false): void {
    for (const due of this.#due.take(now, this.#reached, this.#judged.cohorts())) {
      this.#guard("close", () => {
        const sweep = this.#open(due);
        if (!isComplete) {
          this.#judgeReady(sweep);
        }
      });
    }
    if (now > this.#reached) {
      this.#reached = now;
    }
  }

  #open({ timeframe, close, cohorts, missed }: DueClose): CloseSweep {
    const { clock, barWaitMs, barGraceMs, marketNow, dependencies, observer, exits } = this.#options;
    const universe = this.#options.universe();
    if (missed > 0 && universe.size > 0) {
      observer.observe({ kind: "closes_missed", timeframe, closes: missed, before: close });
    }
    const now = clock.monotonic();
    const sweep: CloseSweep = {
      timeframe,
      close,
      run: new SweepRun(dependencies, undefined, now),
      pending: pendingOf(cohorts, universe, timeframe, exits?.symbols(timeframe), exits?.wishes(timeframe)),
      strategies: cohorts.reduce((sum, cohort) => sum + cohort.set.strategies.length, 0),
      symbols: universe.size,
      lateAt: now + barWaitMs,
      isLate: false,
      overAt: now + Math.max(this.#isStart ? START_WAIT_MS : 0, close + barGraceMs - marketNow()),
      isOver: false,
      parts: 0,
      isQueued: false,
      traceparent: undefined,
      done: Promise.withResolvers(),
    };
    this.#sweeps.add(sweep);
    this.#watch();
    return sweep;
  }

  /** Has the alarm ring when BAR_WAIT or the grace of any sweep is over. */
  #watch(): void {
    this.#alarm.ringBy(nextLimit(this.#sweeps));
  }

  #onLimit(): void {
    const now = this.#options.clock.monotonic();
    for (const sweep of this.#sweeps) {
      const isLate = !sweep.isLate && sweep.lateAt <= now;
      const isOver = !sweep.isOver && sweep.overAt <= now;
      sweep.isLate ||= isLate;
      sweep.isOver ||= isOver;
      if (isLate || isOver) {
        this.#guard("close", () => this.#judge(sweep));
      }
    }
    this.#watch();
  }

  /** Judges those that are there, once all that are waited for are; latecomers are judged at once. */
  #judgeReady(sweep: CloseSweep): void {
    if (!sweep.isLate) {
      if (isBehindShorter(sweep, this.#sweeps) || !haveAllCome(sweep, this.#options.market)) {
        return;
      }
      sweep.isLate = true;
    }
    this.#judge(sweep);
  }

  /** Has all that can be judged when its turn comes judged in one part. */
  #judge(sweep: CloseSweep): void {
    if (sweep.isQueued) {
      return;
    }
    sweep.isQueued = true;
    sweep.parts++;
    const take = () => {
      sweep.isQueued = false;
      return sweep.isOver ? takeAll(sweep) : takeDue(sweep, this.#options.market);
    };
    const judged = this.#parts.judge(sweep, take).then(() => {
      sweep.parts--;
      if (sweep.parts === 0 && !hasPending(sweep) && this.#sweeps.delete(sweep)) {
        this.#finish(sweep);
      }
    });
    this.#guard("close", () => judged);
  }

  #finish(sweep: CloseSweep): void {
    try {
      const summary = sweep.run.summary(sweep.strategies, sweep.symbols, sweep.close);
      this.#last = summary;
      this.#advanceWatermark();
      const endedAt = this.#options.marketNow();
      this.#options.observer.observe({ kind: "sweep", cause: "close", timeframe: sweep.timeframe, summary, endedAt });
      this.#options.onSwept(summary, this.#watermark, sweep.traceparent);
    } finally {
      // Whatever else happens, the feed waits for this.
      sweep.done.resolve();
    }
  }

  #guard(where: ThrownIn, task: () => unknown): void {
    guarded(task, thrownIn(this.#options.observer, where));
  }

  #advanceWatermark(): void {
    if (this.#closed || this.#options.dependencies.decider.isInDoubt) {
      // A decision may be journaled that has not been sent yet, or was refused since this ends.
      return;
    }
    let settled = this.#reached;
    for (const { close } of this.#sweeps) {
      settled = Math.min(settled, close - 1);
    }
    this.#watermark = Math.max(this.#watermark, settled);
    this.#options.judged?.note(this.#watermark);
  }

  /**
   * Opens sweeps even where no bar comes: a silent feed must be noticed. A feed that completes its
   * closes says so for each; a part of one, judged early, would be another order of decisions.
   */
  #tick(): void {
    if (this.#closed) {
      return;
    }
    let wait = LONGEST_TICK_MS;
    this.#guard("timer", () => this.#options.dependencies.decider.settleDoubt());
    this.#guard("timer", () => this.#options.exits?.settle());
    this.#guard("timer", () => {
      wait = this.#look();
    });
    this.#cancelTick = this.#options.clock.after(wait, () => this.#tick());
  }

  /** Answers with the wall time until it should look again. */
  #look(): number {
    const { completes, market, marketNow } = this.#options;
    const now = marketNow();
    if (!completes || market.isIdle) {
      this.#openDue(now);
    }
    this.#advanceWatermark();
    const nextClose = Math.min(...[...this.#judged.cohorts().keys()].map((tf) => lastClose(now, tf) + timeframeMs(tf)));
    return Math.min(LONGEST_TICK_MS, Math.max(1, nextClose - now));
  }
}
