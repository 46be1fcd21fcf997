import type { Decision } from "../../domain/decision.ts";

/** Decisions remembered; far more than can be on their way at once. */
const MOST = 100_000;

/** Decisions of writes that failed: found in the journal later, they are ours all the same. */
export class Attempts {
  readonly #ids = new Set<string>();

  note(decisions: readonly Decision[]): void {
    if (this.#ids.size > MOST) {
      this.#ids.clear();
    }
    for (const { decisionId } of decisions) {
      this.#ids.add(decisionId);
    }
  }

  /** Whether all of what was found is ours. */
  are(found: readonly Decision[]): boolean {
    return found.length > 0 && found.every(({ decisionId }) => this.#ids.has(decisionId));
  }
}
