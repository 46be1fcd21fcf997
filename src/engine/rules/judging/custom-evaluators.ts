import { errorText } from "../../../domain/errors.ts";
import type { Signal, SignalEvaluator } from "../../../ports/signal-evaluator.ts";

/** What the custom evaluators made of a signal. */
export interface Evaluated {
  readonly strength: number;
  /** What they added or changed; the signal's own is not in it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names the evaluator, and its reason. */
  readonly veto?: string;
  /** What of the metadata was left out, where anything was. */
  readonly cut?: string;
}

/**
 * Entries that custom evaluators may add to a decision, and how long each may be, in UTF-16 units.
 */
const MOST_ENTRIES = 32;
const LONGEST_KEY = 64;
const LONGEST_VALUE = 1_024;
/** Stands at the end of what was cut. */
const MARK = "…";
/** Says how many entries were left out. */
const LEFT_OUT = "metadata_left_out";

/**
 * Asks each in turn, with what the one before made of the signal; the first veto ends it. Throws
 * what they throw, with the evaluator's name.
 */
export function applyEvaluators(evaluators: readonly SignalEvaluator[], signal: Signal): Evaluated {
  let current = signal;
  let added: Record<string, string> = {};
  for (const evaluator of evaluators) {
    const verdict = ask(evaluator, current);
    if ("veto" in verdict && verdict.veto !== undefined) {
      return { strength: current.strength, ...bounded(added), veto: `${evaluator.name}: ${verdict.veto}` };
    }
    if (!("veto" in verdict)) {
      added = { ...added, ...verdict.metadata };
      const strength = verdict.strength ?? current.strength;
      current = { ...current, strength, metadata: { ...current.metadata, ...verdict.metadata } };
    }
  }
  return { strength: current.strength, ...bounded(added) };
}

/** A decision goes to every reader, and stays in the journal: what is added to it has a bound. */
function bounded(metadata: Readonly<Record<string, string>>): Pick<Evaluated, "metadata" | "cut"> {
  const entries = Object.entries(metadata);
  const isShort = entries.every(([key, value]) => key.length <= LONGEST_KEY && value.length <= LONGEST_VALUE);
  if (isShort && entries.length <= MOST_ENTRIES) {
    return { metadata };
  }
  const isTooMany = entries.length > MOST_ENTRIES;
  const kept = isTooMany ? entries.slice(0, MOST_ENTRIES - 1) : entries;
  const leftOut: readonly (readonly [string, string])[] = isTooMany
    ? [[LEFT_OUT, `${entries.length - kept.length} more entries`]]
    : [];
  const short = kept.map(([key, value]) => [cutTo(key, LONGEST_KEY), cutTo(value, LONGEST_VALUE)] as const);
  const limits = `${MOST_ENTRIES} entries, keys of ${LONGEST_KEY} and values of ${LONGEST_VALUE} characters`;
  return {
    metadata: Object.fromEntries([...short, ...leftOut]),
    cut: `custom evaluators added ${entries.length} entries of metadata, which were cut to ${limits}`,
  };
}

function cutTo(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - MARK.length).toWellFormed()}${MARK}`;
}

function ask(evaluator: SignalEvaluator, signal: Signal): ReturnType<SignalEvaluator["evaluate"]> {
  let verdict: ReturnType<SignalEvaluator["evaluate"]>;
  try {
    verdict = evaluator.evaluate(signal);
  } catch (error) {
    throw new Error(`custom evaluator ${evaluator.name} threw: ${errorText(error)}`, { cause: error });
  }
  const fault = verdictFault(verdict);
  if (fault !== undefined) {
    throw new Error(`custom evaluator ${evaluator.name} ${fault}`);
  }
  return verdict;
}

/** They are written by users, perhaps in plain JavaScript: what they answer is checked. */
function verdictFault(verdict: unknown): string | undefined {
  if (typeof verdict !== "object" || verdict === null || verdict instanceof Promise) {
    return 'must answer with an object such as {} or { veto: "reason" }, at once';
  }
  const { veto, strength, metadata } = verdict as { veto?: unknown; strength?: unknown; metadata?: unknown };
  if (veto !== undefined && typeof veto !== "string") {
    return `answered veto ${JSON.stringify(veto)}, must be a reason in text`;
  }
  if (strength !== undefined && !(typeof strength === "number" && strength >= 0 && strength <= 1)) {
    return `answered strength ${String(strength)}, must be from 0 to 1`;
  }
  const values = metadata === undefined ? [] : Object.values(Object(metadata));
  const bad = values.find((value) => typeof value !== "string");
  return bad === undefined ? undefined : `answered metadata value ${JSON.stringify(bad)}, must be text`;
}
