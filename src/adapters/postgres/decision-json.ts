import type { Decision } from "../../domain/decision.ts";
import { RuntimeError } from "../../domain/errors.ts";

/**
 * Writes a text into JSON as it stands. Part of ECMAScript that TypeScript's libraries do not
 * declare yet.
 */
const rawJson = (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON;

/**
 * JSON from which JSON.parse gives back the decision field by field: shortest digits for every
 * double, and minus zero, which JSON.stringify alone would turn into zero.
 */
export function decisionJson(decision: Decision): string {
  const { conditions, exitPlan } = decision;
  const isOddPlan = exitPlan !== undefined && (hasOddNumber(exitPlan) || exitPlan.targets.some(hasOddNumber));
  if (!isOddPlan && !hasOddNumber(decision) && !conditions.some(hasOddNumber)) {
    return JSON.stringify(decision);
  }
  return JSON.stringify(decision, (key, value: unknown) => {
    if (typeof value !== "number") {
      return value;
    }
    if (!Number.isFinite(value)) {
      throw new RuntimeError("internal", `decision ${decision.decisionId} has ${key} ${value}, must be finite`);
    }
    return Object.is(value, -0) ? rawJson("-0") : value;
  });
}

/**
 * Whether a member is a number that JSON.stringify does not write as it is. Asked first, since to
 * look at each while writing takes several times as long.
 */
function hasOddNumber(parts: object): boolean {
  for (const key in parts) {
    const value: unknown = parts[key as keyof typeof parts];
    if (typeof value === "number" && (value === 0 ? Object.is(value, -0) : !Number.isFinite(value))) {
      return true;
    }
  }
  return false;
}
