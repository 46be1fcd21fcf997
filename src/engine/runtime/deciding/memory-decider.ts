import type { Decision, Opening } from "../../../domain/decision.ts";
import { NO_TRACER } from "../../../ports/tracer.ts";
import type { Candidate } from "../../rules/judging/candidate.ts";
import type { Decider } from "./decider.ts";
import { DecisionMemory } from "./decision-memory.ts";
import { type Committed, forgetAll, gated, inOrder } from "./gating.ts";
import type { Remembered } from "./remembered.ts";
import { ALL_IN_FORCE } from "./still-in-force.ts";

/** Decides in memory alone, under the same gates as a committer: for bars that nobody trades on. */
export class MemoryDecider implements Decider {
  readonly isInDoubt = false;
  readonly #memory: DecisionMemory;
  readonly #onDecided: (decisions: readonly Decision[]) => void;
  #sequence = 0;

  /** `memory`: of the decisions and positions before; none, unless said otherwise. */
  constructor(onDecided: (decisions: readonly Decision[]) => void, memory = new DecisionMemory()) {
    this.#onDecided = onDecided;
    this.#memory = memory;
  }

  async settleDoubt(): Promise<void> {}

  async commit(candidates: readonly Candidate[]): Promise<Committed> {
    const recorded: Remembered[] = [];
    const committed = this.#gated(candidates, recorded, (candidate) => candidate.decide(++this.#sequence));
    for (const each of recorded) {
      this.#memory.trim(each);
    }
    if (committed.decisions.length > 0) {
      this.#onDecided(committed.decisions);
    }
    return committed;
  }

  async rehearse(candidates: readonly Candidate[], traceparent?: string): Promise<Committed> {
    const recorded: Remembered[] = [];
    try {
      return this.#gated(candidates, recorded, (candidate) => candidate.decide(0, traceparent));
    } finally {
      forgetAll(this.#memory, recorded);
    }
  }

  #gated(
    candidates: readonly Candidate[],
    recorded: Remembered[],
    decide: (candidate: Candidate) => Opening,
  ): Committed {
    const gating = { memory: this.#memory, past: undefined, recorded, inForce: ALL_IN_FORCE, tracer: NO_TRACER };
    return gated(inOrder(candidates), gating, undefined, decide);
  }
}
