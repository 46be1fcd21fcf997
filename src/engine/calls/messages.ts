import type { ConditionResult, Decision, Suppression } from "../../domain/decision.ts";
import type { SymbolFailure } from "../api.ts";

/** Bytes of decisions, suppressions or failures in one message: stock clients refuse messages above 4 MiB. */
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
  return inMessages(suppressions, SUPPRESSIONS_A_MESSAGE, (one) =>
    textBytes(PART, one.strategyId, one.symbol, one.explanation),
  );
}

export function failureMessages(failures: readonly SymbolFailure[]): readonly (readonly SymbolFailure[])[] {
  return inMessages(failures, FAILURES_A_MESSAGE, (one) => textBytes(PART, one.symbol, one.explanation));
}

/** No more bytes on the wire than this. */
export function decisionBytes(decision: Decision): number {
  const { symbol, strategyId, decisionId, timeframe, dataSource, reasoning, regime = "" } = decision;
  let bytes = textBytes(DECISION, symbol, strategyId, decisionId, timeframe, dataSource, reasoning, regime);
  for (const key in decision.metadata) {
    bytes = textBytes(bytes + TEXT, key, decision.metadata[key] ?? "");
  }
  return decision.conditions.reduce((sum, condition) => sum + conditionBytes(condition), bytes);
}

function conditionBytes({ condition, timeframe }: ConditionResult): number {
  return textBytes(PART, condition, timeframe);
}

function textBytes(start: number, ...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + TEXT + Buffer.byteLength(text), start);
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
