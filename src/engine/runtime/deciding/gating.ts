import type { Decision } from "../../../domain/decision.ts";
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

/** The decisions made of a sweep's candidates, and the candidates refused, both in the order of R37. */
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

/** Takes candidates through the gates that look at state. What is decided is remembered at once, for those that come behind it. */
export function gated(
  candidates: readonly Candidate[],
  { memory, past, recorded, inForce, tracer }: Gating,
  traceparent: string | undefined,
  decide: (candidate: Candidate) => Decision,
): Committed {
  const span = tracer.open("gates", { parent: traceparent, attributes: { candidates: candidates.length } });
  const decisions: Decision[] = [];
  const refused: Refused[] = [];
  for (const candidate of candidates) {
    const known = past?.asked.has(candidate) ? past.memory : memory;
    const refusal = inForce.refuse(candidate) ?? refusedByState(candidate, known);
    if (refusal === undefined) {
      const decision = decide(candidate);
      decisions.push(decision);
      recorded.push(memory.record(decision));
      past?.memory.record(decision);
    } else {
      refused.push({ candidate, refusal });
    }
  }
  span.set({ decisions: decisions.length, refused: refused.length });
  span.end();
  return { decisions, refused };
}
