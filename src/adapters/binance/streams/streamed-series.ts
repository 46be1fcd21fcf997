import { type Bar, closeTime, sameBar } from "../../../domain/bar.ts";
import { errorText } from "../../../domain/errors.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import type { MarketEvent } from "../../../ports/market-data.ts";

/** Bars sent that are remembered, to tell what comes again from what is corrected. */
const REMEMBERED = 64;
/** Bars that may wait for those before them. */
const MOST_HELD = 1_000;

export interface SeriesListener {
  deliver(event: MarketEvent): void;
}

/**
 * One series that is followed: puts in order what the streams and the history bring, each bar once.
 * A bar that leaves a gap behind it is held until the history was asked for what is missing.
 */
export class StreamedSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Listeners, and the close from which on they want bars. */
  readonly #listeners = new Map<SeriesListener, number>();
  /** Close of the newest bar sent, or the one that was the newest when it began to be followed. */
  #covered: number;
  #sent: Bar[] = [];
  #held: Bar[] | undefined;

  constructor(symbol: string, timeframe: Timeframe, covered: number) {
    this.symbol = symbol;
    this.timeframe = timeframe;
    this.#covered = covered;
  }

  get covered(): number {
    return this.#covered;
  }

  /** Whether bars that come wait for the history. */
  get isCatchingUp(): boolean {
    return this.#held !== undefined;
  }

  get isUnheard(): boolean {
    return this.#listeners.size === 0;
  }

  listen(listener: SeriesListener, from: number): void {
    this.#listeners.set(listener, from);
  }

  leave(listener: SeriesListener): void {
    this.#listeners.delete(listener);
  }

  /**
   * Takes a closed bar from a stream. True where the history has to be asked for those before it;
   * it is then held.
   */
  take(bar: Bar): boolean {
    const close = closeTime(bar, this.timeframe);
    if (this.#held !== undefined) {
      this.#hold(this.#held, bar);
    } else if (close > this.#covered && bar.openTime > this.#covered) {
      this.#held = [bar];
      return true;
    } else {
      this.#settle(bar);
    }
    return false;
  }

  /** From now on bars are held, until the history has answered. */
  hold(): void {
    this.#held ??= [];
  }

  /**
   * The history's bars, and those that were held, in order. What a stream says is final wins over
   * the history.
   */
  caughtUp(fromHistory: readonly Bar[]): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    const missing = fromHistory.filter((bar) => closeTime(bar, this.timeframe) > this.#covered);
    const byTime = new Map([...missing, ...held].map((bar) => [bar.openTime, bar]));
    for (const bar of [...byTime.values()].sort((a, b) => a.openTime - b.openTime)) {
      this.#settle(bar);
    }
  }

  /**
   * The history cannot be asked. Bars that were held go out behind the gap; without any, the gap is
   * closed later.
   */
  notCaughtUp(error: unknown): void {
    if (this.#held !== undefined && this.#held.length > 0) {
      this.#tell({ kind: "interrupted", symbols: [this.symbol], reason: `bars were missed: ${errorText(error)}` });
    }
    this.caughtUp([]);
  }

  /** Too much is missing to be sent on: who listens has to ask the history. */
  skipTo(close: number, reason: string): void {
    this.#covered = close;
    this.#tell({ kind: "interrupted", symbols: [this.symbol], reason });
  }

  #hold(held: Bar[], bar: Bar): void {
    if (held.push(bar) > MOST_HELD) {
      held.splice(0);
      this.skipTo(closeTime(bar, this.timeframe), `more than ${MOST_HELD} bars waited for the history`);
    }
  }

  /** Sends a bar that is new, or another than was sent (R4). */
  #settle(bar: Bar): void {
    const { symbol, timeframe } = this;
    const close = closeTime(bar, timeframe);
    const known = this.#sent.find(({ openTime }) => openTime === bar.openTime);
    if (known !== undefined && sameBar(known, bar)) {
      return;
    }
    // The bar that closed when the series began to be followed may come just behind it, and is the
    // first to be sent then.
    const isFirst = this.#sent.length === 0 && close === this.#covered;
    const isNew = close > this.#covered || isFirst;
    this.#covered = Math.max(this.#covered, close);
    this.#sent = [...this.#sent.filter((other) => other !== known), bar].slice(-REMEMBERED);
    this.#tell({ kind: "bar", symbol, timeframe, bar, ...(!isNew && { correction: true }) }, close);
  }

  #tell(event: MarketEvent, close = Number.POSITIVE_INFINITY): void {
    for (const [listener, from] of this.#listeners) {
      if (close >= from || (event.kind === "bar" && event.correction)) {
        listener.deliver(event);
      }
    }
  }
}
