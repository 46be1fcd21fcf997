import { errorText, RuntimeError } from "../../../domain/errors.ts";
import { guarded } from "../../../domain/guarded.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Asker, MarketEvent } from "../../../ports/market-data.ts";
import type { SymbolList } from "../rest/symbol-list.ts";
import type { TimeSync } from "../time/time-sync.ts";
import type { VenueTime } from "../time/venue-time.ts";
import { noSymbol } from "../venue/symbol.ts";
import { Reader } from "./reader.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** How often symbols that the venue did not have are looked for again. */
const LOOK_AGAIN_MS = 60_000;
/** How often those that it could not be asked about. */
const LOOK_SOON_MS = 5_000;

interface Wanted {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly asker?: Asker;
}

interface Open {
  /** Stops listening to the signal. */
  readonly release: () => void;
  joined: readonly Wanted[];
  unlisted: readonly Wanted[];
}

export interface ReadersOptions {
  /** Events that one may leave unread. */
  readonly limit: number;
  readonly clock: Clock;
  readonly time: VenueTime;
  readonly sync: TimeSync;
  readonly symbols: SymbolList;
  readonly subscriptions: Subscriptions;
}

/** The open subscriptions. */
export class Readers {
  readonly #options: ReadersOptions;
  readonly #open = new Map<Reader, Open>();
  /** When such symbols are looked for next, monotonic ms. */
  #lookAt: number;
  #isClosed = false;

  constructor(options: ReadersOptions) {
    this.#options = options;
    this.#lookAt = options.clock.monotonic() + LOOK_AGAIN_MS;
  }

  open(series: readonly Wanted[], signal: AbortSignal): AsyncIterable<MarketEvent> {
    const reader: Reader = new Reader(this.#options.limit, () => this.#ended(reader));
    if (signal.aborted || this.#isClosed) {
      reader.end();
    } else {
      const abort = () => reader.end();
      signal.addEventListener("abort", abort, { once: true });
      const release = () => signal.removeEventListener("abort", abort);
      this.#open.set(reader, { release, joined: [], unlisted: [] });
      void this.#join(reader, series);
    }
    return { [Symbol.asyncIterator]: () => reader };
  }

  /** Looks for symbols that have been listed since. */
  tick(): void {
    const now = this.#options.clock.monotonic();
    if (now >= this.#lookAt) {
      this.#lookAt = now + LOOK_AGAIN_MS;
      for (const [reader, { unlisted }] of this.#open) {
        if (unlisted.length > 0) {
          guarded(
            () => this.#lookAgain(reader, unlisted),
            (error) => reader.fail(error),
          );
        }
      }
    }
  }

  endAll(): void {
    this.#isClosed = true;
    for (const reader of this.#open.keys()) {
      reader.end();
    }
  }

  /** Never rejects: what fails is told to the reader. */
  async #join(reader: Reader, series: readonly Wanted[]): Promise<void> {
    const { clock, sync, symbols, time } = this.#options;
    // "From now on" means from this call, though the answers that follow take a while.
    const calledAt = clock.monotonic();
    try {
      await sync.done();
      const { unknown, fault } = await symbols.look(series.map(({ symbol }) => symbol));
      const listed = series.filter(({ symbol }) => !unknown.has(symbol));
      const names = [...unknown];
      if (series.length > 0 && listed.length === 0) {
        throw new RuntimeError("not_found", names.map(noSymbol).join("; "));
      }
      this.#follow(reader, listed, time.at(calledAt));
      const open = this.#open.get(reader);
      if (open !== undefined && names.length > 0) {
        open.unlisted = series.filter(({ symbol }) => unknown.has(symbol));
        const reason = fault === undefined ? names.map(noSymbol).join("; ") : errorText(fault);
        reader.deliver({ kind: "interrupted", symbols: names, reason });
        this.#lookAt = Math.min(this.#lookAt, clock.monotonic() + (fault === undefined ? LOOK_AGAIN_MS : LOOK_SOON_MS));
      }
    } catch (error) {
      reader.fail(error);
    }
  }

  async #lookAgain(reader: Reader, unlisted: readonly Wanted[]): Promise<void> {
    const { clock, symbols, time } = this.#options;
    const unknown = await symbols.look(unlisted.map(({ symbol }) => symbol)).then(
      (listing) => listing.unknown,
      () => undefined,
    );
    if (unknown === undefined) {
      this.#lookAt = Math.min(this.#lookAt, clock.monotonic() + LOOK_SOON_MS);
    }
    const open = this.#open.get(reader);
    const listed = unlisted.filter(({ symbol }) => unknown?.has(symbol) === false);
    if (open !== undefined && listed.length > 0) {
      open.unlisted = unlisted.filter((one) => !listed.includes(one));
      this.#follow(reader, listed, time.estimate());
      const names = [...new Set(listed.map(({ symbol }) => symbol))];
      reader.deliver({ kind: "interrupted", symbols: names, reason: `Binance has listed ${names.join(", ")}` });
    }
  }

  #follow(reader: Reader, series: readonly Wanted[], time: number): void {
    const open = this.#open.get(reader);
    if (open !== undefined) {
      open.joined = [...open.joined, ...series];
      for (const { symbol, timeframe, asker = "engine" } of series) {
        this.#options.subscriptions.join(symbol, timeframe, reader, time, asker);
      }
    }
  }

  #ended(reader: Reader): void {
    const open = this.#open.get(reader);
    this.#open.delete(reader);
    open?.release();
    for (const { symbol, timeframe } of open?.joined ?? []) {
      this.#options.subscriptions.leave(symbol, timeframe, reader);
    }
  }
}
