import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatNumber } from "../../../../src/engine/rules/conditions/format.ts";

describe("a number for people", () => {
  it("is the shortest text of the number rounded to six significant digits", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double(),
          fc.integer().map((hundredths) => hundredths / 100),
          fc.double({ min: -1, max: 1 }).map((value) => value / 1_000),
        ),
        (value) => {
          expect(formatNumber(value)).toBe(String(Number(value.toPrecision(6))));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [30, "30"],
    [-0, "0"],
    [41.2, "41.2"],
    [0.5, "0.5"],
    [99.999_999_9, "100"],
    [123_456.7, "123457"],
    [1_234_567.8, "1234570"],
    [0.000_001_234_567_8, "0.00000123457"],
    [0.000_000_123, "1.23e-7"],
  ])("%f is %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});
