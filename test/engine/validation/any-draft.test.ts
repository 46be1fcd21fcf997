import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StrategyDraft, toDraft } from "../../../src/domain/strategy.ts";
import { TIMEFRAMES } from "../../../src/domain/timeframe.ts";
import { validateStrategy } from "../../../src/engine/validation/validate-strategy.ts";
import { accepted } from "./drafts.ts";

const REQUIRED = [
  "strategyId",
  "name",
  "status",
  "entryIndicators",
  "entryLogic",
  "baseSizeUsd",
  "stopLossPct",
  "takeProfitPct",
  "allowedRegimes",
  "side",
  "timeframe",
  "trigger",
  "symbols",
  "labels",
] as const;

const OPTIONAL = ["confidenceScaling", "minConfidence", "maxPositions", "fitnessScore", "cooldownMs"] as const;

describe("any draft whatever", () => {
  const text = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 70 }).map((units) => String.fromCharCode(...units)),
    fc.constantFrom("", "a", "LIVE", "SIDE_LONG", "__proto__", "constructor", "1h"),
  );
  const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 0.5, 1, 1e9, 2 ** 31, Number.NaN));
  const name = fc.constantFrom(
    "RSI",
    "rsi_7",
    "CLOSE",
    "PRICE",
    "EMA_20",
    "EMA_50",
    "MACD",
    "MACD_SIGNAL",
    "SMA_CROSS",
  );
  const operator = fc.constantFrom("<", "<=", ">", ">=", "==", "!=", "crosses_above", "crosses_below");
  const timeframe = fc.constantFrom("", "", ...TIMEFRAMES);
  const side = { name, operator, timeframe };
  const plausibleCondition = fc.oneof(
    fc.record({ ...side, value: fc.oneof(fc.integer({ min: -5, max: 100 }), fc.constantFrom(-0, 0.5)) }),
    fc.record({ ...side, indicator: name }),
  );
  const plausible = fc.record(
    {
      strategyId: fc.constantFrom("s1", "S-2.b"),
      name: fc.constantFrom("x", " y "),
      status: fc.constantFrom("LIVE", "CANDIDATE"),
      entryIndicators: fc.array(plausibleCondition, { minLength: 1, maxLength: 3 }),
      entryLogic: fc.constantFrom("", "ALL", "ANY"),
      baseSizeUsd: fc.double({ min: 1, max: 1e6, noNaN: true }),
      confidenceScaling: fc.boolean(),
      stopLossPct: fc.double({ min: 0.001, max: 0.9, noNaN: true }),
      takeProfitPct: fc.double({ min: 0.001, max: 1.5, noNaN: true }),
      allowedRegimes: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 9 }), { maxLength: 3 }),
      minConfidence: fc.constantFrom(-0, 0.25, 1),
      maxPositions: fc.integer({ min: 1, max: 10 }),
      fitnessScore: fc.constantFrom(-0, 0.75),
      side: fc.constantFrom("", "LONG", "SHORT"),
      timeframe: fc.constantFrom("", "1s", "15m", "1h"),
      trigger: fc.constantFrom("", "LEVEL", "EDGE"),
      cooldownMs: fc.constantFrom(-0, 0.5, 60_000),
      symbols: fc.constantFrom([], ["BTCUSDT"]),
      labels: fc.dictionary(fc.string({ maxLength: 9 }), fc.string(), { maxKeys: 4 }),
    },
    { requiredKeys: [...REQUIRED] },
  );
  const garbage = fc.record(
    {
      strategyId: text,
      name: text,
      status: text,
      entryIndicators: fc.array(
        fc.oneof(
          plausibleCondition,
          fc.record(
            { name: text, operator: text, value: number, indicator: text, timeframe: text },
            { requiredKeys: ["name", "operator", "timeframe"] },
          ),
        ),
        { maxLength: 40 },
      ),
      entryLogic: text,
      baseSizeUsd: number,
      confidenceScaling: fc.boolean(),
      stopLossPct: number,
      takeProfitPct: number,
      allowedRegimes: fc.array(text, { maxLength: 110 }),
      minConfidence: number,
      maxPositions: number,
      fitnessScore: number,
      side: text,
      timeframe: text,
      trigger: text,
      cooldownMs: number,
      symbols: fc.array(text),
      labels: fc.dictionary(text, text, { maxKeys: 40 }),
    },
    { requiredKeys: [...REQUIRED] },
  );

  it("is refused with reasons, or has a canonical form that is its own", () => {
    let valid = 0;
    // Any part of a plausible draft may be replaced by garbage.
    const mixed = fc.tuple(plausible, garbage, fc.subarray([...OPTIONAL, ...REQUIRED], { maxLength: 2 })).map(
      ([good, bad, replaced]): StrategyDraft => ({
        ...good,
        ...Object.fromEntries(replaced.filter((key) => key in bad).map((key) => [key, bad[key]])),
      }),
    );
    fc.assert(
      fc.property(fc.oneof(plausible, mixed, garbage), fc.boolean(), (draft, inline) => {
        const result = validateStrategy(draft, { inline });
        if ("violations" in result) {
          expect(result.violations.length).toBeGreaterThan(0);
          for (const { field, description } of result.violations) {
            expect(field).toMatch(/^[a-z_]+(\[\d+\](\.[a-z]+)?|\[".*"\])?$/);
            expect(description.isWellFormed()).toBe(true);
          }
          return;
        }
        valid++;
        expect(validateStrategy(toDraft(result.config), {})).toEqual(result);
        expect(JSON.stringify(accepted(toDraft(result.config)).config)).toBe(JSON.stringify(result.config));
      }),
      { numRuns: 1_500, seed: 42 },
    );
    expect(valid).toBeGreaterThan(100);
  });
});
