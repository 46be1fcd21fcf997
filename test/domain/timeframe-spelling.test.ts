import { describe, expect, it } from "vitest";
import { TIMEFRAMES } from "../../src/domain/timeframe.ts";
import { timeframeMeant } from "../../src/domain/timeframe-spelling.ts";

describe("other ways of writing a timeframe", () => {
  it.each(TIMEFRAMES)("%s is itself", (timeframe) => {
    expect(timeframeMeant(timeframe)).toBe(timeframe);
  });

  it.each([
    ["1H", "1h"],
    ["1D", "1d"],
    ["15M", "15m"],
    ["60m", "1h"],
    ["60 min", "1h"],
    ["3600s", "1h"],
    ["24h", "1d"],
    ["1440", "1d"],
    ["240", "4h"],
    ["4-hour", "4h"],
    ["4 hours", "4h"],
    ["1hr", "1h"],
    ["H4", "4h"],
    ["M15", "15m"],
    ["D1", "1d"],
    ["min5", "5m"],
    ["PT1H", "1h"],
    ["P1D", "1d"],
    ["hourly", "1h"],
    ["Daily", "1d"],
    ["D", "1d"],
    [" 1h ", "1h"],
  ])("%j is %s", (text, timeframe) => {
    expect(timeframeMeant(text)).toBe(timeframe);
  });

  it.each(["", "1M", "3M", "12M", "7m", "1w", "weekly", "90m", "h1h", "0", "-1h", "1.5h", "toString", "x".repeat(99)])(
    "%j is none",
    (text) => {
      expect(timeframeMeant(text)).toBeUndefined();
    },
  );
});
