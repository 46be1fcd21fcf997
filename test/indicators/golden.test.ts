import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parities, parityPage } from "./parity.ts";
import { indicator, readSettle } from "./series.ts";

/** R9: 1e-9 relative, or 1e-9 of the largest input (of 100 for dimensionless indicators). */
const TOLERANCE = 1e-9;

describe("TA-Lib's values", () => {
  it.each(parities())("over $series: $name agrees on every row, and is first defined where it says", (parity) => {
    expect(parity.rows).toBe(1_500);
    expect(parity.largestError, `row ${parity.at}`).toBeLessThanOrEqual(TOLERANCE);
    expect(parity.firstIndex).toBe(parity.expectedFirstIndex);
    if (parity.name !== "VWAP") {
      expect(parity.firstIndex).toBe(indicator(parity.name).firstIndex);
    }
  });

  it("are compared on docs/parity.md as the code is; if not, run: npm run docs:parity", () => {
    expect(readFileSync(join(import.meta.dirname, "../../docs/parity.md"), "utf8")).toBe(parityPage());
  });
});

describe("first index and settle length (R10)", () => {
  it.each([...readSettle()])("%s", (name, expected) => {
    const { firstIndex, settleBars } = indicator(name);
    expect({ firstIndex, settleBars }).toEqual(expected);
  });
});
