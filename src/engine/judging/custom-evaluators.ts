import { errorText } from "../../domain/errors.ts";
import type { Signal, SignalEvaluator } from "../../ports/signal-evaluator.ts";

/** What the custom evaluators made of a signal. */
export interface Evaluated {
  readonly strength: number;
  /** What they added or changed; the signal's own is not in it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names the evaluator, and its reason. */
  readonly veto?: string;
}

/** Asks each in turn, with what the one before made of the signal; the first veto ends it. Throws what they throw, with the evaluator's name. */
export function applyEvaluators(evaluators: readonly SignalEvaluator[], signal: Signal): Evaluated {
  let current = signal;
  let added: Record<string, string> = {};
  for (const evaluator of evaluators) {
    const verdict = ask(evaluator, current);
    if ("veto" in verdict && verdict.veto !== undefined) {
      return { strength: current.strength, metadata: added, veto: `${evaluator.name}: ${verdict.veto}` };
    }
    if (!("veto" in verdict)) {
      added = { ...added, ...verdict.metadata };
      const strength = verdict.strength ?? current.strength;
      current = { ...current, strength, metadata: { ...current.metadata, ...verdict.metadata } };
    }
  }
  return { strength: current.strength, metadata: added };
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
