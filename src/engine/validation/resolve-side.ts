import { SIDES, type Side } from "../../domain/strategy.ts";
import type { Findings } from "./findings.ts";
import type { PlacedCondition } from "./rules.ts";
import { checkChoice } from "./scalars.ts";
import { voteOf } from "./side.ts";

/**
 * The strategy's side: the one given (R18 warns where a condition speaks against it), else the one
 * its conditions agree on (R17). Undefined where it was refused, or where conditions that were
 * refused might still decide it.
 */
export function resolveSide(
  findings: Findings,
  given: string,
  conditions: readonly PlacedCondition[],
  /** Whether these are all the conditions there are. */
  complete: boolean,
): Side | undefined {
  const votes = conditions.flatMap(({ checked, isUnderNone }) => {
    const side = isUnderNone || checked.withinBars !== undefined ? undefined : voteOf(checked);
    return side === undefined ? [] : [{ side, text: checked.text }];
  });
  if (given === "") {
    return inferred(findings, votes, complete);
  }
  const side = checkChoice<Side>(findings, "side", given, SIDES);
  const against = votes.filter((vote) => side !== undefined && vote.side !== side);
  if (against.length > 0) {
    findings.warn(`side: is ${side}, but ${namesOf(against)}: check that it is meant`);
  }
  return side;
}

interface Vote {
  readonly side: Side;
  /** The condition. */
  readonly text: string;
}

function inferred(findings: Findings, votes: readonly Vote[], complete: boolean): Side | undefined {
  const sides = new Set(votes.map((vote) => vote.side));
  const [side] = sides;
  if (sides.size > 1) {
    findings.refuse("side", `side is required: the conditions disagree (${namesOf(votes)}); give LONG or SHORT`);
    return undefined;
  }
  if (side === undefined && complete) {
    findings.refuse("side", "side is required: no condition votes for one; give LONG or SHORT");
  }
  return complete ? side : undefined;
}

function namesOf(votes: readonly Vote[]): string {
  return votes.map(({ text, side }) => `${text} votes ${side}`).join(", ");
}
