import { lastClose, timeframeMs } from "../../../domain/timeframe.ts";
import type { MarketReading } from "./market-reading.ts";

/**
 * The same market as it was on bars before the one that closed at `barClose`. A value given is
 * unknown there, with or without bars (R14).
 */
export function readingBefore(reading: MarketReading, barClose: number): MarketReading {
  return {
    ...reading,
    given: givenBefore(reading),
    seriesAt(timeframe, close) {
      const last = lastClose(barClose, timeframe);
      const series = reading.seriesAt(timeframe, last);
      return close === last ? series : series?.before?.((last - close) / timeframeMs(timeframe));
    },
  };
}

export function givenBefore(reading: MarketReading): NonNullable<MarketReading["given"]> {
  return (timeframe, indicator) => (reading.given?.(timeframe, indicator) === undefined ? undefined : Number.NaN);
}
