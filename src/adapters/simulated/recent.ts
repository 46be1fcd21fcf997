/** Keeps what was made last, at most `size` of it; the oldest made goes first. */
export class Recent<T, K = number> {
  readonly #kept = new Map<K, T>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  get(key: K, make: (key: K) => T): T {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      return kept;
    }
    const made = make(key);
    if (this.#kept.size >= this.#size) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    }
    this.#kept.set(key, made);
    return made;
  }
}
