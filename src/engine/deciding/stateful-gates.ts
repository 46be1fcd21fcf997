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
    unfit(candidate)
  );
}

/** R25. */
function unfit({ fault }: Candidate): Refusal | undefined {
  return fault === undefined ? undefined : { outcome: "FAILED", because: fault };
}

function alreadyDecided(candidate: Candidate, ledger: Ledger): Refusal | undefined {
  const { barCloseTime } = candidate;
  const made = ledger.decided(candidate);
  if (made === undefined) {
    return undefined;
  }
  return refusal(
    "ALREADY_DECIDED",
    () =>
      `decision ${made.decisionId} was made at ${formatTime(made.timestamp)} for the bar that closed at ${formatTime(barCloseTime)}`,
  );
}

function coolingDown(candidate: Candidate, ledger: Ledger): Refusal | undefined {
  const { strategyId, symbol, shadow, judgedAt, cooldownMs } = candidate;
  const newest = ledger.newest(strategyId, symbol, shadow, judgedAt) ?? Number.NEGATIVE_INFINITY;
  const ago = judgedAt - newest;
  if (ago >= cooldownMs) {
    return undefined;
  }
  return refusal(
    "COOLDOWN",
    () => `it fired at ${formatTime(newest)}, ${ago / 1000} s ago, and its cooldown is ${cooldownMs / 1000} s`,
  );
}

function placesTaken(candidate: Candidate, ledger: Ledger): Refusal | undefined {
  const { strategyId, shadow, judgedAt, asOf, maxPositions } = candidate;
  // SHADOW strategies open no positions (R32).
  const open = shadow ? 0 : ledger.open(strategyId);
  const reserved = ledger.reserved(strategyId, shadow, judgedAt, asOf);
  if (open + reserved < maxPositions) {
    return undefined;
  }
  return refusal("MAX_POSITIONS", () => `${open} open and ${reserved} reserved of ${maxPositions} allowed`);
}
