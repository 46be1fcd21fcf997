import type { Candidate } from "./decide.ts";
import { formatTime } from "./explain.ts";
import type { Ledger } from "./ledger.ts";
import type { Refusal } from "./policy-gates.ts";

/**
 * R30 to R33 and the end of R26: why a candidate must not be decided now, or undefined.
 * `ledgers` are looked at together: what is committed, and what stands before it in the same group.
 */
export function statefulGate(candidate: Candidate, ledgers: readonly Ledger[]): Refusal | undefined {
  return (
    alreadyDecided(candidate, ledgers) ??
    coolingDown(candidate, ledgers) ??
    placesTaken(candidate, ledgers) ??
    (candidate.fault === undefined ? undefined : { outcome: "FAILED", because: candidate.fault })
  );
}

function alreadyDecided({ decision }: Candidate, ledgers: readonly Ledger[]): Refusal | undefined {
  for (const ledger of ledgers) {
    const made = ledger.decided(decision.strategyId, decision.strategyVersion, decision.symbol, decision.barCloseTime);
    if (made !== undefined) {
      return {
        outcome: "ALREADY_DECIDED",
        because: `decision ${made.decisionId} was made at ${formatTime(made.timestamp)} for the bar that closed at ${formatTime(decision.barCloseTime)}`,
      };
    }
  }
  return undefined;
}

function coolingDown({ decision, judgedAt, cooldownMs }: Candidate, ledgers: readonly Ledger[]): Refusal | undefined {
  let newest = Number.NEGATIVE_INFINITY;
  for (const ledger of ledgers) {
    const time = ledger.newest(decision.strategyId, decision.symbol, decision.shadow, judgedAt);
    newest = time === undefined ? newest : Math.max(newest, time);
  }
  const ago = judgedAt - newest;
  if (ago >= cooldownMs) {
    return undefined;
  }
  return {
    outcome: "COOLDOWN",
    because: `it fired at ${formatTime(newest)}, ${ago / 1000} s ago, and its cooldown is ${cooldownMs / 1000} s`,
  };
}

function placesTaken(
  { decision, judgedAt, asOf, maxPositions }: Candidate,
  ledgers: readonly Ledger[],
): Refusal | undefined {
  let open = 0;
  let reserved = 0;
  for (const ledger of ledgers) {
    // SHADOW strategies open no positions (R32).
    open += decision.shadow ? 0 : ledger.open(decision.strategyId);
    reserved += ledger.reserved(decision.strategyId, decision.shadow, judgedAt, asOf);
  }
  if (open + reserved < maxPositions) {
    return undefined;
  }
  return {
    outcome: "MAX_POSITIONS",
    because: `${open} open and ${reserved} reserved of ${maxPositions} allowed`,
  };
}
