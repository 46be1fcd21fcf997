import type { Decision, Suppression } from "../../domain/decision.ts";
import { keptOn } from "../../domain/kept-on.ts";
import type { SymbolFailure } from "../api.ts";

/**
 * Bytes of decisions, suppressions or failures in one message: stock clients refuse messages above
 * 4 MiB.
 */
const MOST_BYTES = 3 * 1024 * 1024;
const DECISIONS_A_MESSAGE = 200;
const SUPPRESSIONS_A_MESSAGE = 500;
const FAILURES_A_MESSAGE = 5_000;

/** Bytes of a text beside the text itself: its tag and its length. */
const TEXT = 8;
/** Bytes of the numbers, times and enumerations of a decision, at most. */
const DECISION = 300;
/** Bytes of the numbers and enumerations of a condition, a suppression or a failure, at most. */
const PART = 80;

/** Decisions as messages carry them, in their order. */
export function decisionMessages(decisions: readonly Decision[]): readonly (readonly Decision[])[] {
  return inMessages(decisions, DECISIONS_A_MESSAGE, decisionBytes);
}

export function suppressionMessages(suppressions: readonly Suppression[]): readonly (readonly Suppression[])[] {
  return inMessages(
    suppressions,
    SUPPRESSIONS_A_MESSAGE,
    (one) => PART + textBytes(one.strategyId) + textBytes(one.symbol) + textBytes(one.explanation),
  );
}

export function failureMessages(failures: readonly SymbolFailure[]): readonly (readonly SymbolFailure[])[] {
  return inMessages(failures, FAILURES_A_MESSAGE, (one) => PART + textBytes(one.symbol) + textBytes(one.explanation));
}

/**
 * No more bytes on the wire than this. Asked of every decision that is sent, so it counts units,
 * not bytes.
 */
export const decisionBytes = keptOn((decision: Decision): number => {
  const { symbol, strategyId, decisionId, timeframe, dataSource, reasoning, regime = "" } = decision;
  let bytes = DECISION + textBytes(symbol) + textBytes(strategyId) + textBytes(decisionId) + textBytes(timeframe);
  bytes += textBytes(dataSource) + textBytes(reasoning) + textBytes(regime);
  for (const key in decision.metadata) {
    bytes += TEXT + textBytes(key) + textBytes(decision.metadata[key] ?? "");
  }
  for (const { condition, timeframe: read, path = "" } of decision.conditions) {
    bytes += PART + textBytes(condition) + textBytes(read) + textBytes(path);
  }
  for (const tag of decision.tags ?? []) {
    bytes += textBytes(tag);
  }
  return bytes + PART * (decision.exitPlan === undefined ? 0 : 1 + decision.exitPlan.targets.length);
});

/** A unit of UTF-16 is at most three bytes of UTF-8. */
function textBytes(text: string): number {
  return TEXT + 3 * text.length;
}

/** As many of the items a message as count and bytes allow, and at least one. */
function inMessages<T>(items: readonly T[], most: number, bytesOf: (item: T) => number): readonly (readonly T[])[] {
  const messages: T[][] = [];
  let message: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    if (message.length > 0 && (message.length === most || bytes + size > MOST_BYTES)) {
      messages.push(message);
      message = [];
      bytes = 0;
    }
    message.push(item);
    bytes += size;
  }
  if (message.length > 0) {
    messages.push(message);
  }
  return messages;
}
