import { editDistance } from "../indicators/edit-distance.ts";

/**
 * A sentence for each variable that was meant for this program and does nothing. Unknown ones are
 * not this program's business.
 */
export function strayVariables(set: readonly string[], known: readonly string[]): readonly string[] {
  return set.flatMap((variable) => {
    const meant = known.includes(variable) ? undefined : nearest(variable, known);
    return meant === undefined ? [] : [`${variable} is not a setting and has no effect: is ${meant} meant?`];
  });
}

/**
 * The name that the variable is most likely a slip of: one letter in a short name, two in a longer
 * one.
 */
function nearest(variable: string, names: readonly string[]): string | undefined {
  const bound = variable.length < 8 ? 1 : 2;
  return names
    .map((name) => ({ name, distance: editDistance(variable.toUpperCase(), name) }))
    .filter(({ distance }) => distance <= bound)
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}
