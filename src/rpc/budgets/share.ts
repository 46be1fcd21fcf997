import type { Account, Held, Timed } from "./account.ts";
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
  /** By which budget its processor time goes; undefined where that is not measured. */
  #timed: Timed | undefined;
  #holders = 1;

  /** Of a budget that was taken. */
  constructor(account: Account, held: Held, timed: Timed | undefined, context: ShareContext) {
    this.#account = account;
    this.#held = held;
    this.#timed = timed !== undefined && account.isTimed(timed) ? timed : undefined;
    this.#context = context;
  }

  get isOver(): boolean {
    return this.#holders === 0;
  }

  /** The call turns out to take processor time; throws where its caller has none left. */
  becomeCostly(): void {
    const { refuse, now } = this.#context;
    refuse(() => this.#account.refuseLate("processor", now()));
    this.#timed = this.#account.isTimed("processor") ? "processor" : undefined;
  }

  /** Runs a piece of the call's work, measured where that counts. */
  turn<T>(work: () => T): T {
    return this.#timed !== undefined ? this.#context.turns.run(this, work) : work();
  }

  /** What follows is the call's work, after it has waited. */
  resume(): void {
    if (this.#timed !== undefined) {
      this.#context.turns.resume(this);
    }
  }

  spend(ms: number): void {
    if (this.#timed !== undefined) {
      this.#account.spend(this.#timed, ms, this.#context.now());
    }
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
