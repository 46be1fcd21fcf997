import { RuntimeError } from "../../../domain/errors.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { VenueTime } from "./venue-time.ts";

const AGAIN_MS = 60_000;
/** After a failure, and where an event spoke against the estimate. */
const SOON_AGAIN_MS = 2_000;
/** After a leap, which has to be confirmed. */
const CONFIRM_MS = 500;
/** A time far from this machine's has to be told twice. */
const MOST_TRIES = 3;

/** Asks the venue for its time: at first, every minute, and where in doubt. */
export class TimeSync {
  readonly #serverTime: () => Promise<number>;
  readonly #time: VenueTime;
  readonly #clock: Clock;
  #asking: Promise<void> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #failed = false;

  constructor(serverTime: () => Promise<number>, time: VenueTime, clock: Clock) {
    this.#serverTime = serverTime;
    this.#time = time;
    this.#clock = clock;
  }

  /**
   * Resolves once the venue's time is known. Fails with `unavailable` where it does not tell it, or
   * another one each time.
   */
  async done(): Promise<void> {
    for (let tries = 0; !this.#time.isSynced; tries++) {
      if (tries === MOST_TRIES) {
        throw new RuntimeError("unavailable", "Binance tells another time whenever it is asked; try again later");
      }
      await this.#ask();
    }
  }

  tick(): void {
    if (this.#clock.monotonic() - this.#askedAt >= this.#againMs) {
      // A failure is told to whoever needs the time; here it is only tried again.
      this.#ask().catch(() => undefined);
    }
  }

  get #againMs(): number {
    const { isDoubtful, isSynced, isUnconfirmed } = this.#time;
    if (isUnconfirmed && !this.#failed) {
      return CONFIRM_MS;
    }
    return this.#failed || isDoubtful || !isSynced ? SOON_AGAIN_MS : AGAIN_MS;
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#sample().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #sample(): Promise<void> {
    const sentAt = this.#clock.monotonic();
    this.#askedAt = sentAt;
    this.#failed = true;
    const serverTime = await this.#serverTime();
    this.#failed = false;
    this.#time.sample(serverTime, sentAt);
  }
}
