import type { Clock } from "../../ports/clock.ts";

export interface MarketTimeOptions {
  readonly clock: Clock;
  /** Market seconds for each second of the monotonic clock; infinite: as fast as it is read. */
  readonly speed: number;
  readonly start: number;
  /** Market time goes no further. */
  readonly end: number;
  /** Whether it stands still while there is no reader: a recording must not run out unheard. */
  readonly waitsForReader: boolean;
}

/** Node's timers are 32 bits of ms; a longer wait is made of several. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Market time that follows a clock, and never passes a close that a reader still reads: however
 * slow the readers are, and whenever the process was paused, each close is read at its own time.
 * Readers that were slow catch up as fast as they can. Steps of the wall clock do not move market
 * time.
 */
export class MarketTime {
  readonly #options: MarketTimeOptions;
  readonly #readers = new Set<TimeReader>();
  /** Market time as it was told last. */
  #latest: number;
  /** Market time at the monotonic time `#since`, from when on the clock has been followed. */
  #from: number;
  #since: number;
  #cancelTimer = () => {};
  #closed = false;

  constructor(options: MarketTimeOptions) {
    this.#options = options;
    this.#latest = options.start;
    this.#from = options.start;
    this.#since = options.clock.monotonic();
  }

  /** Ms since the epoch; never goes back. */
  now(): number {
    const { clock, speed, end, waitsForReader } = this.#options;
    if (this.#closed || (waitsForReader && this.#readers.size === 0)) {
      return this.#latest;
    }
    const clockTime =
      speed === Number.POSITIVE_INFINITY ? speed : Math.floor(this.#from + (clock.monotonic() - this.#since) * speed);
    const time = Math.min(clockTime, this.#awaited());
    // Neither the clock nor a reader bounds it where all wait for ever, as fast as they read.
    if (time < Number.POSITIVE_INFINITY) {
      this.#latest = Math.max(this.#latest, Math.min(time, end));
    }
    return this.#latest;
  }

  /** A reader from now on: market time stands still until it has asked for more, or has left. */
  join(): TimeReader {
    const now = this.now();
    if (this.#readers.size === 0 && this.#options.waitsForReader) {
      // What passed while nobody read is not caught up with.
      this.#from = now;
      this.#since = this.#options.clock.monotonic();
    }
    const reader = new TimeReader(now, {
      waits: () => this.#advance(),
      left: () => {
        // While it still counts as a reader: without one, market time may stand still.
        this.now();
        this.#readers.delete(reader);
        this.#advance();
      },
    });
    if (this.#closed) {
      reader.leave();
    } else {
      this.#readers.add(reader);
    }
    return reader;
  }

  /** All readers leave, and market time stands still; those who join later have left already. */
  stop(): void {
    this.now();
    this.#closed = true;
    this.#cancelTimer();
    for (const reader of this.#readers) {
      reader.leave();
    }
  }

  /** The earliest time that a reader waits for, or is still reading at; infinite where none is. */
  #awaited(): number {
    let awaited = Number.POSITIVE_INFINITY;
    for (const reader of this.#readers) {
      awaited = Math.min(awaited, reader.at);
    }
    return awaited;
  }

  /** Answers the readers whose time has come, or sets the timer for the first of them. */
  #advance(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    if (this.#closed || this.#readers.values().some(({ isWaiting }) => !isWaiting)) {
      return;
    }
    const { clock, speed, end } = this.#options;
    const next = this.#awaited();
    if (next > end || next === Number.POSITIVE_INFINITY) {
      return;
    }
    const left = next - this.now();
    if (left > 0) {
      // Timers may fire a little early, and market time is cut to ms: look again rather than trust
      // one wait.
      const wait = Math.min(LONGEST_WAIT_MS, Math.max(1, Math.ceil(left / speed)));
      this.#cancelTimer = clock.after(wait, () => this.#advance());
      return;
    }
    for (const reader of this.#readers) {
      reader.come(next);
    }
  }
}

/** One subscription's hold on market time. */
export class TimeReader {
  /** The market time that it waits for, or is still reading at. */
  at: number;
  left = false;
  readonly #on: { readonly waits: () => void; readonly left: () => void };
  #answer: ((hasCome: boolean) => void) | undefined;

  constructor(now: number, on: { readonly waits: () => void; readonly left: () => void }) {
    this.at = now;
    this.#on = on;
  }

  get isWaiting(): boolean {
    return this.#answer !== undefined;
  }

  /** Market time has come to `time`. */
  come(time: number): void {
    if (this.at <= time) {
      this.#answerWith(true);
    }
  }

  /**
   * Resolves with true once market time has come to `time`, with false once the reader has left.
   * Market time stands still from then on, until the reader asks again. One call at a time.
   */
  until(time: number): Promise<boolean> {
    if (this.left) {
      return Promise.resolve(false);
    }
    return new Promise((answer) => {
      this.at = Math.max(this.at, time);
      this.#answer = answer;
      this.#on.waits();
    });
  }

  /** Idempotent; a call of `until` that is under way ends at once. */
  leave(): void {
    if (!this.left) {
      this.left = true;
      this.#answerWith(false);
      this.#on.left();
    }
  }

  #answerWith(hasCome: boolean): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(hasCome);
  }
}
