/** A stream that is away for less is not told of: connections are replaced now and then. */
const TOLD_AFTER_MS = 3_000;
/** A connection that is lost before it is as old as this was of no use. */
const STEADY_MS = 10_000;
/** After so many such in a row, the next one is not trusted before it is that old. */
const MOST_SHORT_LIVED = 3;
/**
 * So many bars in a row that it did not bring and the history has: it is dead, even if it brings
 * bars that form.
 */
const MOST_MISSED = 3;

/** How the bars of a stream come that is down. Times are the venue's, in ms. */
export interface Outage {
  readonly since: number;
  /** By how much the newest bar from the history came late, or the next one is overdue. */
  readonly lateMs: number;
  /** Whether the stream's connection stands, and brings nothing. */
  readonly isSilent: boolean;
  /** Why the history brings no bars either, where it does not. */
  readonly historyFault?: string;
}

/**
 * Whether one stream delivers, and how late its bars come by way of the history where it does not.
 */
export class Delivery {
  /** Since when its connection is to bring it, where there is one. */
  #liveSince: number | undefined;
  #downSince: number | undefined;
  #isSilent = false;
  /** Connections in a row that were of no use. */
  #shortLived = 0;
  #heardAt = Number.NEGATIVE_INFINITY;
  #missed = 0;
  #lateMs: number | undefined;
  #historyFault: string | undefined;

  constructor(now: number, isLive: boolean) {
    this.#liveSince = isLive ? now : undefined;
    this.#downSince = isLive ? undefined : now;
  }

  get liveSince(): number | undefined {
    return this.#liveSince;
  }

  /** From now on a connection is to bring it. False where one did already. */
  live(now: number): boolean {
    if (this.#liveSince !== undefined) {
      return false;
    }
    this.#liveSince = now;
    return true;
  }

  lost(now: number): void {
    this.#shortLived = this.#isSteady(now) ? 0 : this.#shortLived + 1;
    this.#liveSince = undefined;
    this.#downSince ??= now;
    this.#isSilent = false;
  }

  /** Whether it keeps silent where the history has bars. */
  get isMute(): boolean {
    return this.#missed >= MOST_MISSED;
  }

  /** It brought a bar: one that has closed, or one that forms. */
  heard(now: number, isClosed: boolean): void {
    this.#heardAt = now;
    if (isClosed) {
      this.#missed = 0;
    }
    if (this.isMute) {
      return;
    }
    this.#isSilent = false;
    if (this.#shortLived < MOST_SHORT_LIVED || this.#isSteady(now)) {
      this.#recovered();
    }
  }

  /**
   * `lateMs`: how long ago the newest bar that it brought had closed; undefined where it brought
   * none.
   */
  historyAnswered(lateMs: number | undefined): void {
    this.#lateMs = lateMs ?? this.#lateMs;
    this.#historyFault = undefined;
  }

  /**
   * The history has a bar that closed then, and the stream, whose connection stands, did not bring
   * it.
   */
  missed(close: number): void {
    this.#missed++;
    // Where it has spoken since, that bar is late, or lost.
    if (this.#heardAt <= close || this.isMute) {
      this.#isSilent = true;
      this.#downSince ??= close;
    }
  }

  historyFailed(why: string): void {
    this.#historyFault = why;
  }

  /**
   * Undefined while all is well. `due`: when the next bar closes. `pollMs`: how long after that the
   * history is asked for it.
   */
  outage(now: number, due: number, pollMs: number): Outage | undefined {
    // A market in which nothing is traded may leave a stream with nothing to say.
    if (!this.#isSilent && this.#isSteady(now)) {
      this.#recovered();
    }
    const since = this.#downSince;
    if (since === undefined || now - since < TOLD_AFTER_MS) {
      return undefined;
    }
    const lateMs = Math.max(this.#lateMs ?? pollMs, now - due);
    const historyFault = this.#historyFault;
    return { since, lateMs, isSilent: this.#isSilent, ...(historyFault !== undefined && { historyFault }) };
  }

  #isSteady(now: number): boolean {
    return this.#liveSince !== undefined && now - this.#liveSince >= STEADY_MS;
  }

  #recovered(): void {
    this.#downSince = this.#lateMs = this.#historyFault = undefined;
  }
}
