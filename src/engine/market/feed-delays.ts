import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { FeedDelay, MarketData } from "../../ports/market-data.ts";
import type { SymbolStatus } from "../api.ts";

/** What late bars mean for those who read them. */
export interface JudgedDelays {
  /** Of timeframes on which nothing can be decided: the bars come too late. */
  readonly whyNot: readonly string[];
  /** Of timeframes on which decisions are made, and late. */
  readonly notes: readonly string[];
  /** The same series; those whose bars come too late say so. */
  mark(series: readonly SymbolStatus[]): readonly SymbolStatus[];
}

const NONE: JudgedDelays = { whyNot: [], notes: [], mark: (series) => series };

/**
 * R7: bars that come within the grace are judged, unless a decision on them would have expired by
 * then. Delays on timeframes that nobody reads are nobody's concern.
 */
export function judgeDelays(
  delays: readonly FeedDelay[],
  read: { has(timeframe: Timeframe): boolean },
  barGraceMs: number,
): JudgedDelays {
  const concerning = delays.filter(({ timeframe }) => read.has(timeframe));
  if (concerning.length === 0) {
    return NONE;
  }
  const isTooLate = ({ timeframe, lateMs }: FeedDelay) => lateMs >= Math.min(barGraceMs, timeframeMs(timeframe));
  const tooLate = concerning.filter(isTooLate);
  return {
    whyNot: tooLate.map((delay) => `market data: ${delay.timeframe}: ${explained(delay)}`),
    notes: concerning
      .filter((delay) => !isTooLate(delay))
      .map(({ timeframe, text }) => `market data: ${timeframe}: ${text}`),
    mark: (series) => marked(series, tooLate),
  };
}

/**
 * Why bars come late, by series, asked of the feed once a moment: a close asks for each symbol in
 * turn.
 */
export class DelayReasons {
  readonly #market: Pick<MarketData, "delays" | "now">;
  #askedAt = Number.NEGATIVE_INFINITY;
  #reasons: ReadonlyMap<string, string> = new Map();

  constructor(market: Pick<MarketData, "delays" | "now">) {
    this.#market = market;
  }

  of(symbol: string, timeframe: Timeframe): string | undefined {
    const now = this.#market.now();
    if (now !== this.#askedAt) {
      this.#askedAt = now;
      this.#reasons = reasonsBySeries(this.#market.delays?.() ?? [], ({ text }) => text);
    }
    return this.#reasons.get(`${symbol} ${timeframe}`);
  }
}

function reasonsBySeries(
  delays: readonly FeedDelay[],
  reason: (delay: FeedDelay) => string,
): ReadonlyMap<string, string> {
  return new Map(
    delays.flatMap((delay) => delay.symbols.map((symbol) => [`${symbol} ${delay.timeframe}`, reason(delay)])),
  );
}

function explained({ text, timeframe }: FeedDelay): string {
  return `${text}, which is too late to judge ${timeframe} bars at their close`;
}

/** What is wrong with a series itself says more than how its bars come. */
function marked(series: readonly SymbolStatus[], tooLate: readonly FeedDelay[]): readonly SymbolStatus[] {
  const why = reasonsBySeries(tooLate, explained);
  return series.map((each) => {
    const delayed = why.get(`${each.symbol} ${each.timeframe}`);
    return delayed === undefined || each.whyNot !== undefined ? each : { ...each, whyNot: delayed };
  });
}
