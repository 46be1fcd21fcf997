import { compareDecisions, type Decision, type Opening } from "../../../domain/decision.ts";
import { errorText } from "../../../domain/errors.ts";
import type { Tracer } from "../../../ports/tracer.ts";
import { refusedByState } from "../../rules/gates/gates.ts";
import type { Refusal } from "../../rules/gates/refusal.ts";
import type { Candidate } from "../../rules/judging/candidate.ts";
import type { DecisionMemory } from "./decision-memory.ts";
import type { Recalled } from "./recall.ts";
import type { Remembered } from "./remembered.ts";
import type { StillInForce } from "./still-in-force.ts";

/** A candidate that the stateful gates refused. */
export interface Refused {
  readonly candidate: Candidate;
  readonly refusal: Refusal;
}

/**
 * The decisions made of a sweep's candidates, and the candidates refused, both in the order of R37;
 * before them those on exits, in the order of R87.
 */
export interface Committed {
  readonly decisions: readonly Decision[];
  readonly refused: readonly Refused[];
}

export interface Gating {
  readonly memory: DecisionMemory;
  /** Decisions of which the memory does not know, where some of the candidates need them. */
  readonly past: Recalled | undefined;
  /** Notes what the memory recorded. */
  readonly recorded: Remembered[];
  readonly inForce: Pick<StillInForce, "refuse">;
  readonly tracer: Tracer;
}

/**
 * Takes candidates through the gates that look at state. What is decided is remembered at once, for
 * those that come behind it. One that throws is FAILED, and stops no other. `decide` must change
 * nothing where it throws.
 */
export function gated(
  candidates: readonly Candidate[],
  gating: Gating,
  traceparent: string | undefined,
  decide: (candidate: Candidate) => Opening,
): Committed {
  const { tracer } = gating;
  const span = tracer.open("gates", { parent: traceparent, attributes: { candidates: candidates.length } });
  const decisions: Opening[] = [];
  const refused: Refused[] = [];
  for (const candidate of candidates) {
    const answer = gatedOne(candidate, gating, decide);
    if ("outcome" in answer) {
      refused.push({ candidate, refusal: answer });
    } else {
      decisions.push(answer);
    }
  }
  span.set({ decisions: decisions.length, refused: refused.length });
  span.end();
  return { decisions, refused };
}

function gatedOne(
  candidate: Candidate,
  { memory, past, recorded, inForce }: Gating,
  decide: (candidate: Candidate) => Opening,
): Opening | Refusal {
  try {
    const known = past?.asked.has(candidate) ? past.memory : memory;
    const refusal = inForce.refuse(candidate) ?? refusedByState(candidate, known);
    if (refusal !== undefined) {
      return refusal;
    }
    const decision = decide(candidate);
    recorded.push(memory.record(decision));
    past?.memory.record(decision);
    return decision;
  } catch (error) {
    return { outcome: "FAILED", because: errorText(error) };
  }
}

/** R37. */
export function inOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.length < 2 ? candidates : candidates.toSorted((a, b) => compareDecisions(a, b));
}

/** Takes back what was recorded, the last first, and empties the list. */
export function forgetAll(memory: DecisionMemory, recorded: Remembered[]): void {
  for (let last = recorded.pop(); last !== undefined; last = recorded.pop()) {
    memory.forget(last);
  }
}
