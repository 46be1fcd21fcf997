import { type Bar, closeTime } from "../../domain/bar.ts";
import { lastClose, type Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Asker, MarketData, MarketEvent } from "../../ports/market-data.ts";

export interface CacheOptions {
  /**
   * How long an answer is used again, ms of monotonic time; 0 leaves only the sharing of questions
   * under way.
   */
  readonly ttlMs: number;
  readonly clock: Clock;
  /** Bars kept in all; the answers used longest ago go first. */
  readonly mostBars?: number;
}

/**
 * An answer whose newest bar has not come yet is asked for again soon: the bar is due any moment.
 */
const INCOMPLETE_TTL_MS = 500;
/** An answer takes room even where it has no bars. */
const ANSWER_SIZE = 10;

interface Question {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly count: number;
  readonly close: number;
  readonly asker: Asker;
}

interface Answer {
  readonly symbol: string;
  readonly count: number;
  readonly bars: Promise<readonly Bar[]>;
  readonly asker: Asker;
  /** Monotonic ms; infinite while it is under way. */
  expires: number;
  size: number;
}

/**
 * The same market data, whose history answers are used again by whoever asks: within the TTL, for
 * the same close time, for as many bars or fewer. Callers who ask at once share one question.
 * Failures are not kept. What a subscription says was corrected or missed is not answered from here
 * again.
 */
export function cachedMarketData(inner: MarketData, options: CacheOptions): MarketData {
  const answers = new Answers(inner, options);
  const prices = new Map<string, ReturnType<MarketData["price"]>>();
  return {
    source: inner.source,
    ready: () => inner.ready(),
    ...(inner.completes !== undefined && { completes: inner.completes }),
    ...(inner.delays && { delays: () => inner.delays?.() ?? [] }),
    now: () => inner.now(),
    async history(symbol, timeframe, count, until = Number.POSITIVE_INFINITY, asker = "engine") {
      const close = lastClose(Math.min(until, inner.now()), timeframe);
      const bars = await answers.barsOf({ symbol, timeframe, count, close, asker });
      return count > 0 ? bars.slice(-count) : [];
    },
    price(symbol) {
      const underWay = prices.get(symbol);
      if (underWay !== undefined) {
        return underWay;
      }
      const asked = inner.price(symbol).finally(() => prices.delete(symbol));
      prices.set(symbol, asked);
      return asked;
    },
    subscribe: (series, signal) => watched(inner.subscribe(series, signal), (symbols) => answers.forget(symbols)),
    async close() {
      answers.clear();
      await inner.close();
    },
  };
}

/** The history answers that are kept, the newest used last. */
class Answers {
  readonly #inner: MarketData;
  readonly #options: CacheOptions;
  readonly #answers = new Map<string, Answer>();
  #size = 0;

  constructor(inner: MarketData, options: CacheOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  barsOf(question: Question): Promise<readonly Bar[]> {
    const { symbol, timeframe, count, close, asker } = question;
    const key = `${symbol} ${timeframe} ${close}`;
    const known = this.#answers.get(key);
    const now = this.#options.clock.monotonic();
    if (known === undefined || known.count < count || now >= known.expires || isBehind(known, asker)) {
      return this.#ask(key, question);
    }
    this.#answers.delete(key);
    this.#answers.set(key, known);
    return known.bars;
  }

  forget(symbols: readonly string[]): void {
    for (const [key, answer] of this.#answers) {
      if (symbols.includes(answer.symbol)) {
        this.#drop(key, answer);
      }
    }
  }

  clear(): void {
    this.#answers.clear();
    this.#size = 0;
  }

  #ask(key: string, { symbol, timeframe, count, close, asker }: Question): Promise<readonly Bar[]> {
    const bars = this.#inner.history(symbol, timeframe, count, close, asker);
    const answer: Answer = { symbol, count, bars, asker, expires: Number.POSITIVE_INFINITY, size: 0 };
    const before = this.#answers.get(key);
    if (before !== undefined) {
      this.#drop(key, before);
    }
    this.#answers.set(key, answer);
    bars.then(
      (got) => {
        const last = got.at(-1);
        this.#keep(key, answer, got, last !== undefined && closeTime(last, timeframe) === close);
      },
      () => this.#drop(key, answer),
    );
    return bars;
  }

  #keep(key: string, answer: Answer, bars: readonly Bar[], isWhole: boolean): void {
    const { clock, ttlMs, mostBars = 500_000 } = this.#options;
    answer.expires = clock.monotonic() + (isWhole ? ttlMs : Math.min(ttlMs, INCOMPLETE_TTL_MS));
    if (this.#answers.get(key) !== answer) {
      return;
    }
    answer.size = bars.length + ANSWER_SIZE;
    this.#size += answer.size;
    for (const [oldKey, old] of this.#answers) {
      if (this.#size > mostBars) {
        this.#drop(oldKey, old);
      }
    }
  }

  #drop(key: string, answer: Answer): void {
    if (this.#answers.get(key) === answer) {
      this.#answers.delete(key);
      this.#size -= answer.size;
    }
  }
}

/** The engine waits for no answer that has its turn behind its own. */
function isBehind({ asker, expires }: Answer, who: Asker): boolean {
  return who === "engine" && asker === "caller" && expires === Number.POSITIVE_INFINITY;
}

/** The same events; before one that makes old answers wrong is passed on, they are forgotten. */
function watched(
  events: AsyncIterable<MarketEvent>,
  forget: (symbols: readonly string[]) => void,
): AsyncIterable<MarketEvent> {
  const iterator = events[Symbol.asyncIterator]();
  const watching: AsyncIterator<MarketEvent> = {
    async next() {
      const result = await iterator.next();
      if (!result.done && result.value.kind === "interrupted") {
        forget(result.value.symbols);
      } else if (!result.done && result.value.kind === "bar" && result.value.correction) {
        forget([result.value.symbol]);
      }
      return result;
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => watching };
}
