/**
 * What other programs' schemas call a field, and what to say where the contract has no such field.
 */
export interface Meaning {
  /** The contract's name. */
  readonly field: string;
  /** In lower case, without what parts words. */
  readonly words: string;
  readonly otherwise?: string;
}

export function byWord(meanings: readonly Meaning[]): ReadonlyMap<string, Meaning> {
  return new Map(meanings.flatMap((meaning) => meaning.words.split(" ").map((word) => [word, meaning] as const)));
}
