import { hash } from "node:crypto";

/**
 * A place in a log of what was decided or closed: behind the entry of this sequence; 0 is before
 * the first.
 */
export interface Place {
  readonly sequence: number;
  /**
   * A piece of the entry's id: another entry that was given the same sequence, after a restore of
   * the log from a copy, has another one. Empty where the entry is not kept any more, or there is
   * none.
   */
  readonly mark: string;
}

export const BEFORE_ALL: Place = { sequence: 0, mark: "" };

const MARK_LENGTH = 8;

export function placeOfDecision({ sequence, decisionId }: { sequence: number; decisionId: string }): Place {
  return { sequence, mark: decisionId.slice(0, MARK_LENGTH) };
}

/** Ids of positions are their reporter's, and of any form. */
export function placeOfClosing({ closeSequence, positionId }: { closeSequence: number; positionId: string }): Place {
  return { sequence: closeSequence, mark: hash("sha256", positionId).slice(0, MARK_LENGTH) };
}

/** The later one of two. */
export function later(one: Place, other: Place): Place {
  return other.sequence > one.sequence ? other : one;
}
