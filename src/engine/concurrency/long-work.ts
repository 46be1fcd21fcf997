import { RuntimeError } from "../../domain/errors.ts";
import { Pace, type PaceClock } from "./pace.ts";
import { Serial } from "./serial.ts";

/**
 * Wall time of callers' works between two looks at what else is to be done. Shorter than that of
 * the engine's own: a caller who always has some would have every order and close wait for as long.
 */
const SLICE_MS = 0.5;

/** Who waits for a work. */
export interface WorkCaller {
  /** Asked for at rests only: most works end before there is one. */
  readonly signal: AbortSignal;
}

/**
 * Long works that callers ask for, such as decoding what they send and computing on it: together
 * they get one slice between two looks at what else is to be done, however many they are. Those who
 * rest go on one at a time, in the order in which they came.
 */
export class LongWorks {
  readonly #clock: PaceClock;
  // Each sets its own timer: whose turn it is, is known by what has set it.
  readonly #turns = new Serial();
  #resting = 0;
  #rests = 0;

  constructor(clock: PaceClock) {
    this.#clock = clock;
  }

  /** How often works have rested so far. */
  get rests(): number {
    return this.#rests;
  }

  /** A work that begins now. `caller`: with whom it ends. */
  work(caller?: WorkCaller): LongWork {
    const pace = new Pace(this.#clock, this.#clock.monotonic(), () => this.#rest(), SLICE_MS);
    return new LongWork(pace, () => this.#resting > 0, caller);
  }

  async #rest(): Promise<void> {
    this.#rests++;
    this.#resting++;
    await this.#turns.run(() => new Promise<void>((resolve) => this.#clock.after(0, resolve)));
    this.#resting--;
  }
}

/** One long work of a call, which rests with the others. */
export class LongWork {
  readonly #pace: Pace;
  readonly #othersRest: () => boolean;
  readonly #caller: WorkCaller | undefined;
  #isGivenUp = false;

  constructor(pace: Pace, othersRest: () => boolean, caller?: WorkCaller) {
    this.#pace = pace;
    this.#othersRest = othersRest;
    this.#caller = caller;
  }

  /** Whether its slice is over and it is time to rest. */
  isLate(): boolean {
    return this.#pace.isLate();
  }

  /** The same after so many steps of a microsecond or so. */
  isLateAfter(steps: number): boolean {
    return this.#pace.isLateAfter(steps);
  }

  /** To be awaited where long work begins: where others rest, it waits for its turn. */
  async begin(): Promise<void> {
    if (this.#othersRest()) {
      await this.rest();
    }
  }

  /** Lets others go first. Throws where nobody waits for the work any more: what ended its call. */
  async rest(): Promise<void> {
    await this.#pace.rest();
    this.throwIfUnwanted();
  }

  throwIfUnwanted(): void {
    this.#caller?.signal.throwIfAborted();
    if (this.#isGivenUp) {
      throw new RuntimeError("cancelled", "nobody waits for this any more");
    }
  }

  /** Nobody waits for it any more: it ends at its next rest. */
  giveUp(): void {
    this.#isGivenUp = true;
  }
}
