import { RuntimeError } from "../../domain/errors.ts";

/** Nobody knows when a stream ends; a program that asks so often costs little. */
const RETRY_AFTER_MS = 5_000;

/**
 * R40: the symbols judged at every bar close: those configured, which are for everybody, and extra
 * ones, while open follow streams name them, which are for these streams alone.
 */
export class Universe {
  /** What a stream that names no symbols follows. */
  readonly configured: ReadonlySet<string>;
  readonly #mostExtra: number;
  readonly #onChange: () => void;
  /** Streams that an extra symbol is held by. */
  readonly #holders = new Map<string, number>();
  #symbols: ReadonlySet<string>;

  constructor(configured: readonly string[], mostExtra: number, onChange: () => void) {
    this.configured = new Set(configured);
    this.#symbols = this.configured;
    this.#mostExtra = mostExtra;
    this.#onChange = onChange;
  }

  get symbols(): ReadonlySet<string> {
    return this.#symbols;
  }

  /**
   * Has the symbols judged until the answer is called. Fails with `resource_exhausted` where that
   * would be too many.
   */
  hold(symbols: readonly string[]): () => void {
    const extra = symbols.filter((symbol) => !this.configured.has(symbol));
    this.#refuseTooMany(extra);
    this.#add(extra, 1);
    let isHeld = true;
    return () => {
      if (isHeld) {
        isHeld = false;
        this.#add(extra, -1);
      }
    };
  }

  #refuseTooMany(extra: readonly string[]): void {
    const news = extra.filter((symbol) => !this.#holders.has(symbol));
    const all = this.#holders.size + news.length;
    const [first] = news;
    if (first !== undefined && all > this.#mostExtra) {
      const more = news.length > 1 ? ` and ${news.length - 1} more` : "";
      throw new RuntimeError(
        "resource_exhausted",
        `symbols: with ${JSON.stringify(first)}${more}, open streams would name ${all} symbols beyond SYMBOLS, and ` +
          `MAX_EXTRA_SYMBOLS allows ${this.#mostExtra}: name fewer, or add them to SYMBOLS`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
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
    const after = new Set([...this.configured, ...this.#holders.keys()]);
    if (after.size !== before.size || [...after].some((symbol) => !before.has(symbol))) {
      this.#symbols = after;
      this.#onChange();
    }
  }
}
