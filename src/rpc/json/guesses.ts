import { nameWith } from "../../engine/validation/other-keys.ts";
import type { Place } from "./place.ts";

/**
 * As `nameWith`, until it was in vain as often as the request's budget allows: looking for a name
 * that is like the text takes its time.
 */
export function guessedName(
  name: string,
  parameters: readonly (readonly [string, unknown])[],
  budget: Place["budget"],
): string | undefined {
  if (budget.guesses === 0) {
    return undefined;
  }
  const meant = nameWith(name, parameters);
  if (meant === undefined) {
    budget.guesses--;
  }
  return meant;
}
