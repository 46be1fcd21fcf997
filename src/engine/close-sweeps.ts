import type { SweepSummary } from "../domain/decision.ts";
import { lastClose, TIMEFRAMES, type Timeframe, timeframeMs } from "../domain/timeframe.ts";
import type { Clock } from "../ports/clock.ts";
import type { Observer } from "../ports/observer.ts";
import { Serial } from "./channel.ts";
import type { Cohort } from "./cohorts.ts";
import { formatTime } from "./explain.ts";
import type { JudgeContext } from "./judge.ts";
import { isDue, unavailableBars } from "./live-reading.ts";
import type { MarketView } from "./market-view.ts";
import { type CloseSweep, cohortKey, take, takeAll } from "./pending-sweep.ts";
import type { StrategyBook } from "./strategy-book.ts";
import { pairsOf, type SweepDependencies, SweepRun, type SweepUnit } from "./sweep-run.ts";

export interface CloseSweepOptions {
  readonly market: MarketView;
  readonly marketNow: () => number;
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
  readonly #opened = new Map<Timeframe, number>();
  readonly #sweeps = new Set<CloseSweep>();
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
    for (const sweep of this.#sweeps) {
      for (const cancel of sweep.timers) {
        cancel();
      }
      sweep.done.resolve();
    }
  }

  /** A tracked series has a new bar: judges whom it was missing to. */
  onBar(symbol: string): void {
    if (!this.#started) {
      // Histories may be there before everything else is. What is in the grace is judged at the start; the rest closed too long ago.
      return;
    }
    this.#openDue(this.#options.marketNow());
    for (const sweep of this.#sweeps) {
      const waits = [...sweep.pending.values()].some((symbols) => symbols.has(symbol));
      if (waits) {
        this.#judgeReady(sweep, sweep.isLate ? new Set([symbol]) : undefined);
      }
    }
  }

  /** No bar up to `time` will come any more: whatever still waits is judged now. */
  async onComplete(time: number): Promise<void> {
    this.#openDue(time);
    const inOrder = [...this.#sweeps].filter((sweep) => sweep.close <= time);
    for (const sweep of inOrder) {
      void this.#judge(sweep, takeAll(sweep));
    }
    await Promise.all(inOrder.map((sweep) => sweep.done.promise));
    this.#reached = Math.max(this.#reached, time);
    this.#advanceWatermark();
  }

  /** Opens a sweep for the newest close of each timeframe that has one, short to long (R37). */
  #openDue(now: number): void {
    for (const timeframe of TIMEFRAMES) {
      const cohorts = this.#options.book.cohorts.get(timeframe);
      if (cohorts === undefined) {
        this.#opened.delete(timeframe);
        continue;
      }
      const due = lastClose(now, timeframe);
      const before = this.#opened.get(timeframe) ?? this.#firstOpened(timeframe, now);
      this.#opened.set(timeframe, Math.max(before, due));
      if (due > before) {
        this.#open(timeframe, due, cohorts);
      }
    }
    if (now > this.#reached) {
      this.#reached = now;
    }
  }

  /** What counts as swept when a timeframe is first used: all but a close that nobody could have swept yet. */
  #firstOpened(timeframe: Timeframe, now: number): number {
    const due = lastClose(now, timeframe);
    return due > this.#reached ? due - timeframeMs(timeframe) : due;
  }

  #open(timeframe: Timeframe, close: number, cohorts: readonly Cohort[]): void {
    const { clock, barWaitMs, barGraceMs, marketNow, dependencies } = this.#options;
    const universe = this.#options.universe();
    const sweep: CloseSweep = {
      timeframe,
      close,
      run: new SweepRun(dependencies),
      pending: new Map(cohorts.map((cohort) => [cohortKey(cohort), new Set(universe)])),
      strategies: cohorts.reduce((sum, cohort) => sum + cohort.set.strategies.length, 0),
      symbols: universe.size,
      isLate: false,
      working: 0,
      traceparent: undefined,
      timers: [],
      done: Promise.withResolvers(),
    };
    this.#sweeps.add(sweep);
    sweep.timers.push(
      clock.after(barWaitMs, () => {
        sweep.isLate = true;
        this.#judgeReady(sweep, universe);
      }),
      clock.after(Math.max(0, close + barGraceMs - marketNow()), () => void this.#judge(sweep, takeAll(sweep))),
    );
    this.#judgeReady(sweep, undefined);
  }

  /** Judges the pending ones of these symbols whose bars are there; without symbols, all pending ones once all are there. */
  #judgeReady(sweep: CloseSweep, symbols: ReadonlySet<string> | undefined): void {
    if (symbols === undefined && this.#isBehindShorter(sweep)) {
      return;
    }
    const ready = new Map<string, Set<string>>();
    for (const [key, pending] of sweep.pending) {
      const reads = key.split(",") as Timeframe[];
      const there = [...pending].filter((symbol) => isDue(this.#options.market, symbol, reads, sweep.close));
      if (symbols === undefined && there.length < pending.size) {
        return;
      }
      ready.set(key, new Set(symbols === undefined ? there : there.filter((symbol) => symbols.has(symbol))));
    }
    void this.#judge(sweep, take(sweep, ready));
  }

  /** R37: shorter timeframes go first, as long as they still wait for bars in time. */
  #isBehindShorter(sweep: CloseSweep): boolean {
    return [...this.#sweeps].some(
      (other) =>
        other.close === sweep.close &&
        timeframeMs(other.timeframe) < timeframeMs(sweep.timeframe) &&
        !other.isLate &&
        [...other.pending.values()].some((symbols) => symbols.size > 0),
    );
  }

  async #judge(sweep: CloseSweep, taken: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    sweep.working++;
    try {
      if ([...taken.values()].some((symbols) => symbols.size > 0)) {
        await this.#traced(sweep, taken);
      }
    } finally {
      sweep.working--;
    }
    const isDone = sweep.working === 0 && [...sweep.pending.values()].every((symbols) => symbols.size === 0);
    if (isDone && this.#sweeps.delete(sweep)) {
      this.#finish(sweep);
    }
  }

  /** What is judged together is a trace of its own: it may have waited for bars that others asked for. */
  async #traced(sweep: CloseSweep, taken: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    const { tracer } = this.#options.dependencies;
    const { timeframe, close, strategies, symbols } = sweep;
    const attributes = { cause: "close", timeframe, bar_close: formatTime(close), strategies, symbols };
    await tracer.span("sweep", { root: true, attributes }, async (span) => {
      sweep.traceparent = tracer.traceparent();
      const { committed } = await this.#turns.run(async () => {
        const units = this.#units(sweep, taken);
        const candidates = await sweep.run.judge(units, this.#options.context());
        span.set({ evaluations: pairsOf(units), candidates: candidates.length });
        // Handed in before the next turn, and waited for after it.
        return { committed: this.#commit(sweep, candidates) };
      });
      span.set({ decisions: await committed });
    });
  }

  async #commit(sweep: CloseSweep, candidates: Awaited<ReturnType<SweepRun["judge"]>>): Promise<number> {
    try {
      return (await sweep.run.commit(candidates, false)).length;
    } catch (error) {
      // R38: nothing was decided, and nothing is left behind. The evaluations are still accounted for.
      this.#options.observer.observe({ kind: "fault", what: "decision journal", error });
      for (const { judgement } of candidates) {
        const because = error instanceof Error ? error.message : String(error);
        sweep.run.count(judgement.compiled.strategy.strategyId, judgement.market.symbol, {
          outcome: "FAILED",
          because,
        });
      }
      return 0;
    }
  }

  #units(sweep: CloseSweep, taken: ReadonlyMap<string, ReadonlySet<string>>): SweepUnit[] {
    const { market, marketNow, book } = this.#options;
    // What is in force now counts, not what was when the bar closed.
    const cohorts = (book.cohorts.get(sweep.timeframe) ?? []).filter((cohort) => taken.has(cohortKey(cohort)));
    return cohorts.flatMap((cohort) =>
      [...(taken.get(cohortKey(cohort)) ?? [])].map((symbol) => {
        const reading = {
          seriesAt: (timeframe: Timeframe, time: number) => market.series(symbol, timeframe)?.at(time),
        };
        return {
          set: cohort.set,
          timestamp: sweep.close,
          entryPrice: () => reading.seriesAt(sweep.timeframe, sweep.close)?.bar(0)?.close ?? Number.NaN,
          market: () => {
            const unavailable = unavailableBars(market, symbol, cohort.reads, sweep.close, marketNow());
            return { symbol, reading, barClose: sweep.close, ...(unavailable !== undefined && { unavailable }) };
          },
        };
      }),
    );
  }

  #finish(sweep: CloseSweep): void {
    for (const cancel of sweep.timers) {
      cancel();
    }
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
    const open = [...this.#sweeps].map((sweep) => sweep.close - 1);
    this.#watermark = Math.max(this.#watermark, Math.min(this.#reached, ...open));
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
