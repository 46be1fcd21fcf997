import { RuntimeError } from "../../../domain/errors.ts";
import { LaneUses, REQUEST_LANES, type RequestLane } from "./request-lanes.ts";
import { WeightBucket } from "./weight-bucket.ts";

/** Requests that may wait; one more is refused. */
const MOST_WAITING = 5_000;
/** Requests under way at once. */
const MOST_UNDER_WAY = 10;
/**
 * Of the venue's limit a minute: what may be spent at once, and what is regained in a minute.
 * Together they stay below it in any minute.
 */
const BURST_SHARE = 0.5;
const REGAINED_SHARE = 0.4;
/**
 * Where the venue counts more than this share used in its minute, by whomever, its next minute is
 * waited for.
 */
const MOST_USED_SHARE = 0.95;

const MINUTE_MS = 60_000;

/** What a request waits for. Times are monotonic ms. */
export interface Turn {
  /** What the venue counts it as. */
  readonly weight: number;
  readonly notBefore: number;
  /** By when it must be under way, else it fails. */
  readonly deadline: number;
  readonly lane: RequestLane;
}

interface Waiting extends Turn {
  readonly start: (done: () => void) => void;
  readonly refuse: (error: RuntimeError) => void;
}

/** Times that the queue reads: monotonic, and the venue's, whose minutes its limit counts in. */
export interface QueueTimes {
  readonly monotonic: () => number;
  readonly venue: () => number;
}

/**
 * Keeps all requests of the adapter, whoever makes them, within the venue's weight limit: a bucket
 * of tokens, corrected by what the venue says is used, and a stop while it tells us to wait. It has
 * no timers: it moves on when pumped.
 */
export class RequestQueue {
  readonly #weightPerMinute: number;
  readonly #times: QueueTimes;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #weightUnderWay = 0;
  readonly #bucket: WeightBucket;
  readonly #lanes: LaneUses;
  #used = { minute: Number.NaN, weight: 0 };
  #pause = { until: Number.NEGATIVE_INFINITY, why: "" };
  #isClosed = false;

  constructor(weightPerMinute: number, times: QueueTimes) {
    this.#weightPerMinute = weightPerMinute;
    this.#times = times;
    const now = times.monotonic();
    this.#bucket = new WeightBucket(weightPerMinute * BURST_SHARE, weightPerMinute * REGAINED_SHARE, now);
    this.#lanes = new LaneUses(weightPerMinute, now);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Weight of the requests that went, since the start, by lane. */
  get weights(): Readonly<Record<RequestLane, number>> {
    return this.#lanes.weights();
  }

  /** What the venue counted in its current minute, as it said last. */
  get usedWeight(): number {
    return this.#used.minute === this.#minute() ? this.#used.weight : 0;
  }

  /**
   * Resolves when the request may go, with what to call once it is over. Fails with `unavailable`
   * where it cannot go in time.
   */
  take(turn: Turn): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const fault = this.#isClosed ? "the feed is closed" : this.#hopeless(turn);
      if (fault !== undefined) {
        reject(unavailable(fault));
        return;
      }
      const waiting = { ...turn, start: resolve, refuse: reject };
      const place = this.#waiting.findIndex((other) => rank(other) > rank(turn));
      this.#lanes.wait(turn.lane, 1);
      this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, waiting);
      this.pump();
    });
  }

  /** Lets go what may go, and refuses what waited too long. */
  pump(): void {
    this.#regain();
    const now = this.#times.monotonic();
    const still: Waiting[] = [];
    // A light request must not pass a heavy one for which there is no room yet, or that would wait
    // for ever.
    let isFull = false;
    // Nor of its own lane, where that has used its share. The other lanes go on.
    const fullLanes = new Set<RequestLane>();
    for (const waiting of this.#waiting) {
      const mayGo = now >= Math.max(waiting.notBefore, this.#pause.until);
      const { lane, weight } = waiting;
      if (mayGo && !this.#lanes.hasRoom(lane, weight)) {
        fullLanes.add(lane);
      }
      isFull ||= mayGo && !fullLanes.has(lane) && !this.#hasRoom(weight);
      if (now >= waiting.deadline) {
        this.#lanes.wait(lane, -1);
        waiting.refuse(unavailable(`no turn within the weight limit came in time; ${this.#waiting.length} wait`));
      } else if (mayGo && !isFull && !fullLanes.has(lane)) {
        this.#start(waiting);
      } else {
        still.push(waiting);
      }
    }
    this.#waiting = still;
  }

  /**
   * The venue says how much of its limit was used, in answer to a request sent at this venue time.
   * It may have counted in the minute after, but never holds up that one with the figure of the one
   * before.
   */
  countUsed(weight: number, sentAt: number): void {
    const minute = Math.floor(sentAt / MINUTE_MS);
    if (!(minute < this.#used.minute)) {
      this.#used = { minute, weight: minute === this.#used.minute ? Math.max(weight, this.#used.weight) : weight };
    }
  }

  /** The venue told us to wait, until this monotonic time. What cannot wait so long fails now. */
  pauseUntil(time: number, why: string): void {
    if (time > this.#pause.until) {
      this.#pause = { until: time, why };
    }
    const hopeless = this.#waiting.filter((waiting) => waiting.deadline <= this.#pause.until);
    this.#waiting = this.#waiting.filter((waiting) => waiting.deadline > this.#pause.until);
    for (const waiting of hopeless) {
      this.#lanes.wait(waiting.lane, -1);
      waiting.refuse(unavailable(this.#pauseText()));
    }
  }

  refuseAll(): void {
    this.#isClosed = true;
    for (const waiting of this.#waiting.splice(0)) {
      this.#lanes.wait(waiting.lane, -1);
      waiting.refuse(unavailable("the feed is closed"));
    }
  }

  #hopeless(turn: Turn): string | undefined {
    if (turn.deadline <= Math.max(this.#pause.until, turn.notBefore)) {
      return this.#times.monotonic() < this.#pause.until ? this.#pauseText() : "there was no time left to ask";
    }
    if (!this.#lanes.mayWait(turn.lane)) {
      return `callers have a share of the requests, and as many wait as may`;
    }
    return this.#waiting.length >= MOST_WAITING ? `${this.#waiting.length} requests wait already` : undefined;
  }

  #pauseText(): string {
    const seconds = Math.ceil((this.#pause.until - this.#times.monotonic()) / 1000);
    return `it told us to wait ${seconds} s more (${this.#pause.why})`;
  }

  #hasRoom(weight: number): boolean {
    const used = this.usedWeight + this.#weightUnderWay + weight;
    return (
      this.#underWay < MOST_UNDER_WAY && this.#bucket.has(weight) && used <= this.#weightPerMinute * MOST_USED_SHARE
    );
  }

  #start({ weight, lane, start }: Waiting): void {
    this.#bucket.spend(weight);
    this.#lanes.wait(lane, -1);
    this.#lanes.start(lane, weight);
    this.#underWay++;
    this.#weightUnderWay += weight;
    let isOver = false;
    start(() => {
      if (!isOver) {
        isOver = true;
        this.#underWay--;
        this.#weightUnderWay -= weight;
        this.#lanes.end(lane);
        this.pump();
      }
    });
  }

  #regain(): void {
    const now = this.#times.monotonic();
    this.#bucket.regain(now);
    this.#lanes.regain(now);
  }

  #minute(): number {
    return Math.floor(this.#times.venue() / MINUTE_MS);
  }
}

function rank({ lane }: Turn): number {
  return REQUEST_LANES.indexOf(lane);
}

function unavailable(why: string): RuntimeError {
  return new RuntimeError("unavailable", `Binance could not be asked, try again later: ${why}`);
}
