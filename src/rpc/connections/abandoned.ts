/** So many requests of one address are forgiven at once, and as many a second from then on. */
const MOST_ABANDONED = 500;
/** What is counted beyond: an address is heard again soon after its flood is over. */
const MOST_COUNTED = 2 * MOST_ABANDONED;
/** So many addresses are remembered before those are looked for that owe nothing. */
const MANY_ADDRESSES = 1_000;

interface Count {
  count: number;
  /** Monotonic ms, of `count`. */
  at: number;
}

/**
 * Counts the requests that callers of an address sent and left, by closing the connection, before
 * the answer. A program that ends in the midst of its calls leaves some hundred; a flood leaves
 * thousands a second, and each of its connections costs the time of all requests that it brings.
 */
export class Abandoned {
  readonly #now: () => number;
  readonly #counts = new Map<string, Count>();
  #many = MANY_ADDRESSES;

  /** `now`: monotonic ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** One more; answers whether it is the first of a flood. */
  add(address: string): boolean {
    const now = this.#now();
    if (this.#counts.size >= this.#many) {
      this.#forget(now);
    }
    const before = this.#left(address, now);
    this.#counts.set(address, { count: Math.min(before + 1, MOST_COUNTED), at: now });
    return before <= MOST_ABANDONED && before + 1 > MOST_ABANDONED;
  }

  /** From now on the address is one that floods, as if it had left any number. */
  flood(address: string): void {
    this.#counts.set(address, { count: MOST_COUNTED, at: this.#now() });
  }

  /** Whether an address has left so many that its next ones are likely to be left, too. */
  isFlood(address: string): boolean {
    return this.#left(address, this.#now()) > MOST_ABANDONED;
  }

  /** Addresses that are remembered. */
  get addresses(): number {
    return this.#counts.size;
  }

  #left(address: string, now: number): number {
    const { count, at } = this.#counts.get(address) ?? { count: 0, at: now };
    return Math.max(0, count - ((now - at) * MOST_ABANDONED) / 1_000);
  }

  #forget(now: number): void {
    for (const address of this.#counts.keys()) {
      if (this.#left(address, now) === 0) {
        this.#counts.delete(address);
      }
    }
    this.#many = Math.max(MANY_ADDRESSES, 2 * this.#counts.size);
  }
}
