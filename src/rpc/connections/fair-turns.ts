import { guarded, type OnThrown } from "../../domain/guarded.ts";

/** Most calls that begin in one turn of the loop: so much is done before others are heard. */
const MOST_A_TURN = 50;

/**
 * Lets work begin by turns. A connection may bring thousands of calls in one packet, and all of
 * them would be begun before anything else of the process: an order on another connection, a close,
 * a probe. So a turn of the loop begins a few, one of each connection in rotation.
 */
export class FairTurns {
  readonly #most: number;
  readonly #onThrown: OnThrown;
  /** What waits, by whose it is; who is next stands first. */
  readonly #waiting = new Map<object, (() => unknown)[]>();
  #begun = 0;
  #turn: NodeJS.Immediate | undefined;

  /** `onThrown` hears what work throws. */
  constructor(onThrown: OnThrown, most = MOST_A_TURN) {
    this.#onThrown = onThrown;
    this.#most = most;
  }

  /**
   * Begins the work now, where few have begun in this turn and nobody waits; else in a later turn.
   * Work that answers false was abandoned meanwhile, and costs others no turn.
   */
  begin(of: object, work: () => unknown): void {
    this.#turn ??= setImmediate(() => this.#next());
    if (this.#waiting.size === 0 && this.#begun < this.#most) {
      this.#run(work);
      return;
    }
    const waiting = this.#waiting.get(of);
    if (waiting === undefined) {
      this.#waiting.set(of, [work]);
    } else {
      waiting.push(work);
    }
  }

  #next(): void {
    this.#begun = 0;
    this.#turn = undefined;
    // Each is put back at the end, so this comes to all of them, and again to those with more.
    for (const [of, waiting] of this.#waiting) {
      if (this.#begun >= this.#most) {
        break;
      }
      const [work] = waiting.splice(0, 1);
      this.#waiting.delete(of);
      if (waiting.length > 0) {
        this.#waiting.set(of, waiting);
      }
      this.#run(work ?? (() => {}));
    }
    if (this.#waiting.size > 0) {
      this.#turn ??= setImmediate(() => this.#next());
    }
  }

  #run(work: () => unknown): void {
    this.#begun++;
    const begin = (): unknown => {
      const begun = work();
      if (begun === false) {
        this.#begun--;
      }
      return begun;
    };
    guarded(begin, this.#onThrown);
  }
}
