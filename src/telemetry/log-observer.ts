import type { Decision, SweepSummary } from "../domain/decision.ts";
import { errorText, RuntimeError } from "../domain/errors.ts";
import type { EngineEvent, Observer } from "../ports/observer.ts";
import { type After, FaultLog, kindOf, thrownLine } from "./fault-log.ts";
import type { Logger } from "./logger.ts";

export interface LogObserver extends Observer {
  /** Tells what has no line yet. */
  flush(): void;
}

/** Writes what the engine did to the log. `after` is an argument for tests. */
export function logObserver(logger: Logger, after?: After): LogObserver {
  const faults = new FaultLog(logger, after && { after });
  return {
    observe: (event) => writeEvent(event, logger, faults),
    flush: () => faults.flush(),
    get wantsSuppressions() {
      return logger.isLevelEnabled("debug");
    },
  };
}

function writeEvent(event: EngineEvent, logger: Logger, faults: FaultLog): void {
  switch (event.kind) {
    case "decided":
      logger.info(decisionFields(event.decision), decisionLine(event.decision));
      break;
    case "exit_decided": {
      const { decisionId, sequence, strategyId, symbol, action, positionId, exitReason, reasoning } = event.decision;
      logger.info({ decisionId, sequence, strategyId, symbol, action, positionId, exitReason }, reasoning);
      break;
    }
    case "suppressed": {
      const { strategyId, symbol, outcome, explanation } = event.suppression;
      logger.debug({ strategyId, symbol, outcome }, `${outcome} ${strategyId} on ${symbol}: ${explanation}`);
      break;
    }
    case "sweep":
      logger.debug({ ...event.summary, cause: event.cause }, sweepLine(event.cause, event.timeframe, event.summary));
      break;
    case "refreshed": {
      const { live, shadow, rejected } = event;
      const message = `strategies loaded: ${live} live, ${shadow} shadow; ${rejected} rejected as not valid`;
      logger.info({ live, shadow, rejected }, message);
      break;
    }
    case "closes_missed": {
      const { timeframe, closes, before } = event;
      const last = `the last ones before ${new Date(before).toISOString()}`;
      logger.warn(
        { timeframe, closes },
        `${closes} ${timeframe} closes were not judged, ${last}: the process was down or stood still, or market time ran away from it`,
      );
      break;
    }
    case "recovered": {
      const untold = faults.forget(faultKey(event.what));
      const again = untold > 0 ? `, after ${untold} more faults` : "";
      logger.info({ what: event.what }, `${event.what}: works again${again}`);
      break;
    }
    case "series_cut": {
      const { symbol, timeframe, reason } = event;
      logger.warn({ symbol, timeframe, reason }, reason);
      break;
    }
    case "withheld":
      logger.warn(
        "a caller that does not set include_exits follows strategies whose exits need it: their decisions are withheld from its stream, which says how many",
      );
      break;
    case "journal_append":
      break; // A failure is reported as a fault.
    default:
      writeFault(event, faults);
  }
}

function writeFault(
  event: Extract<
    EngineEvent,
    { kind: "evaluation_failed" | "exit_failed" | "bar_refused" | "metadata_cut" | "fault" | "thrown" }
  >,
  faults: FaultLog,
): void {
  switch (event.kind) {
    case "exit_failed": {
      const { positionId, error } = event;
      const message = `judging the exit of position ${positionId} failed: ${errorText(error)}`;
      faults.add("error", `exit\n${kindOf(errorText(error))}`, { positionId, err: error }, message);
      break;
    }
    case "evaluation_failed": {
      const { strategyId, symbol, error } = event;
      const message = `evaluation of ${strategyId} on ${symbol} failed: ${errorText(error)}`;
      const key = `evaluation ${strategyId}\n${kindOf(errorText(error))}`;
      faults.add("error", key, { strategyId, symbol, err: error }, message);
      break;
    }
    case "bar_refused": {
      const { symbol, timeframe, reason } = event;
      const message = `bar of ${symbol} ${timeframe} refused: ${reason}`;
      faults.add("warn", `bar ${symbol} ${timeframe}`, { symbol, timeframe, reason }, message);
      break;
    }
    case "metadata_cut": {
      const { strategyId, symbol, reason } = event;
      faults.add("warn", `metadata ${strategyId}`, { strategyId, symbol }, `${strategyId} on ${symbol}: ${reason}`);
      break;
    }
    case "fault": {
      const text = errorText(event.error);
      // Of our own errors the text says all; a stack is worth its lines only where something else
      // threw.
      const thrown = event.error instanceof RuntimeError ? event.error.cause : event.error;
      const fields = { what: event.what, ...(thrown !== undefined && { err: thrown }) };
      faults.add("error", faultKey(event.what) + kindOf(text), fields, `${event.what}: ${text}`);
      break;
    }
    case "thrown": {
      const { where, error } = event;
      faults.add("error", `thrown ${where}\n${kindOf(errorText(error))}`, { where, err: error }, thrownLine(event));
      break;
    }
    default:
      event satisfies never;
  }
}

function faultKey(what: string): string {
  return `fault ${what}\n`;
}

/** The whole decision is in the journal; these are what a search of the log goes by. */
function decisionFields(decision: Decision): object {
  const { decisionId, sequence, strategyId, strategyVersion, symbol, side, confidence, shadow, dataSource } = decision;
  return { decisionId, sequence, strategyId, strategyVersion, symbol, side, confidence, shadow, dataSource };
}

function decisionLine(decision: Decision): string {
  const { side, symbol, sizeUsd, entryPrice, stopLoss, takeProfit, confidence, strategyId, timeframe } = decision;
  const kind = decision.shadow ? "SHADOW " : "";
  const target = takeProfit === undefined ? "no target" : `target ${short(takeProfit)}`;
  const levels = `at ${short(entryPrice)}, stop ${short(stopLoss)}, ${target}`;
  const closed = new Date(decision.barCloseTime).toISOString();
  const from = `${timeframe} bar closed ${closed}, ${decision.dataSource} data`;
  return (
    `${kind}${side} ${symbol} for ${sizeUsd.toFixed(2)} USD ${levels}, confidence ${(confidence * 100).toFixed(0)} % ` +
    `by ${strategyId}: ${decision.reasoning} (${from})`
  );
}

function sweepLine(cause: "close" | "call", timeframe: string | undefined, summary: SweepSummary): string {
  const outcomes = Object.entries(summary.outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  const what = cause === "close" ? `sweep of ${timeframe ?? "the"} close` : "sweep of a call";
  const size = `${summary.evaluations} evaluations in ${summary.durationMs.toFixed(1)} ms`;
  return `${what}: ${size}${outcomes.length > 0 ? `: ${outcomes.join(", ")}` : ""}`;
}

/**
 * Eight significant digits are more than any tick needs, and keep the noise of doubles out of
 * sight.
 */
function short(value: number): string {
  return String(Number(value.toPrecision(8)));
}
