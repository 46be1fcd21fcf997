import type { Outcome } from "../../../domain/decision.ts";

/** An outcome with what decided it, for people. */
export interface Refusal {
  readonly outcome: Outcome;
  readonly because: string;
}

/**
 * A refusal whose words are found only where they are asked for: a sweep refuses by the hundred
 * thousand, and seldom says why.
 */
class QuietRefusal implements Refusal {
  readonly outcome: Outcome;
  readonly #because: () => string;

  constructor(outcome: Outcome, because: () => string) {
    this.outcome = outcome;
    this.#because = because;
  }

  get because(): string {
    return this.#because();
  }
}

export function refusal(outcome: Outcome, because: () => string): Refusal {
  return new QuietRefusal(outcome, because);
}
