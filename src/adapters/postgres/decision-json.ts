import type { Decision } from "../../domain/decision.ts";
import { RuntimeError } from "../../domain/errors.ts";

/** Writes a text into JSON as it stands. Part of ECMAScript that TypeScript's libraries do not declare yet. */
const rawJson = (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON;

/**
 * JSON from which JSON.parse gives back the decision field by field: shortest digits for every double, and minus zero,
 * which JSON.stringify alone would turn into zero.
 */
export function decisionJson(decision: Decision): string {
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
