import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { order } from "../../src/engine/rules/conditions/comparison.ts";
import { edgeAbove, edgeBelow, nextDown, nextUp } from "../../src/expressions/doubles.ts";

const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -200, max: 200, noNaN: true }),
  fc.constantFrom(0, 1, -1, 5e-324, -5e-324, 1.7e308, -1.7e308),
);
const within = fc.oneof(
  fc.double({ min: 0, noNaN: true }),
  fc.double({ min: 0, max: 1e-9, noNaN: true }),
  fc.constant(0),
);

describe("the edges of what counts as equal", () => {
  it("are the last doubles that do (R13)", () => {
    fc.assert(
      fc.property(double, within, (x, tolerance) => {
        const [most, least] = [edgeAbove(x, tolerance), edgeBelow(x, tolerance)];
        expect(order(x, most, tolerance)).toBe(0);
        expect(order(x, least, tolerance)).toBe(0);
        if (most < Number.MAX_VALUE) {
          expect(order(x, nextUp(most), tolerance)).toBe(-1);
        }
        if (least > -Number.MAX_VALUE) {
          expect(order(x, nextDown(least), tolerance)).toBe(1);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("are the value itself where the tolerance says nothing, and all there is where it has no end", () => {
    expect(edgeAbove(3, Number.NaN)).toBe(3);
    expect(edgeBelow(3, 0)).toBe(3);
    expect(edgeAbove(3, Number.POSITIVE_INFINITY)).toBe(Number.MAX_VALUE);
    expect(edgeBelow(3, Number.POSITIVE_INFINITY)).toBe(-Number.MAX_VALUE);
    expect(edgeAbove(Number.NaN, 1)).toBeNaN();
  });
});
