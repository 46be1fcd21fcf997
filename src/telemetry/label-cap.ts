import type { Metrics } from "./metrics.ts";

/** What takes the place of labels beyond a cap. */
export const OTHER = "other";

/**
 * Bounds the label sets of a metric: whoever saves strategies would otherwise decide how much
 * memory this process, and Prometheus, need. Those that come first keep their names; the rest are
 * folded into one.
 */
export class LabelCap {
  readonly #most: number;
  readonly #known = new Set<string>();
  readonly #onFold: (isFirst: boolean) => void;
  #hasFolded = false;

  /** `onFold` hears of every observation that loses its labels. */
  constructor(most: number, onFold: (isFirst: boolean) => void) {
    this.#most = most;
    this.#onFold = onFold;
  }

  /** Whether these labels keep their names. */
  admits(...labels: readonly string[]): boolean {
    const key = labels.join("\n");
    if (this.#known.has(key)) {
      return true;
    }
    if (this.#known.size < this.#most) {
      this.#known.add(key);
      return true;
    }
    this.#onFold(!this.#hasFolded);
    this.#hasFolded = true;
    return false;
  }
}

/** The cap of a metric; what it folds is counted, and said once. */
export function capOf({ folded, maxLabelSets, warn }: Metrics, metric: string): LabelCap {
  return new LabelCap(maxLabelSets, (isFirst) => {
    folded.inc({ metric });
    if (isFirst) {
      warn(`${metric} has ${maxLabelSets} label sets, the most it may have: from now on new ones count as "${OTHER}"`);
    }
  });
}
