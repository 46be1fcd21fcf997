import type { Decision } from "../../domain/decision.ts";
import type { Clock } from "../../ports/clock.ts";

const DECISIONS_A_TURN = 200;

/**
 * Tells of decisions, some in each turn of the event loop from the next one on, when the write that they wait for has been handed to its store. Answers with
 * what ends it.
 */
export function tellInTurns(
  decisions: readonly Decision[],
  clock: Clock,
  tell: (decisions: readonly Decision[]) => void,
): () => void {
  let from = 0;
  let cancel = clock.after(0, turn);

  function turn(): void {
    const to = from + DECISIONS_A_TURN;
    tell(decisions.slice(from, to));
    from = to;
    if (from < decisions.length) {
      cancel = clock.after(0, turn);
    }
  }

  return () => cancel();
}
