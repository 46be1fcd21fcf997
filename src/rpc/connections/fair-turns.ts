import { guarded, type OnThrown } from "../../domain/guarded.ts";
import { isOrder } from "../budgets/lanes.ts";

/** Wall time of a turn of the loop in which work begins, and goes on as far as it comes. */
const TURN_MS = 0.5;

/**
 * Lets work begin by turns. A connection may bring thousands of calls in one packet, and all of
 * them would be begun before anything else of the process: an order on another connection, a close,
 * a probe. So a turn of the loop begins what a short time allows, one of each connection in
 * rotation.
 */
export class FairTurns {
  readonly #onThrown: OnThrown;
  /** Monotonic ms. */
  readonly #now: () => number;
  /** What waits, by whose it is; who is next stands first. */
  readonly #waiting = new Map<object, (() => unknown)[]>();
  /** When the turn of now is over; no work has begun in it where this is undefined. */
  #until: number | undefined;
  #isNext = false;

  /** `onThrown` hears what work throws. */
  constructor(onThrown: OnThrown, now: () => number = () => performance.now()) {
    this.#onThrown = onThrown;
    this.#now = now;
  }

  /**
   * Begins the work now, where this turn is not over and nobody waits; else in a later turn.
   * Work that was abandoned meanwhile costs others no turn.
   */
  begin(of: object, work: () => unknown): void {
    if (this.#waiting.size === 0 && !this.#isOver()) {
      this.#nextTurn();
      guarded(work, this.#onThrown);
      return;
    }
    const waiting = this.#waiting.get(of);
    if (waiting === undefined) {
      this.#waiting.set(of, [work]);
    } else {
      waiting.push(work);
    }
    this.#nextTurn();
  }

  #isOver(): boolean {
    const now = this.#now();
    this.#until ??= now + TURN_MS;
    return now >= this.#until;
  }

  #nextTurn(): void {
    if (!this.#isNext) {
      this.#isNext = true;
      setImmediate(() => {
        this.#isNext = false;
        this.#until = undefined;
        this.#goOn();
      });
    }
  }

  /**
   * Begins what waits first, and goes on once that has come as far as it comes without waiting:
   * a call's work is more than its beginning.
   */
  #goOn(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      return;
    }
    this.#nextTurn();
    if (this.#isOver()) {
      return;
    }
    const [of, works] = first;
    const work = works.shift();
    // Whoever has more comes after all others.
    this.#waiting.delete(of);
    if (works.length > 0) {
      this.#waiting.set(of, works);
    }
    guarded(work ?? (() => {}), this.#onThrown);
    // A tick that is asked for by a microtask comes once all microtasks have run.
    queueMicrotask(() => process.nextTick(() => this.#goOn()));
  }
}

/** Lets calls begin by turns. Orders, which must arrive, wait behind orders alone. */
export class CallTurns {
  readonly #ofOrders: FairTurns;
  readonly #ofOthers: FairTurns;

  constructor(...options: ConstructorParameters<typeof FairTurns>) {
    this.#ofOrders = new FairTurns(...options);
    this.#ofOthers = new FairTurns(...options);
  }

  /** As `FairTurns`; `path`: of the request. */
  begin(path: string, of: object, work: () => unknown): void {
    (isOrder(path.slice(1)) ? this.#ofOrders : this.#ofOthers).begin(of, work);
  }
}
