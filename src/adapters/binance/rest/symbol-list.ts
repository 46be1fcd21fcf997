import type { Clock } from "../../../ports/clock.ts";
import { isVenueSymbol } from "../venue/symbol.ts";
import { allPricesSchema } from "../venue/venue-json.ts";
import type { Rest } from "./rest.ts";

/** The price ticker of all symbols is by far the lightest list of what the venue has. */
const ALL_PRICES_WEIGHT = 4;
const WITHIN_MS = 20_000;
/**
 * A symbol that is not in the list may have been listed since, but is not looked for more often
 * than this.
 */
const RELOAD_MS = 60_000;

/** What is known of symbols. */
export interface Listing {
  /** Those that the venue does not have, as far as is known. */
  readonly unknown: ReadonlySet<string>;
  /** Why it could not be asked about these, where it could not. */
  readonly fault?: unknown;
}

/**
 * Which symbols the venue has. Its streams take any name and then stay silent, so a subscription
 * has to look here first.
 */
export class SymbolList {
  readonly #rest: Rest;
  readonly #clock: Clock;
  #known: ReadonlySet<string> = new Set();
  #loadedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> | undefined;

  constructor(rest: Rest, clock: Clock) {
    this.#rest = rest;
    this.#clock = clock;
  }

  /**
   * Looks for the symbols. Fails with `unavailable` where the venue cannot be asked and none of
   * them is known: one that is not known keeps no other one waiting.
   */
  async look(symbols: readonly string[]): Promise<Listing> {
    const isOld = this.#clock.monotonic() - this.#loadedAt >= RELOAD_MS;
    const isKnown = (symbol: string) => this.#known.has(symbol);
    let fault: unknown;
    if (isOld && symbols.some((symbol) => isVenueSymbol(symbol) && !isKnown(symbol))) {
      this.#loading ??= this.#load().finally(() => {
        this.#loading = undefined;
      });
      try {
        await this.#loading;
      } catch (error) {
        if (!symbols.some(isKnown)) {
          throw error;
        }
        fault = error;
      }
    }
    const unknown = new Set(symbols.filter((symbol) => !isKnown(symbol)));
    return { unknown, ...(fault !== undefined && { fault }) };
  }

  async #load(): Promise<void> {
    const all = await this.#rest.get({
      path: "/api/v3/ticker/price",
      weight: ALL_PRICES_WEIGHT,
      schema: allPricesSchema,
      withinMs: WITHIN_MS,
      lane: "urgent",
    });
    this.#known = new Set(all.map(({ symbol }) => symbol));
    this.#loadedAt = this.#clock.monotonic();
  }
}
