import type { Clock } from "../../../ports/clock.ts";

/**
 * A sample further away from the estimate than this is not believed before the next one says the
 * same.
 */
const LEAP_MS = 5_000;
/** By so much two samples may differ that say the same. */
const AGREED_MS = 1_000;
/**
 * An event time further ahead of the estimate than this is not believed; the venue is asked for its
 * time instead.
 */
const MOST_AHEAD_MS = 5_000;

/**
 * The venue's clock, as far as it can be known here: an estimate that is never ahead of it by more
 * than the clocks drift between two samples, so that no bar counts as closed before it is (R2). It
 * runs on monotonic time, so that steps of the wall clock do not move it.
 */
export class VenueTime {
  readonly #clock: Clock;
  /** Venue time less monotonic time. */
  #offset: number | undefined;
  #latest = Number.NEGATIVE_INFINITY;
  #doubtful = false;
  /** What the last sample said, where it was not believed. */
  #leap: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isSynced(): boolean {
    return this.#offset !== undefined;
  }

  /** Whether something spoke against the estimate since the last sample. */
  get isDoubtful(): boolean {
    return this.#doubtful;
  }

  /** Whether the last sample was not believed, so that the next one decides. */
  get isUnconfirmed(): boolean {
    return this.#leap !== undefined;
  }

  /**
   * The estimate, ms since the epoch: wall time as long as the venue was never heard. A sample may
   * set it back.
   */
  estimate(): number {
    return Math.floor(this.#offset === undefined ? this.#clock.now() : this.#clock.monotonic() + this.#offset);
  }

  /** Market time: the estimate, held where a sample set it back. */
  now(): number {
    this.#latest = Math.max(this.#latest, this.estimate());
    return this.#latest;
  }

  /** What the estimate was, or would have been, at this monotonic time. */
  at(monotonic: number): number {
    return this.estimate() - (this.#clock.monotonic() - monotonic);
  }

  /**
   * The venue said `serverTime` in answer to a request sent at monotonic `sentAt`: its clock stands
   * between that and that plus the round trip now. The estimate moves no further than into these
   * bounds, to the lower one at first.
   *
   * A leap has to be said twice: market time never goes back, so one wrong answer from the future
   * would stop it for as long as it is wrong by.
   */
  sample(serverTime: number, sentAt: number): void {
    const received = this.#clock.monotonic();
    const least = serverTime - received;
    const most = serverTime - sentAt;
    const known = this.#offset ?? this.#clock.now() - received;
    const isNear = known >= least - LEAP_MS && known <= most + LEAP_MS;
    const isAgreed = this.#leap !== undefined && Math.abs(this.#leap - least) <= AGREED_MS + (received - sentAt);
    this.#leap = isNear || isAgreed ? undefined : least;
    this.#doubtful = !(isNear || isAgreed);
    if (isNear || isAgreed) {
      this.#offset = this.#offset === undefined ? least : Math.min(Math.max(known, least), most);
    }
  }

  /**
   * The venue's clock stands at `time` or later: an event said so. False where that cannot be
   * believed.
   */
  atLeast(time: number): boolean {
    if (this.#offset === undefined || time - this.estimate() > MOST_AHEAD_MS) {
      this.#doubtful = true;
      return false;
    }
    this.#offset = Math.max(this.#offset, time - this.#clock.monotonic());
    return true;
  }
}
