import { meantBy } from "../../src/indicators/spelling/meant.ts";
import { indicator } from "./series.ts";

/** All that is suggested for a text, by base names. */
export function suggestedBases(text: string): readonly string[] {
  const meant = meantBy(text);
  return meant !== undefined && "names" in meant ? meant.names.map((name) => indicator(name).base) : [];
}

/** A name with its words written apart in each way that is usual. */
export function waysOf(name: string): readonly string[] {
  return [name, name.replaceAll(" ", "_"), name.replaceAll(" ", "-").toLowerCase(), name.replaceAll(" ", "")];
}
