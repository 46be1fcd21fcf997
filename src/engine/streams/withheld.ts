import { type Decision, isOpening, needsExits } from "../../domain/decision.ts";

/** Which of some decisions a caller is sent, and how many openings of them are withheld (R87). */
export interface Divided {
  readonly sent: readonly Decision[];
  readonly withheld: number;
}

/**
 * Divides decisions by what the caller knows of exits. An executor that knows nothing of them would
 * never close the position, or at once.
 */
export function divided(
  decisions: readonly Decision[],
  { includeExits }: { readonly includeExits?: boolean },
): Divided {
  if (includeExits === true || !decisions.some(needsExits)) {
    return { sent: decisions, withheld: 0 };
  }
  const sent = decisions.filter((decision) => !needsExits(decision));
  return { sent, withheld: decisions.filter(isOpening).length - sent.length };
}

/** Counts what one stream withholds, and tells of the first. */
export class WithheldCount {
  readonly #onFirst: (() => void) | undefined;
  #count = 0;

  constructor(onFirst: (() => void) | undefined) {
    this.#onFirst = onFirst;
  }

  /** Since the stream began. */
  get count(): number {
    return this.#count;
  }

  add(withheld: number): void {
    if (this.#count === 0 && withheld > 0) {
      this.#onFirst?.();
    }
    this.#count += withheld;
  }
}
