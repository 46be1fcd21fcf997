/** So many values are remembered; they come from callers, so the memory of them is bounded. */
const MOST = 65_536;

/**
 * Keeps one object for each key, so that many strategies share what is equal in them. The oldest is
 * forgotten first, and made anew when it is asked for again.
 */
export class Interned<V> {
  readonly #byKey = new Map<string, V>();

  get(key: string, make: () => V): V {
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.#byKey.size >= MOST) {
      this.#byKey.delete(this.#byKey.keys().next().value ?? "");
    }
    const made = make();
    this.#byKey.set(key, made);
    return made;
  }
}
