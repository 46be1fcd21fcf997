import type { Decision, SweepSummary } from "../domain/decision.ts";
import type { EngineEvent, Observer } from "../ports/observer.ts";
import { capOf, type LabelCap, OTHER } from "./label-cap.ts";
import type { Metrics } from "./metrics.ts";

/** What faults are told apart by; series by the thousand are one. */
const DEPENDENCIES: ReadonlySet<string> = new Set([
  "policy",
  "policy changes",
  "strategies",
  "strategy changes",
  "decision journal",
  "journal retention",
  "last execution times",
  "market data",
]);

/** Counts what the engine does. */
export function metricsObserver(metrics: Metrics): Observer {
  const signals = capOf(metrics, "strategy_runtime_signals_generated_total");
  const confidences = capOf(metrics, "strategy_runtime_signal_confidence");
  return {
    wantsSuppressions: false,
    observe(event) {
      if (event.kind === "decided") {
        countDecision(metrics, signals, confidences, event.decision, event.publishedAt);
      } else {
        count(metrics, event);
      }
    },
  };
}

function countDecision(
  metrics: Metrics,
  signals: LabelCap,
  confidences: LabelCap,
  { strategyId, symbol, side, confidence, shadow, timestamp, barCloseTime, timeframe }: Decision,
  publishedAt: number | undefined,
): void {
  if (shadow) {
    metrics.shadowSignals.inc();
  } else {
    const isNamed = signals.admits(strategyId, symbol, side);
    const names = isNamed ? { strategy_id: strategyId, symbol } : { strategy_id: OTHER, symbol: OTHER };
    metrics.signalsGenerated.inc({ ...names, side });
    metrics.signalConfidence.observe({ strategy_id: confidences.admits(strategyId) ? strategyId : OTHER }, confidence);
  }
  // A one-shot call decides on a bar that may have closed long ago (R36).
  if (publishedAt !== undefined && timestamp === barCloseTime) {
    metrics.publishLatency.observe({ timeframe }, seconds(publishedAt - barCloseTime));
  }
}

function count(metrics: Metrics, event: Exclude<EngineEvent, { kind: "decided" }>): void {
  switch (event.kind) {
    case "sweep":
      countSweep(metrics, event.cause, event.summary);
      if (event.timeframe !== undefined && event.endedAt !== undefined && event.summary.barCloseTime !== undefined) {
        metrics.sweepLag.observe({ timeframe: event.timeframe }, seconds(event.endedAt - event.summary.barCloseTime));
      }
      return;
    case "closes_missed":
      metrics.closesMissed.inc({ timeframe: event.timeframe }, event.closes);
      return;
    case "journal_append":
      metrics.journalAppend.observe(seconds(event.durationMs));
      metrics.journalFailures.inc(event.failed ? 1 : 0);
      return;
    case "evaluation_failed":
    case "exit_failed":
      metrics.evaluationFailures.inc();
      return;
    case "bar_refused":
      metrics.barsRefused.inc({ timeframe: event.timeframe });
      return;
    case "series_cut":
      metrics.barsRefused.inc({ timeframe: event.timeframe }, event.isInvalidBar ? 1 : 0);
      return;
    case "fault":
      metrics.faults.inc({ dependency: dependencyOf(event.what) });
      return;
    case "thrown":
      metrics.thrown.inc({ where: event.where });
      return;
    case "recovered":
      metrics.reconnects.inc({ dependency: dependencyOf(event.what) });
      return;
    case "refreshed":
    case "suppressed":
    case "withheld":
    case "exit_decided":
    case "metadata_cut":
      return;
    default:
      event satisfies never;
  }
}

function countSweep({ evaluations, sweepDuration }: Metrics, cause: "close" | "call", summary: SweepSummary): void {
  sweepDuration.observe({ cause }, seconds(summary.durationMs));
  for (const [outcome, number] of Object.entries(summary.outcomes)) {
    evaluations.inc({ outcome }, number);
  }
}

function dependencyOf(what: string): string {
  return DEPENDENCIES.has(what) ? what : "series";
}

/** Never below 0, though clocks of venues differ. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1_000;
}
