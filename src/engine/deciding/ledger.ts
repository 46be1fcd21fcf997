import type { DecisionTrace } from "../../ports/decision-journal.ts";

/** What of a decision must be remembered. */
export type Remembered = Omit<DecisionTrace, "sequence">;

/** What is judged: a strategy of a kind on a symbol's bar. */
export type Judged = Pick<Remembered, "strategyId" | "strategyVersion" | "symbol" | "barCloseTime" | "shadow">;

/** A decision that is remembered. */
class Entry implements Remembered {
  readonly decisionId: string;
  readonly strategyId: string;
  readonly strategyVersion: number;
  readonly symbol: string;
  readonly barCloseTime: number;
  readonly timestamp: number;
  readonly validUntil: number;
  readonly shadow: boolean;
  /** The one before it on the same pair, by timestamp. */
  earlier: Entry | undefined;

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

/** What is remembered of a strategy. */
class Account {
  /** The newest decision by symbol. */
  readonly newest = new Map<string, Entry>();
  /** Decisions that may still hold a place, in order of expiry, so that those of today stand at the end. */
  readonly reserved: Entry[] = [];
  readonly openPositions = new Set<string>();

  get isEmpty(): boolean {
    return this.newest.size === 0 && this.reserved.length === 0 && this.openPositions.size === 0;
  }
}

/**
 * What the stateful gates remember (R30 to R33): decisions made, places reserved by them, positions open.
 * Filled from the journal and the position book at start, kept current by every commit and report.
 */
export class Ledger {
  /** By strategy. */
  readonly #accounts = new Map<string, Account>();
  /**
   * Decisions that may still hold a place, in order of their coming. What is reported on is nearly always among the last, so it is looked for from the
   * end; a map of all would stall a commit each time that it grows.
   */
  #unsettled: Entry[] = [];
  #count = 0;

  /** Decisions remembered. */
  get size(): number {
    return this.#count;
  }

  /** Remembers a decision, with its reservation unless it is settled already. What this answers is for `forget`. */
  record(decision: Remembered, settled = false): Remembered {
    const entry = new Entry(decision);
    const account = this.#account(entry.strategyId);
    const newest = account.newest.get(entry.symbol);
    if (newest === undefined || newest.timestamp <= entry.timestamp) {
      entry.earlier = newest;
      account.newest.set(entry.symbol, entry);
    } else {
      const later = lastAfter(newest, entry.timestamp);
      entry.earlier = later.earlier;
      later.earlier = entry;
    }
    this.#count++;
    if (!settled) {
      this.#unsettled.push(entry);
      insert(account.reserved, entry);
    }
    return entry;
  }

  /** Takes back what was recorded. Where that was more than one, the last goes first. */
  forget(recorded: Remembered): void {
    const account = this.#account(recorded.strategyId);
    const newest = account.newest.get(recorded.symbol);
    if (newest === recorded) {
      this.#count--;
      if (newest.earlier === undefined) {
        account.newest.delete(recorded.symbol);
      } else {
        account.newest.set(recorded.symbol, newest.earlier);
      }
    } else {
      for (let later = newest; later !== undefined; later = later.earlier) {
        if (later.earlier === recorded) {
          this.#count--;
          later.earlier = later.earlier.earlier;
          break;
        }
      }
    }
    const place = this.#unsettled.lastIndexOf(recorded as Entry);
    if (place >= 0) {
      this.#release(place);
    }
  }

  /**
   * R30: the decision of its kind that was already made for this strategy, symbol and bar. One of the other kind counts where
   * it has the same version, as after a strategy was deleted and saved anew: both would have one id (R34).
   */
  decided({ strategyId, strategyVersion, symbol, barCloseTime, shadow }: Judged): Remembered | undefined {
    // No decision is older than its bar's close, so the search may end at the first that is.
    let entry = this.#newest(strategyId, symbol);
    while (entry !== undefined && entry.timestamp >= barCloseTime) {
      const isSame = entry.shadow === shadow || entry.strategyVersion === strategyVersion;
      if (entry.barCloseTime === barCloseTime && isSame) {
        return entry;
      }
      entry = entry.earlier;
    }
    return undefined;
  }

  /** Whether the decision was made, and not so long ago that retention has dropped it. */
  knows(decisionId: string): boolean {
    // What is reported on is nearly always fresh, and found at once; the rest is a look through all.
    return (
      this.#placeOf(decisionId) >= 0 ||
      this.#accounts.values().some(({ newest }) => newest.values().some((entry) => holds(entry, decisionId)))
    );
  }

  /** R31: timestamp of the pair's newest decision of this kind, of those at or before `time`. */
  newest(strategyId: string, symbol: string, shadow: boolean, time: number): number | undefined {
    let entry = this.#newest(strategyId, symbol);
    while (entry !== undefined && (entry.shadow !== shadow || entry.timestamp > time)) {
      entry = entry.earlier;
    }
    return entry?.timestamp;
  }

  /**
   * R32: places held at `time` by decisions that are neither settled nor expired; none made after `asOf` (R49). A decision on the very bar
   * counts though a call made it later than the bar's close; one on a later bar belongs to a future that a replay has yet to come to.
   */
  reserved(strategyId: string, shadow: boolean, time: number, asOf = Number.POSITIVE_INFINITY): number {
    const reserved = this.#accounts.get(strategyId)?.reserved;
    let count = 0;
    for (let i = (reserved?.length ?? 0) - 1; i >= 0; i--) {
      const entry = reserved?.[i];
      if (entry === undefined || entry.validUntil <= time) {
        // All before it have expired, too.
        break;
      }
      if (entry.shadow === shadow && entry.barCloseTime <= time && entry.timestamp <= asOf) {
        count++;
      }
    }
    return count;
  }

  open(strategyId: string): number {
    return this.#accounts.get(strategyId)?.openPositions.size ?? 0;
  }

  /** A position was opened: it counts, and its decision's reservation does not any more. */
  positionOpened(strategyId: string, positionId: string, decisionId: string | undefined): void {
    this.#account(strategyId).openPositions.add(positionId);
    if (decisionId !== undefined) {
      this.settle(decisionId);
    }
  }

  positionClosed(strategyId: string, positionId: string): void {
    this.#accounts.get(strategyId)?.openPositions.delete(positionId);
  }

  /** Frees the decision's place: it was rejected, or became a position. */
  settle(decisionId: string): void {
    const place = this.#placeOf(decisionId);
    if (place >= 0) {
      this.#release(place);
    }
  }

  /** Forgets decisions made before `time`, which the journal drops too, and reservations that expired before `now`. */
  prune(time: number, now: number): void {
    for (const [strategyId, account] of this.#accounts) {
      for (const [symbol, newest] of account.newest) {
        this.#dropBefore(account, symbol, newest, time);
      }
      account.reserved.splice(0, account.reserved.findLastIndex((entry) => entry.validUntil <= now) + 1);
      if (account.isEmpty) {
        this.#accounts.delete(strategyId);
      }
    }
    this.#unsettled = this.#unsettled.filter((entry) => entry.validUntil > now);
  }

  #dropBefore(account: Account, symbol: string, newest: Entry, time: number): void {
    if (newest.timestamp < time) {
      account.newest.delete(symbol);
      this.#count -= lengthOf(newest);
      return;
    }
    const lastKept = lastAfter(newest, time - 1);
    this.#count -= lengthOf(lastKept.earlier);
    lastKept.earlier = undefined;
  }

  /** Place among the unsettled; below 0 where it is not among them. */
  #placeOf(decisionId: string): number {
    return this.#unsettled.findLastIndex((entry) => entry.decisionId === decisionId);
  }

  #release(place: number): void {
    const [entry] = this.#unsettled.splice(place, 1);
    if (entry !== undefined) {
      const { reserved } = this.#account(entry.strategyId);
      reserved.splice(reserved.lastIndexOf(entry), 1);
    }
  }

  #account(strategyId: string): Account {
    let account = this.#accounts.get(strategyId);
    if (account === undefined) {
      account = new Account();
      this.#accounts.set(strategyId, account);
    }
    return account;
  }

  #newest(strategyId: string, symbol: string): Entry | undefined {
    return this.#accounts.get(strategyId)?.newest.get(symbol);
  }
}

/** The oldest with a timestamp above `time`, of a pair whose newest has one. */
function lastAfter(newest: Entry, time: number): Entry {
  let entry = newest;
  while (entry.earlier !== undefined && entry.earlier.timestamp > time) {
    entry = entry.earlier;
  }
  return entry;
}

function lengthOf(newest: Entry | undefined): number {
  let length = 0;
  for (let entry = newest; entry !== undefined; entry = entry.earlier) {
    length++;
  }
  return length;
}

function holds(newest: Entry, decisionId: string): boolean {
  for (let entry: Entry | undefined = newest; entry !== undefined; entry = entry.earlier) {
    if (entry.decisionId === decisionId) {
      return true;
    }
  }
  return false;
}

/** Puts an entry in its place by expiry. What is recorded nearly always expires last, so the search begins at the end. */
function insert(reserved: Entry[], entry: Entry): void {
  let place = reserved.length;
  while (place > 0 && (reserved[place - 1] as Entry).validUntil > entry.validUntil) {
    place--;
  }
  if (place === reserved.length) {
    reserved.push(entry);
  } else {
    reserved.splice(place, 0, entry);
  }
}
