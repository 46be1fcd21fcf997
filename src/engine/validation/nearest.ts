import { nearestTo } from "../../indicators/edit-distance.ts";

/** Texts longer than this are compared with nothing: no name has so many characters. */
const LONGEST = 64;

/**
 * The one candidate that a text may be a slip of. Where two are as near, neither is meant for sure.
 */
export function nearestWithin(text: string, candidates: readonly string[]): string | undefined {
  const [near, ...more] = text.length > LONGEST ? [] : nearestTo(text, candidates);
  return more.length === 0 ? near : undefined;
}
