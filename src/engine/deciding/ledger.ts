import type { DecisionTrace } from "../../ports/decision-journal.ts";

/**
 * What the stateful gates remember (R30 to R33): decisions made, places reserved by them, positions open.
 * Filled from the journal and the position book at start, kept current by every commit and report.
 */
export class Ledger {
  /** By strategy and symbol, each in order of timestamp. */
  readonly #byPair = new Map<string, Map<string, DecisionTrace[]>>();
  /** Decisions that may still hold a place, by strategy; each list in order of expiry, so that those of today stand at its end. */
  readonly #reservations = new Map<string, DecisionTrace[]>();
  /** The same by decision id. */
  readonly #unsettled = new Map<string, DecisionTrace>();
  readonly #openPositions = new Map<string, Set<string>>();
  #count = 0;

  /** Decisions remembered. */
  get size(): number {
    return this.#count;
  }

  /** Remembers a decision, with its reservation unless it is settled already. */
  record(trace: DecisionTrace, settled = false): void {
    const bySymbol = this.#byPair.get(trace.strategyId) ?? new Map<string, DecisionTrace[]>();
    this.#byPair.set(trace.strategyId, bySymbol);
    const traces = bySymbol.get(trace.symbol);
    if (traces === undefined) {
      bySymbol.set(trace.symbol, [trace]);
    } else {
      insert(traces, trace, (earlier) => earlier.timestamp <= trace.timestamp);
    }
    this.#count++;
    if (!settled) {
      this.#unsettled.set(trace.decisionId, trace);
      const reserved = this.#reservations.get(trace.strategyId);
      if (reserved === undefined) {
        this.#reservations.set(trace.strategyId, [trace]);
      } else {
        insert(reserved, trace, (earlier) => earlier.validUntil <= trace.validUntil);
      }
    }
  }

  /** R30: the decision already made for this strategy version, symbol and bar. */
  decided(strategyId: string, version: number, symbol: string, barCloseTime: number): DecisionTrace | undefined {
    const traces = this.#byPair.get(strategyId)?.get(symbol);
    if (traces === undefined) {
      return undefined;
    }
    // No decision is older than its bar's close, so the search may end at the first that is.
    for (let i = traces.length - 1; i >= 0; i--) {
      const trace = traces[i];
      if (trace === undefined || trace.timestamp < barCloseTime) {
        return undefined;
      }
      if (trace.barCloseTime === barCloseTime && trace.strategyVersion === version) {
        return trace;
      }
    }
    return undefined;
  }

  /** Whether the decision was made, and not so long ago that retention has dropped it. */
  knows(decisionId: string): boolean {
    // What is reported on is nearly always fresh, and found at once; the rest is a look through all.
    return (
      this.#unsettled.has(decisionId) ||
      this.#byPair
        .values()
        .some((bySymbol) => bySymbol.values().some((traces) => traces.some((trace) => trace.decisionId === decisionId)))
    );
  }

  /** R31: timestamp of the pair's newest decision of this kind, of those at or before `time`. */
  newest(strategyId: string, symbol: string, shadow: boolean, time: number): number | undefined {
    const traces = this.#byPair.get(strategyId)?.get(symbol);
    for (let i = (traces?.length ?? 0) - 1; i >= 0; i--) {
      const trace = traces?.[i];
      if (trace !== undefined && trace.shadow === shadow && trace.timestamp <= time) {
        return trace.timestamp;
      }
    }
    return undefined;
  }

  /**
   * R32: places held at `time` by decisions that are neither settled nor expired; none made after `asOf` (R49). A decision on the very bar
   * counts though a call made it later than the bar's close; one on a later bar belongs to a future that a replay has yet to come to.
   */
  reserved(strategyId: string, shadow: boolean, time: number, asOf = Number.POSITIVE_INFINITY): number {
    const reserved = this.#reservations.get(strategyId) ?? [];
    let count = 0;
    for (let i = reserved.length - 1; i >= 0; i--) {
      const trace = reserved[i];
      if (trace === undefined || trace.validUntil <= time) {
        // All before it have expired, too.
        break;
      }
      if (trace.shadow === shadow && trace.barCloseTime <= time && trace.timestamp <= asOf) {
        count++;
      }
    }
    return count;
  }

  open(strategyId: string): number {
    return this.#openPositions.get(strategyId)?.size ?? 0;
  }

  /** A position was opened: it counts, and its decision's reservation does not any more. */
  positionOpened(strategyId: string, positionId: string, decisionId: string | undefined): void {
    const positions = this.#openPositions.get(strategyId) ?? new Set<string>();
    this.#openPositions.set(strategyId, positions.add(positionId));
    if (decisionId !== undefined) {
      this.settle(decisionId);
    }
  }

  positionClosed(strategyId: string, positionId: string): void {
    this.#openPositions.get(strategyId)?.delete(positionId);
  }

  /** Frees the decision's place: it was rejected, or became a position. */
  settle(decisionId: string): void {
    const trace = this.#unsettled.get(decisionId);
    if (trace !== undefined) {
      this.#unsettled.delete(decisionId);
      const reserved = this.#reservations.get(trace.strategyId) ?? [];
      reserved.splice(reserved.lastIndexOf(trace), 1);
    }
  }

  /** Forgets decisions made before `time`, which the journal drops too, and reservations that expired before `now`. */
  prune(time: number, now: number): void {
    for (const [strategyId, bySymbol] of this.#byPair) {
      for (const [symbol, traces] of bySymbol) {
        const kept = traces.filter((trace) => trace.timestamp >= time);
        this.#count -= traces.length - kept.length;
        if (kept.length === 0) {
          bySymbol.delete(symbol);
        } else {
          bySymbol.set(symbol, kept);
        }
      }
      if (bySymbol.size === 0) {
        this.#byPair.delete(strategyId);
      }
    }
    for (const [strategyId, reserved] of this.#reservations) {
      const expired = reserved.findLastIndex((trace) => trace.validUntil <= now) + 1;
      for (const { decisionId } of reserved.splice(0, expired)) {
        this.#unsettled.delete(decisionId);
      }
      if (reserved.length === 0) {
        this.#reservations.delete(strategyId);
      }
    }
  }
}

/** Puts a trace behind those that come before it. What is recorded is nearly always the newest, so the search begins at the end. */
function insert(traces: DecisionTrace[], trace: DecisionTrace, isBefore: (other: DecisionTrace) => boolean): void {
  let place = traces.length;
  while (place > 0 && !isBefore(traces[place - 1] as DecisionTrace)) {
    place--;
  }
  if (place === traces.length) {
    traces.push(trace);
  } else {
    traces.splice(place, 0, trace);
  }
}
