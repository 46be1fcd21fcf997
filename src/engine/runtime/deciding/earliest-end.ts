import type { Decision } from "../../../domain/decision.ts";

/** How long decisions are of use from now on, ms; undefined where none expires. */
export function timeLeft(decisions: readonly Decision[], now: number): number | undefined {
  const end = earliestEnd(decisions);
  return end === Number.POSITIVE_INFINITY ? undefined : end - now;
}

/** When the first of them expires; Infinity where none does. */
export function earliestEnd(decisions: readonly Decision[]): number {
  const never = Number.POSITIVE_INFINITY;
  return decisions.reduce((earliest, { validUntil = never }) => Math.min(earliest, validUntil), never);
}
