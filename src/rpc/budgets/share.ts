import type { Account, Held } from "./account.ts";
import type { Spender, Turns } from "./turns.ts";

/** What stands behind the shares of all calls. */
export interface ShareContext {
  readonly turns: Turns;
  readonly now: () => number;
  /** Refuses a call: counts it, and throws what `check` throws. */
  readonly refuse: (check: () => void) => void;
  readonly onSpent: (ms: number) => void;
  readonly onEnd: () => void;
}

/**
 * What one call has of its caller's budgets, until its connection is done with it and its work has
 * ended.
 */
export class Share implements Spender {
  readonly #account: Account;
  readonly #held: Held;
  readonly #context: ShareContext;
  /** Whether its processor time is measured. */
  #isTimed: boolean;
  #holders = 1;

  /** Of a budget that was taken. */
  constructor(account: Account, held: Held, isCostly: boolean, context: ShareContext) {
    this.#account = account;
    this.#held = held;
    this.#isTimed = isCostly && account.isTimed;
    this.#context = context;
  }

  get isOver(): boolean {
    return this.#holders === 0;
  }

  /** The call turns out to take processor time; throws where its caller has none left. */
  becomeCostly(): void {
    const { refuse, now } = this.#context;
    refuse(() => this.#account.refuseLate(now()));
    this.#isTimed = this.#account.isTimed;
  }

  /** Runs a piece of the call's work, measured where that counts. */
  turn<T>(work: () => T): T {
    return this.#isTimed ? this.#context.turns.run(this, work) : work();
  }

  /** What follows is the call's work, after it has waited. */
  resume(): void {
    if (this.#isTimed) {
      this.#context.turns.resume(this);
    }
  }

  spend(ms: number): void {
    this.#account.spend(ms, this.#context.now());
    this.#context.onSpent(ms);
  }

  /**
   * One more reason to keep what it has; `release` takes a reason away, and the last one gives all
   * back.
   */
  hold(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0) {
      this.#account.give(this.#held);
      this.#context.onEnd();
    }
  }
}
