import type { RuntimeError } from "../../domain/errors.ts";
import { toRuntimeError } from "../errors.ts";
import { Account, type Budget, type Held, type Limits, type Timed, UNLIMITED } from "./account.ts";
import type { Caller } from "./caller.ts";
import type { Lane } from "./lanes.ts";
import { Share } from "./share.ts";
import { Turns } from "./turns.ts";

export interface BudgetsOptions {
  /** For each caller; none by default. */
  readonly limits?: Limits;
  readonly turns?: Turns;
  /** Monotonic ms. */
  readonly now?: () => number;
  /** A call was refused. `label` is the caller's, for metrics. */
  readonly onRefused?: (budget: Budget, label: string) => void;
  /** A caller has used processor time. */
  readonly onSpent?: (ms: number, label: string) => void;
}

/** What requests of a caller take of its bytes. */
export interface CallerBytes {
  /** Throws `resource_exhausted` where so many bytes more would be too many. */
  expect(count: number): void;
  /** Takes so many, or throws as `expect` does. */
  take(count: number): void;
  /** Gives so many back; each once that was taken. */
  give(count: number): void;
}

/**
 * So many callers are remembered before those are looked for who have nothing under way and owe
 * nothing.
 */
const MANY_CALLERS = 1_000;

/**
 * What each caller uses of what it may, so that none can hurt another. Servers that are given the
 * same one draw on the same budgets. Programs on this machine that need no token are not limited.
 */
export class Budgets {
  readonly #options: Required<BudgetsOptions>;
  readonly #accounts = new Map<string, Account>();
  #many = MANY_CALLERS;

  constructor(options: BudgetsOptions = {}) {
    this.#options = {
      limits: UNLIMITED,
      turns: new Turns(),
      now: () => performance.now(),
      onRefused: () => {},
      onSpent: () => {},
      ...options,
    };
  }

  /**
   * Lets a call in, or throws `resource_exhausted`: which budget, how much of it is used, when to
   * come back. `tell` hears of a refusal, also of one that comes once the call turns out to be
   * costly.
   */
  admit(caller: Caller, lane: Lane, tell: (refusal: RuntimeError) => void = () => {}): Share {
    const { turns, now, onRefused, onSpent } = this.#options;
    const account = this.#accountOf(caller);
    const held = heldBy(lane);
    const timed = timedBy(lane);
    const refusing = (budget: Budget) => (check: () => void) => {
      try {
        check();
      } catch (thrown) {
        this.#forget(caller, account);
        onRefused(budget, caller.label);
        tell(toRuntimeError(thrown));
        throw thrown;
      }
    };
    const refuse = refusing("processor");
    if (timed !== undefined) {
      refusing(timed)(() => account.refuseLate(timed, now()));
    }
    refusing(held)(() => account.take(held));
    return new Share(account, held, timed, {
      turns,
      now,
      refuse,
      onSpent: (ms) => onSpent(ms, caller.label),
      onEnd: () => this.#forget(caller, account),
    });
  }

  /** The bytes of one request of a caller; those of orders count apart. */
  bytes(caller: Caller, isOrder: boolean, tell: (refusal: RuntimeError) => void = () => {}): CallerBytes {
    const budget = isOrder ? "order_bytes" : "bytes";
    // Not one account for good: it is forgotten where nothing of the caller's is left.
    const change = (use: (account: Account) => void): void => {
      const account = this.#accountOf(caller);
      try {
        use(account);
      } catch (thrown) {
        this.#options.onRefused(budget, caller.label);
        tell(toRuntimeError(thrown));
        throw thrown;
      } finally {
        this.#forget(caller, account);
      }
    };
    return {
      expect: (count) => change((account) => account.expect(budget, count)),
      take: (count) => change((account) => account.take(budget, count)),
      give: (count) => change((account) => account.give(budget, count)),
    };
  }

  /**
   * The greatest part of a budget that one caller uses now: 0 to 1, and above where processor time
   * is owed.
   */
  mostUsed(budget: Budget): number {
    const now = this.#options.now();
    return Math.max(0, ...[...this.#accounts.values()].map((account) => account.usedPart(budget, now)));
  }

  /** Callers that use something, or did within the last minute. */
  get callers(): number {
    return this.#accounts.size;
  }

  #accountOf({ key, name, isLocal }: Caller): Account {
    const known = this.#accounts.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.#accounts.size >= this.#many) {
      this.#forgetIdle();
    }
    const account = new Account(name, isLocal ? UNLIMITED : this.#options.limits);
    this.#accounts.set(key, account);
    return account;
  }

  #forget({ key }: Caller, account: Account): void {
    if (account.isIdle(this.#options.now())) {
      this.#accounts.delete(key);
    }
  }

  #forgetIdle(): void {
    const now = this.#options.now();
    for (const [key, account] of this.#accounts) {
      if (account.isIdle(now)) {
        this.#accounts.delete(key);
      }
    }
    this.#many = Math.max(MANY_CALLERS, 2 * this.#accounts.size);
  }
}

function heldBy(lane: Lane): Held {
  switch (lane) {
    case "order":
      return "orders";
    case "read":
    case "costly":
      return "calls";
    case "signals":
    case "stream":
      return "streams";
    default:
      return lane satisfies never;
  }
}

function timedBy(lane: Lane): Timed | undefined {
  switch (lane) {
    case "order":
    case "read":
      return undefined;
    case "costly":
      return "processor";
    case "signals":
    case "stream":
      return "openings";
    default:
      return lane satisfies never;
  }
}
