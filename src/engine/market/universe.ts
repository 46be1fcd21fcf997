/** R40: the symbols judged at every bar close: those configured, and those of open follow streams. */
export class Universe {
  readonly #configured: ReadonlySet<string>;
  readonly #onChange: () => void;
  /** Streams a symbol beyond the configured ones is held by. */
  readonly #holders = new Map<string, number>();
  #symbols: ReadonlySet<string>;

  constructor(configured: readonly string[], onChange: () => void) {
    this.#configured = new Set(configured);
    this.#symbols = this.#configured;
    this.#onChange = onChange;
  }

  get symbols(): ReadonlySet<string> {
    return this.#symbols;
  }

  /** Holds the symbols in the universe until the answer is called. */
  hold(symbols: readonly string[]): () => void {
    const beyond = symbols.filter((symbol) => !this.#configured.has(symbol));
    this.#add(beyond, 1);
    let isHeld = true;
    return () => {
      if (isHeld) {
        isHeld = false;
        this.#add(beyond, -1);
      }
    };
  }

  #add(symbols: readonly string[], by: 1 | -1): void {
    for (const symbol of symbols) {
      const count = (this.#holders.get(symbol) ?? 0) + by;
      if (count > 0) {
        this.#holders.set(symbol, count);
      } else {
        this.#holders.delete(symbol);
      }
    }
    const before = this.#symbols;
    const after = new Set([...this.#configured, ...this.#holders.keys()]);
    this.#symbols = after;
    if (after.size !== before.size || [...after].some((symbol) => !before.has(symbol))) {
      this.#onChange();
    }
  }
}
