import { closeTime } from "../../../domain/bar.ts";
import { lastClose, type Timeframe } from "../../../domain/timeframe.ts";
import type { EvaluateQuery } from "../../api.ts";
import type { LongWork, WorkCaller } from "../../concurrency/long-work.ts";
import type { CallReading, MarketAccess, PriceAnswer } from "../../market/market-access.ts";
import { partsOf } from "../../rules/conditions/compiled-condition.ts";
import type { CompiledStrategy } from "../../rules/conditions/compiled-strategy.ts";
import { expired } from "../../rules/conditions/expiry.ts";
import type { MarketReading } from "../../rules/conditions/market-reading.ts";
import type { SeriesRequirement } from "../../rules/conditions/required-series.ts";
import { requiredSeriesOf } from "../../rules/conditions/required-series.ts";
import type { JudgeMarket } from "../../rules/judging/judge.ts";
import { inlineReading, judgedBar } from "./inline-bars.ts";
import type { InlineValues } from "./inline-values.ts";

/** The market as the request wants it judged: R24, R47 to R50. */
export interface EvaluateMarket {
  readonly market: JudgeMarket;
  readonly price: number;
  readonly timestamp: number;
  /** Market time as of which the stateful gates are asked. */
  readonly judgedAt: number;
}

/** R48: values given stand in for computed ones. */
function givenOf(values: InlineValues): Pick<MarketReading, "given"> | undefined {
  // Without values, readings are not asked for any.
  return values.size > 0 ? { given: (timeframe, indicator) => values.get(timeframe, indicator) } : undefined;
}

/** R49 and the feed's current market. */
export async function feedMarket(
  access: MarketAccess,
  query: EvaluateQuery,
  compiled: CompiledStrategy,
  values: InlineValues,
  caller?: WorkCaller,
): Promise<EvaluateMarket> {
  const { timeframe } = compiled.strategy;
  const time = query.at ?? access.now();
  const barClose = lastClose(time, timeframe);
  const covered = values.size > 0 && values.covers(compiled);
  const required = neededSeries(compiled, values, query, covered);
  const reading = await access.reading(query.symbol, required, time, caller);
  const fault = missing(reading, required);
  // A feed that did not bring the bars is not asked, and not waited for, once more.
  const price: PriceAnswer =
    fault === undefined
      ? (givenPrice(query, barClose, timeframe, reading) ?? (await access.price(query.symbol)))
      : { unavailable: fault };
  // What is judged now may have been waited for (R7).
  const late = query.at === undefined ? expired(barClose, timeframe, access.now()) : undefined;
  const unavailable = "unavailable" in price ? price.unavailable : late;
  const market: JudgeMarket = {
    symbol: query.symbol,
    reading:
      values.size > 0
        ? { settled: true, seriesAt: covered ? NO_SERIES : reading.seriesAt, ...givenOf(values) }
        : reading,
    barClose,
  };
  return {
    market: unavailable === undefined ? market : { ...market, unavailable },
    price: "price" in price ? price.price : Number.NaN,
    timestamp: query.at === undefined ? time : barClose,
    judgedAt: time,
  };
}

const NO_SERIES: MarketReading["seriesAt"] = () => undefined;

function missing(reading: CallReading, required: ReadonlyMap<Timeframe, SeriesRequirement>): string | undefined {
  for (const [timeframe, { requiredBars }] of required) {
    const short = reading.short(timeframe);
    const fault = reading.fault(timeframe) ?? (short && requiredBars > short.limit ? short.why : undefined);
    if (fault !== undefined) {
      return fault;
    }
  }
  return undefined;
}

/** R47: the bars given and nothing else. */
export async function inlineMarket(
  query: EvaluateQuery,
  compiled: CompiledStrategy,
  values: InlineValues,
  work: LongWork,
): Promise<EvaluateMarket> {
  const { timeframe } = compiled.strategy;
  const given = givenOf(values);
  const index = judgedBar(query.bars, timeframe, query.at);
  const bar = query.bars[index];
  if (bar === undefined) {
    const unavailable = "none of the bars given had closed by the time asked for";
    const at = query.at ?? 0;
    return {
      market: { symbol: query.symbol, reading: { seriesAt: NO_SERIES, ...given }, unavailable },
      price: Number.NaN,
      timestamp: at,
      judgedAt: at,
    };
  }
  const barClose = closeTime(bar, timeframe);
  const bars = query.bars.slice(0, index + 1);
  const reading = await inlineReading(bars, timeframe, requiredSeriesOf(compiled), work);
  return {
    market: { symbol: query.symbol, reading: { seriesAt: reading.seriesAt, ...given }, barClose },
    price: query.price ?? bar.close,
    timestamp: barClose,
    judgedAt: query.at ?? barClose,
  };
}

/**
 * What must be asked of the feed: the own timeframe and those of conditions without values; nothing
 * where values cover them all (R48).
 */
function neededSeries(
  compiled: CompiledStrategy,
  values: InlineValues,
  query: EvaluateQuery,
  covered: boolean,
): ReadonlyMap<Timeframe, SeriesRequirement> {
  const own = compiled.strategy.timeframe;
  if (covered) {
    // Without a price, one as of a time is the close of the bar judged (R24).
    const needsClose = query.price === undefined && query.at !== undefined;
    return new Map(needsClose ? [[own, { indicators: [], requiredBars: 1 }]] : []);
  }
  const required = requiredSeriesOf(compiled);
  if (values.size === 0) {
    return required;
  }
  const read = new Set<Timeframe>([own]);
  for (const { reading, timeframe } of compiled.entry.conditions.flatMap(partsOf)) {
    if (values.get(timeframe, reading) === undefined) {
      read.add(timeframe);
    }
  }
  return new Map([...required].filter(([timeframe]) => read.has(timeframe)));
}

/** R24: the price where the feed is not asked for its current one. */
function givenPrice(
  query: EvaluateQuery,
  barClose: number,
  timeframe: Timeframe,
  reading: MarketReading,
): PriceAnswer | undefined {
  if (query.price !== undefined) {
    return { price: query.price };
  }
  if (query.at === undefined) {
    return undefined;
  }
  const bar = reading.seriesAt(timeframe, barClose)?.bar(0);
  return bar === undefined ? { unavailable: "there is no bar to take the price from" } : { price: bar.close };
}
