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
  const { ttlMs, clock, mostBars = 500_000 } = options;
  const answers = new Map<string, Answer>();
  const prices = new Map<string, ReturnType<MarketData["price"]>>();
  let size = 0;

  const drop = (key: string, answer: Answer) => {
    if (answers.get(key) === answer) {
      answers.delete(key);
      size -= answer.size;
    }
  };
  const keep = (key: string, answer: Answer, bars: readonly Bar[], isWhole: boolean) => {
    answer.expires = clock.monotonic() + (isWhole ? ttlMs : Math.min(ttlMs, INCOMPLETE_TTL_MS));
    if (answers.get(key) !== answer) {
      return;
    }
    answer.size = bars.length + ANSWER_SIZE;
    size += answer.size;
    for (const [oldKey, old] of answers) {
      if (size > mostBars) {
        drop(oldKey, old);
      }
    }
  };
  const ask = (key: string, { symbol, timeframe, count, close, asker }: Question): Answer => {
    const bars = inner.history(symbol, timeframe, count, close, asker);
    const answer: Answer = { symbol, count, bars, asker, expires: Number.POSITIVE_INFINITY, size: 0 };
    const before = answers.get(key);
    if (before !== undefined) {
      drop(key, before);
    }
    answers.set(key, answer);
    bars.then(
      (got) => {
        const last = got.at(-1);
        keep(key, answer, got, last !== undefined && closeTime(last, timeframe) === close);
      },
      () => drop(key, answer),
    );
    return answer;
  };
  const forget = (symbols: readonly string[]) => {
    for (const [key, answer] of answers) {
      if (symbols.includes(answer.symbol)) {
        drop(key, answer);
      }
    }
  };

  return {
    source: inner.source,
    ready: () => inner.ready(),
    ...(inner.completes !== undefined && { completes: inner.completes }),
    ...(inner.delays && { delays: () => inner.delays?.() ?? [] }),
    now: () => inner.now(),
    async history(symbol, timeframe, count, until = Number.POSITIVE_INFINITY, asker = "engine") {
      const close = lastClose(Math.min(until, inner.now()), timeframe);
      const key = `${symbol} ${timeframe} ${close}`;
      const known = answers.get(key);
      const isUsable =
        known !== undefined && known.count >= count && clock.monotonic() < known.expires && !isBehind(known, asker);
      const answer = isUsable ? known : ask(key, { symbol, timeframe, count, close, asker });
      if (isUsable) {
        // The newest used stands last.
        answers.delete(key);
        answers.set(key, known);
      }
      const bars = await answer.bars;
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
    subscribe: (series, signal) => watched(inner.subscribe(series, signal), forget),
    async close() {
      answers.clear();
      size = 0;
      await inner.close();
    },
  };
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
