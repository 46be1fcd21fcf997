/**
 * Parameters of an indicator by name, in the order in which numbers are written elsewhere. A
 * number: must be that one.
 */
export type Order = readonly (string | number)[];

/** An indicator that a spelling stands for. */
export interface Target {
  readonly base: string;
  /**
   * Where it differs from the indicator's own order. A name that stands twice must get the same
   * number twice.
   */
  readonly order?: Order;
  /** Parameters that the spelling implies. */
  readonly implied?: Readonly<Record<string, number>>;
}

/** Other names of one indicator, or of several where the words do not say which. */
export interface Spellings {
  readonly targets: readonly Target[];
  /** Words in any order, as pandas-ta, ta, TA-Lib, TradingView or people write them. */
  readonly names: readonly string[];
  /** What differs here, as a sentence on the indicator. */
  readonly note?: string;
}

export function row(target: string | Target, names: string, note?: string): Spellings {
  const targets = typeof target === "string" ? target.split(" ").map((base) => ({ base })) : [target];
  return { targets, names: names.split(", "), ...(note !== undefined && { note }) };
}
