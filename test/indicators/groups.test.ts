import { describe, expect, it } from "vitest";
import { GROUPS, groupParities } from "./parity.ts";
import { indicator } from "./series.ts";

/** R9: 1e-9 relative, or 1e-9 of the largest input (of 100 for dimensionless indicators). */
const TOLERANCE = 1e-9;

describe.each(GROUPS)("TA-Lib's values of the group $group", ({ group }) => {
  const all = Map.groupBy(groupParities(group), ({ name }) => name);

  it.each([...all])("%s agrees on every row of every series, and is first defined where it says", (name, series) => {
    for (const parity of series) {
      const where = `${parity.series}, row ${parity.at}`;
      expect(parity.largestError, where).toBeLessThanOrEqual(TOLERANCE);
      expect(parity.firstIndex, where).toBe(parity.expectedFirstIndex);
    }
    const firstIndexes = series.map(({ firstIndex }) => firstIndex).filter((index) => index >= 0);
    // An arc sine of a price never is.
    expect(Math.min(...firstIndexes, Number.POSITIVE_INFINITY)).toBe(
      firstIndexes.length === 0 ? Number.POSITIVE_INFINITY : indicator(name).firstIndex,
    );
  });
});
