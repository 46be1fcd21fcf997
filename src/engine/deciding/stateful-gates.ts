import { formatTime } from "../judging/explain.ts";
import { type Refusal, refusal } from "../judging/policy-gates.ts";
import type { Candidate } from "./decide.ts";
import type { Ledger } from "./ledger.ts";

/** R30 to R33 and the end of R26: why a candidate must not be decided now, or undefined. */
export function statefulGate(candidate: Candidate, ledger: Ledger): Refusal | undefined {
  return (
    alreadyDecided(candidate, ledger) ??
    coolingDown(candidate, ledger) ??
    placesTaken(candidate, ledger) ??
    (candidate.fault === undefined ? undefined : { outcome: "FAILED", because: candidate.fault })
  );
}

function alreadyDecided({ key }: Candidate, ledger: Ledger): Refusal | undefined {
  const made = ledger.decided(key.strategyId, key.strategyVersion, key.symbol, key.barCloseTime);
  if (made === undefined) {
    return undefined;
  }
  return refusal(
    "ALREADY_DECIDED",
    () =>
      `decision ${made.decisionId} was made at ${formatTime(made.timestamp)} for the bar that closed at ${formatTime(key.barCloseTime)}`,
  );
}

function coolingDown({ key, judgedAt, cooldownMs }: Candidate, ledger: Ledger): Refusal | undefined {
  const newest = ledger.newest(key.strategyId, key.symbol, key.shadow, judgedAt) ?? Number.NEGATIVE_INFINITY;
  const ago = judgedAt - newest;
  if (ago >= cooldownMs) {
    return undefined;
  }
  return refusal(
    "COOLDOWN",
    () => `it fired at ${formatTime(newest)}, ${ago / 1000} s ago, and its cooldown is ${cooldownMs / 1000} s`,
  );
}

function placesTaken({ key, judgedAt, asOf, maxPositions }: Candidate, ledger: Ledger): Refusal | undefined {
  // SHADOW strategies open no positions (R32).
  const open = key.shadow ? 0 : ledger.open(key.strategyId);
  const reserved = ledger.reserved(key.strategyId, key.shadow, judgedAt, asOf);
  if (open + reserved < maxPositions) {
    return undefined;
  }
  return refusal("MAX_POSITIONS", () => `${open} open and ${reserved} reserved of ${maxPositions} allowed`);
}
