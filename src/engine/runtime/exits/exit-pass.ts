import { errorText } from "../../../domain/errors.ts";
import type { ExitOutcome } from "../../../domain/exit.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import type { Observer } from "../../../ports/observer.ts";
import { missingBar } from "../../market/live-reading.ts";
import type { SeriesLookup } from "../../market/series.ts";
import type { MarketReading } from "../../rules/conditions/market-reading.ts";
import { compareExits, type ExitCandidate } from "../../rules/exits/exit-candidate.ts";
import { judgeExitRule } from "../../rules/exits/exit-rule.ts";
import type { HeldPlan } from "../../rules/exits/held-plan.ts";
import { betterOf, type ExitQuestion, type ExitVerdict, judgeExit } from "../../rules/exits/judge-exit.ts";
import type { HeldPosition } from "./held-position.ts";

/** What all positions that are judged at a close have in common. */
export interface ExitMoment {
  readonly series: SeriesLookup;
  readonly timeframe: Timeframe;
  readonly close: number;
  readonly regime: string | undefined;
  readonly dataSource: string;
  readonly observer: Observer;
}

/**
 * Positions judged at one close, and what became of each: counted once (R88). Nothing is remembered
 * of it but closes before this one, so that a close may be judged again.
 */
export class ExitPass {
  readonly candidates: ExitCandidate[] = [];
  readonly outcomes = new Map<ExitOutcome, number>();
  readonly #moment: ExitMoment;
  readonly #judged: HeldPosition[] = [];

  constructor(held: readonly HeldPosition[], moment: ExitMoment) {
    this.#moment = moment;
    for (const each of held) {
      if (each.position.openedAt < moment.close) {
        this.#judge(each);
      }
    }
    this.candidates.sort(compareExits);
  }

  get judged(): number {
    return this.#judged.length;
  }

  /** The journal could not be written: what was judged is unguarded (R86). */
  failed(error: unknown): void {
    const why = errorText(error);
    for (const { position } of this.candidates) {
      const held = this.#judged.find((each) => each.position === position);
      if (held !== undefined) {
        held.unguarded ??= { since: this.#moment.close, why };
      }
    }
  }

  #judge(held: HeldPosition): void {
    this.#judged.push(held);
    const { close, observer } = this.#moment;
    const { outcome, why } = this.#tried(held);
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (why === undefined) {
      held.unguarded = undefined;
    } else {
      held.unguarded = { since: held.unguarded?.since ?? close, why };
      if (outcome === "FAILED") {
        observer.observe({ kind: "exit_failed", positionId: held.position.positionId, error: new Error(why) });
      }
    }
  }

  /** The outcome, and why the position is unguarded, where it is. */
  #tried(held: HeldPosition): { readonly outcome: ExitOutcome; readonly why?: string } {
    const { plan, whyNot, last } = held;
    const { close } = this.#moment;
    if (whyNot !== undefined || plan === undefined) {
      return { outcome: "HOLD", why: whyNot ?? "nothing is known yet of how it is to be left" };
    }
    if (last !== undefined && last.barCloseTime >= close) {
      // Judged before, by this process or the one before it.
      return { outcome: last.action ?? "HOLD" };
    }
    try {
      const verdict = judgeExit(exitQuestion(held, plan, this.#moment));
      this.#note(held, plan, verdict);
      const { outcome, because } = verdict;
      return outcome === "MARKET_DATA_UNAVAILABLE" ? { outcome, why: because } : { outcome };
    } catch (error) {
      return { outcome: "FAILED", why: errorText(error) };
    }
  }

  #note({ position }: HeldPosition, plan: HeldPlan, verdict: ExitVerdict): void {
    const { outcome } = verdict;
    if (outcome === "CLOSE" || outcome === "ADJUST") {
      const { close: barCloseTime, regime, dataSource } = this.#moment;
      this.candidates.push({
        position,
        plan,
        verdict: { ...verdict, outcome },
        barCloseTime,
        regime,
        dataSource,
      });
    }
  }
}

/** What is to be judged of a position at a close; takes the closes before it. */
export function exitQuestion(
  held: HeldPosition,
  plan: HeldPlan,
  { series: lookup, close: time }: Pick<ExitMoment, "series" | "close">,
): ExitQuestion {
  const { symbol } = held.position;
  const series = lookup.series(symbol, plan.timeframe);
  const isComplete = held.advance(series, time - 1);
  const bar =
    series?.fault !== undefined
      ? { unavailable: series.fault.text }
      : isComplete
        ? barAt(lookup, symbol, plan.timeframe, time)
        : { unavailable: `${symbol} ${plan.timeframe}: its closes since the position was opened are not loaded yet` };
  const closing = held.last?.action === "CLOSE" ? held.last.exitReason : undefined;
  const question = { plan, best: held.best, time, bar, closing, told: held.told };
  if (!("close" in bar)) {
    return question;
  }
  const best = betterOf(plan.side, held.best, bar.close);
  const reading = readingOf(lookup, symbol);
  const rule = judgeExitRule(plan, held.position.entryPrice, reading, { time, close: bar.close, best });
  return { ...question, rule };
}

/** The market of a symbol as the series have it. */
export function readingOf(lookup: SeriesLookup, symbol: string): MarketReading {
  return {
    settled: true,
    seriesAt(timeframe, closeTime) {
      const series = lookup.series(symbol, timeframe);
      return series?.fault === undefined ? series?.at(closeTime) : undefined;
    },
  };
}

function barAt(lookup: SeriesLookup, symbol: string, timeframe: Timeframe, time: number): ExitQuestion["bar"] {
  const series = lookup.series(symbol, timeframe);
  const close = series?.at(time)?.close(0);
  return close === undefined || Number.isNaN(close)
    ? { unavailable: missingBar(symbol, timeframe, time, series?.lastClose) }
    : { close };
}
