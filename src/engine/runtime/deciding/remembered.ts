import type { DecisionTrace } from "../../../ports/decision-journal.ts";

/**
 * Places are remembered for so long after they expired: a bar may come late, and is judged as of
 * its close.
 */
export const LATE_MS = 60_000;

/** What of a decision must be remembered. */
export type Remembered = Omit<DecisionTrace, "sequence">;

/** A decision that is remembered. */
export class RememberedDecision implements Remembered {
  readonly decisionId: string;
  readonly strategyId: string;
  readonly strategyVersion: number;
  readonly symbol: string;
  readonly barCloseTime: number;
  readonly timestamp: number;
  readonly validUntil: number;
  readonly shadow: boolean;
  /**
   * The one before it on the same pair, by timestamp; null where only the journal knows whether
   * there is one.
   */
  earlier: RememberedDecision | null | undefined;

  /** Takes what is remembered, and lets go of the rest: a decision is many times as large. */
  constructor(of: Remembered) {
    this.decisionId = of.decisionId;
    this.strategyId = of.strategyId;
    this.strategyVersion = of.strategyVersion;
    this.symbol = of.symbol;
    this.barCloseTime = of.barCloseTime;
    this.timestamp = of.timestamp;
    this.validUntil = of.validUntil;
    this.shadow = of.shadow;
  }
}

/** The decisions of a pair that are remembered, newest first. */
export function* chainOf(newest: RememberedDecision | undefined): Generator<RememberedDecision> {
  for (let entry: RememberedDecision | null | undefined = newest; entry; entry = entry.earlier) {
    yield entry;
  }
}

/**
 * The decision on the bar among those of a pair. None is older than its bar's close, so the search
 * may end at the first that is.
 */
export function onBar(newest: RememberedDecision | undefined, barCloseTime: number): RememberedDecision | undefined {
  for (
    let entry: RememberedDecision | null | undefined = newest;
    entry && entry.timestamp >= barCloseTime;
    entry = entry.earlier
  ) {
    if (entry.barCloseTime === barCloseTime) {
      return entry;
    }
  }
  return undefined;
}

/**
 * Puts an entry among those of its pair, by timestamp, and answers the newest then. One that is
 * older than all that are remembered is left out where the journal may hold others in between: what
 * is remembered is all there is from some time on.
 */
export function linked(newest: RememberedDecision, entry: RememberedDecision): RememberedDecision {
  if (newest.timestamp <= entry.timestamp) {
    entry.earlier = newest;
    return entry;
  }
  let later = newest;
  while (later.earlier && later.earlier.timestamp > entry.timestamp) {
    later = later.earlier;
  }
  if (later.earlier !== null) {
    entry.earlier = later.earlier;
    later.earlier = entry;
  }
  return newest;
}

/** Takes an entry out; answers the newest then, undefined where none is left. */
export function unlinked(newest: RememberedDecision, entry: RememberedDecision): RememberedDecision | undefined {
  if (newest === entry) {
    return newest.earlier ?? undefined;
  }
  for (const later of chainOf(newest)) {
    if (later.earlier === entry) {
      later.earlier = entry.earlier;
      break;
    }
  }
  return newest;
}

/** Decisions that hold a place, by when they expire, so that those of a time go together. */
export class Reservations {
  readonly #byExpiry = new Map<number, Map<string, RememberedDecision>>();

  get isEmpty(): boolean {
    return this.#byExpiry.size === 0;
  }

  add(entry: RememberedDecision): void {
    const together = this.#byExpiry.get(entry.validUntil);
    if (together === undefined) {
      this.#byExpiry.set(entry.validUntil, new Map([[entry.decisionId, entry]]));
    } else {
      together.set(entry.decisionId, entry);
    }
  }

  find(decisionId: string): RememberedDecision | undefined {
    for (const together of this.#byExpiry.values()) {
      const entry = together.get(decisionId);
      if (entry !== undefined) {
        return entry;
      }
    }
    return undefined;
  }

  delete({ validUntil, decisionId }: Remembered): void {
    const together = this.#byExpiry.get(validUntil);
    together?.delete(decisionId);
    if (together?.size === 0) {
      this.#byExpiry.delete(validUntil);
    }
  }

  /** Those that expire after `time`. */
  *after(time: number): Generator<RememberedDecision> {
    for (const [validUntil, together] of this.#byExpiry) {
      if (validUntil > time) {
        yield* together.values();
      }
    }
  }

  /** Those that expired by `time`. */
  *until(time: number): Generator<RememberedDecision> {
    for (const [validUntil, together] of this.#byExpiry) {
      if (validUntil <= time) {
        yield* together.values();
      }
    }
  }
}
