import { WeightBucket } from "./weight-bucket.ts";

/**
 * For whom a request is, those that go first before the others: what keeps the series whole that
 * are followed, and tells the venue's time; prices, for calls; histories that the engine loads for
 * itself; histories for callers, such as one who names a symbol that nobody follows.
 */
export const REQUEST_LANES = ["urgent", "price", "own", "caller"] as const;
export type RequestLane = (typeof REQUEST_LANES)[number];

/** What the lanes of calls may take of the venue at most. */
interface Share {
  /** Of the venue's limit, in any minute. */
  readonly weight: number;
  readonly underWay: number;
  readonly waiting: number;
}

/**
 * The engine always has half of the venue's limit for itself. A caller's history is a tenth: at
 * 6,000 a minute, 300 pages. A price weighs twice as much, and a one-shot call needs one of each
 * symbol at once: 225 of them in a burst.
 */
const SHARES: Readonly<Partial<Record<RequestLane, Share>>> = {
  price: { weight: 0.3, underWay: 6, waiting: 2_000 },
  caller: { weight: 0.1, underWay: 2, waiting: 500 },
};

interface LaneUse {
  readonly share: Share | undefined;
  readonly bucket: WeightBucket | undefined;
  underWay: number;
  waiting: number;
  weight: number;
}

/** What each lane uses, and whether it may use more. */
export class LaneUses {
  readonly #uses: ReadonlyMap<RequestLane, LaneUse>;

  constructor(weightPerMinute: number, now: number) {
    this.#uses = new Map(
      REQUEST_LANES.map((lane) => {
        const share = SHARES[lane];
        // Half at once and half regained: together no more than the share in any minute.
        const half = (weightPerMinute * (share?.weight ?? 0)) / 2;
        const bucket = share && new WeightBucket(half, half, now);
        return [lane, { share, bucket, underWay: 0, waiting: 0, weight: 0 }] as const;
      }),
    );
  }

  /** Whether one more request of the lane may wait. */
  mayWait(lane: RequestLane): boolean {
    const { share, waiting } = this.#use(lane);
    return waiting < (share?.waiting ?? Number.POSITIVE_INFINITY);
  }

  /** How many wait: `by` more. */
  wait(lane: RequestLane, by: 1 | -1): void {
    this.#use(lane).waiting += by;
  }

  hasRoom(lane: RequestLane, weight: number): boolean {
    const { share, bucket, underWay } = this.#use(lane);
    return underWay < (share?.underWay ?? Number.POSITIVE_INFINITY) && (bucket?.has(weight) ?? true);
  }

  start(lane: RequestLane, weight: number): void {
    const use = this.#use(lane);
    use.bucket?.spend(weight);
    use.underWay++;
    use.weight += weight;
  }

  end(lane: RequestLane): void {
    this.#use(lane).underWay--;
  }

  regain(now: number): void {
    for (const { bucket } of this.#uses.values()) {
      bucket?.regain(now);
    }
  }

  /** Weight of the requests that went, since the start. */
  weights(): Readonly<Record<RequestLane, number>> {
    const weight = (lane: RequestLane) => this.#use(lane).weight;
    return { urgent: weight("urgent"), price: weight("price"), own: weight("own"), caller: weight("caller") };
  }

  #use(lane: RequestLane): LaneUse {
    return this.#uses.get(lane) as LaneUse;
  }
}
