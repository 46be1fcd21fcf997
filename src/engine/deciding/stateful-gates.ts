import { formatTime } from "../judging/explain.ts";
import { type Refusal, refusal } from "../judging/policy-gates.ts";
import type { Candidate } from "./decide.ts";
import type { Ledger } from "./ledger.ts";

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

function alreadyDecided({ key }: Candidate, ledgers: readonly Ledger[]): Refusal | undefined {
  for (const ledger of ledgers) {
    const made = ledger.decided(key.strategyId, key.strategyVersion, key.symbol, key.barCloseTime);
    if (made !== undefined) {
      return refusal(
        "ALREADY_DECIDED",
        () =>
          `decision ${made.decisionId} was made at ${formatTime(made.timestamp)} for the bar that closed at ${formatTime(key.barCloseTime)}`,
      );
    }
  }
  return undefined;
}

function coolingDown({ key, judgedAt, cooldownMs }: Candidate, ledgers: readonly Ledger[]): Refusal | undefined {
  let newest = Number.NEGATIVE_INFINITY;
  for (const ledger of ledgers) {
    newest = Math.max(newest, ledger.newest(key.strategyId, key.symbol, key.shadow, judgedAt) ?? newest);
  }
  const ago = judgedAt - newest;
  if (ago >= cooldownMs) {
    return undefined;
  }
  return refusal(
    "COOLDOWN",
    () => `it fired at ${formatTime(newest)}, ${ago / 1000} s ago, and its cooldown is ${cooldownMs / 1000} s`,
  );
}

function placesTaken(
  { key, judgedAt, asOf, maxPositions }: Candidate,
  ledgers: readonly Ledger[],
): Refusal | undefined {
  let open = 0;
  let reserved = 0;
  for (const ledger of ledgers) {
    // SHADOW strategies open no positions (R32).
    open += key.shadow ? 0 : ledger.open(key.strategyId);
    reserved += ledger.reserved(key.strategyId, key.shadow, judgedAt, asOf);
  }
  if (open + reserved < maxPositions) {
    return undefined;
  }
  return refusal("MAX_POSITIONS", () => `${open} open and ${reserved} reserved of ${maxPositions} allowed`);
}
