import type { SweepSummary } from "../../domain/decision.ts";
import { lastClose, timeframeMs } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Observer } from "../../ports/observer.ts";
import { Serial } from "../channel.ts";
import type { Candidate } from "../deciding/decide.ts";
import { formatTime } from "../judging/explain.ts";
import type { JudgeContext } from "../judging/judge.ts";
import { isDue } from "../market/live-reading.ts";
import type { MarketView } from "../market/market-view.ts";
import type { StrategyBook } from "../strategies/strategy-book.ts";
import { pairsOf, type SweepDependencies, SweepRun, type SweepUnit } from "../sweep/sweep-run.ts";
import { Alarm } from "./alarm.ts";
import { closeUnits } from "./close-units.ts";
import { type DueClose, DueCloses } from "./due-closes.ts";
import {
  areAllDue,
  type CloseSweep,
  hasPending,
  isBehindShorter,
  PendingSymbols,
  type TakenSymbols,
  takeAll,
  takeEarly,
} from "./pending-sweep.ts";

export interface CloseSweepOptions {
  readonly market: MarketView;
  readonly marketNow: () => number;
  /** Whether the feed says when the bars of a close are all there. */
  readonly completes: boolean;
  readonly book: StrategyBook;
  readonly universe: () => ReadonlySet<string>;
  readonly context: () => JudgeContext;
  readonly dependencies: SweepDependencies;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Wall time to wait for the last symbols before those that are there are judged. */
  readonly barWaitMs: number;
  /** R7. */
  readonly barGraceMs: number;
  /** A sweep has ended: every pair was judged, and what was decided is journaled. */
  readonly onSwept: (summary: SweepSummary, watermark: number, traceparent: string | undefined) => void;
}

/** R40: judges the universe at every bar close of every timeframe that a loaded strategy uses. */
export class CloseSweeps {
  readonly #options: CloseSweepOptions;
  readonly #due = new DueCloses();
  readonly #sweeps = new Set<CloseSweep>();
  /** For the time limits of sweeps. */
  readonly #alarm: Alarm;
  /** Judges one sweep after the other, so that decisions go to the journal in the order in which the sweeps came to be due (R37). */
  readonly #turns = new Serial();
  #watermark = 0;
  #reached = 0;
  #last: SweepSummary | undefined;
  #cancelTick: (() => void) | undefined;
  #started = false;
  #closed = false;

  constructor(options: CloseSweepOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#onLimit());
  }

  /** Every decision on bars that closed up to this time has been journaled. */
  get watermark(): number {
    return this.#watermark;
  }

  /** The newest sweep that ended. */
  get last(): SweepSummary | undefined {
    return this.#last;
  }

  /** Sweeps the closes from now on; those within the grace, which a restart may have missed, too. */
  start(): void {
    this.#started = true;
    this.#reached = this.#options.marketNow() - this.#options.barGraceMs;
    this.#watermark = Math.max(0, this.#reached);
    this.#tick();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTick?.();
    this.#alarm.close();
    for (const sweep of this.#sweeps) {
      sweep.done.resolve();
    }
  }

  /** A tracked series has a new bar: judges whom it was missing to. */
  onBar(symbol: string): void {
    if (!this.#started) {
      // Histories may be there before everything else is. What is in the grace is judged at the start; the rest closed too long ago.
      return;
    }
    if (this.#options.completes && this.#sweeps.size === 0) {
      // Whatever is due is opened and judged when the feed has said so.
      return;
    }
    this.#openDue(this.#options.marketNow());
    for (const sweep of this.#sweeps) {
      let isPending = false;
      for (const symbols of sweep.pending.values()) {
        if (symbols.has(symbol)) {
          symbols.noteBar();
          isPending = true;
        }
      }
      if (isPending) {
        this.#judgeReady(sweep, symbol);
      }
    }
  }

  /** No bar up to `time` will come any more: whatever still waits is judged now. Undefined where there is nothing to wait for. */
  onComplete(time: number): Promise<void> | undefined {
    this.#openDue(time, true);
    const waitFor: Promise<void>[] = [];
    for (const sweep of this.#sweeps) {
      if (sweep.close <= time) {
        waitFor.push(sweep.done.promise);
        void this.#judge(sweep, takeAll(sweep));
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

  /** Opens a sweep for the newest close of each timeframe that has one, short to long (R37). `isComplete`: all their bars are judged next, come or not. */
  #openDue(now: number, isComplete = false): void {
    for (const due of this.#due.take(now, this.#reached, this.#options.book.cohorts)) {
      const sweep = this.#open(due);
      if (!isComplete) {
        this.#judgeReady(sweep);
      }
    }
    if (now > this.#reached) {
      this.#reached = now;
    }
  }

  #open({ timeframe, close, cohorts }: DueClose): CloseSweep {
    const { clock, barWaitMs, barGraceMs, marketNow, dependencies } = this.#options;
    const universe = this.#options.universe();
    const now = clock.monotonic();
    const sweep: CloseSweep = {
      timeframe,
      close,
      run: new SweepRun(dependencies, undefined, now),
      pending: new Map(cohorts.map(({ waits, reads }) => [waits, new PendingSymbols(reads, universe)])),
      strategies: cohorts.reduce((sum, cohort) => sum + cohort.set.strategies.length, 0),
      symbols: universe.size,
      lateAt: now + barWaitMs,
      isLate: false,
      overAt: now + Math.max(0, close + barGraceMs - marketNow()),
      working: 0,
      held: [],
      traceparent: undefined,
      done: Promise.withResolvers(),
    };
    this.#sweeps.add(sweep);
    this.#watch();
    return sweep;
  }

  /** Has the alarm ring when BAR_WAIT or the grace of any sweep is over. */
  #watch(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { isLate, lateAt, overAt } of this.#sweeps) {
      next = Math.min(next, isLate ? overAt : Math.min(lateAt, overAt));
    }
    this.#alarm.ringBy(next);
  }

  #onLimit(): void {
    const now = this.#options.clock.monotonic();
    for (const sweep of this.#sweeps) {
      if (!sweep.isLate && sweep.lateAt <= now) {
        sweep.isLate = true;
        this.#judgeReady(sweep);
      }
      if (sweep.overAt <= now) {
        sweep.overAt = Number.POSITIVE_INFINITY;
        void this.#judge(sweep, takeAll(sweep));
      }
    }
    this.#watch();
  }

  /** Judges the pending ones once the bars of all are there; in a late sweep those whose bars are there, or the one that has just come. */
  #judgeReady(sweep: CloseSweep, symbol?: string): void {
    const { market } = this.#options;
    if (!sweep.isLate) {
      if (!isBehindShorter(sweep, this.#sweeps) && areAllDue(sweep, market)) {
        void this.#judge(sweep, takeAll(sweep));
        return;
      }
      const early = takeEarly(sweep, market);
      if (early !== undefined) {
        void this.#judge(sweep, early, true);
      }
      return;
    }
    const ready = new Map<string, ReadonlySet<string>>();
    for (const [key, pending] of sweep.pending) {
      ready.set(
        key,
        pending.take((each) => isDue(market, each, pending.reads, sweep.close), symbol),
      );
    }
    void this.#judge(sweep, ready);
  }

  /** `isEarly`: what would be decided is held until the others are judged, too. */
  async #judge(sweep: CloseSweep, taken: TakenSymbols, isEarly = false): Promise<void> {
    sweep.working++;
    try {
      if (sweep.held.length > 0 || hasAny(taken)) {
        await this.#traced(sweep, taken, isEarly);
      }
    } finally {
      sweep.working--;
    }
    if (sweep.working === 0 && !hasPending(sweep) && this.#sweeps.delete(sweep)) {
      this.#finish(sweep);
    }
  }

  /** What is judged together is a trace of its own: it may have waited for bars that others asked for. */
  async #traced(sweep: CloseSweep, taken: TakenSymbols, isEarly: boolean): Promise<void> {
    const { tracer } = this.#options.dependencies;
    const { timeframe, close, strategies, symbols } = sweep;
    const attributes = { cause: "close", timeframe, strategies, symbols, ...(isEarly && { early: true }) };
    await tracer.span("sweep", { root: true, attributes }, async (span) => {
      sweep.traceparent = tracer.traceparent();
      if (sweep.traceparent !== undefined) {
        span.set({ bar_close: formatTime(close) });
      }
      const { committed } = await this.#turns.run(async () => {
        const units = this.#units(sweep, taken);
        const candidates = await sweep.run.judge(units, this.#options.context());
        span.set({ evaluations: pairsOf(units), candidates: candidates.length });
        if (isEarly) {
          hold(sweep, candidates);
          return {};
        }
        const all = [...sweep.held.splice(0), ...candidates];
        // Handed in before the next turn, and waited for after it.
        return { committed: this.#commit(sweep, all) };
      });
      if (committed !== undefined) {
        span.set({ decisions: await committed });
      }
    });
  }

  async #commit(sweep: CloseSweep, candidates: Awaited<ReturnType<SweepRun["judge"]>>): Promise<number> {
    try {
      return (await sweep.run.commit(candidates, false)).length;
    } catch (error) {
      // R38: nothing was decided, and nothing is left behind. The evaluations are still accounted for.
      this.#options.observer.observe({ kind: "fault", what: "decision journal", error });
      sweep.run.fail(candidates, error);
      return 0;
    }
  }

  #units({ timeframe, close }: CloseSweep, taken: TakenSymbols): readonly SweepUnit[] {
    const { market, marketNow, book } = this.#options;
    const cohorts = book.cohorts.get(timeframe) ?? [];
    return closeUnits(market, marketNow, cohorts, ({ waits }) => taken.get(waits), close);
  }

  #finish(sweep: CloseSweep): void {
    const summary = sweep.run.summary(sweep.strategies, sweep.symbols, sweep.close);
    this.#last = summary;
    this.#advanceWatermark();
    const endedAt = this.#options.marketNow();
    this.#options.observer.observe({ kind: "sweep", cause: "close", timeframe: sweep.timeframe, summary, endedAt });
    this.#options.onSwept(summary, this.#watermark, sweep.traceparent);
    sweep.done.resolve();
  }

  #advanceWatermark(): void {
    if (this.#options.dependencies.committer.isInDoubt) {
      // A decision may be journaled that has not been sent yet.
      return;
    }
    let settled = this.#reached;
    for (const { close } of this.#sweeps) {
      settled = Math.min(settled, close - 1);
    }
    this.#watermark = Math.max(this.#watermark, settled);
  }

  /** Opens sweeps even where no bar comes: a silent feed must be noticed. */
  #tick(): void {
    if (this.#closed) {
      return;
    }
    const now = this.#options.marketNow();
    void this.#options.dependencies.committer.settleDoubt();
    this.#openDue(now);
    this.#advanceWatermark();
    const nextClose = Math.min(
      ...[...this.#options.book.cohorts.keys()].map((tf) => lastClose(now, tf) + timeframeMs(tf)),
    );
    const wait = Math.min(1_000, Math.max(1, nextClose - now));
    this.#cancelTick = this.#options.clock.after(wait, () => this.#tick());
  }
}

function hasAny(taken: TakenSymbols): boolean {
  for (const symbols of taken.values()) {
    if (symbols.size > 0) {
      return true;
    }
  }
  return false;
}

/** Keeps them for the commit of all; what they say can be written down while others are waited for. */
function hold(sweep: CloseSweep, candidates: readonly Candidate[]): void {
  for (const candidate of candidates) {
    candidate.prepare();
    sweep.held.push(candidate);
  }
}
