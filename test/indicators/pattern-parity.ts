import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { patternSeries, readPatterns } from "./golden/read-patterns.ts";
import { indicator } from "./series.ts";

/** How the values of one candle pattern over one series stand to TA-Lib's. */
export interface PatternParity {
  readonly series: string;
  readonly name: string;
  readonly rows: number;
  /** The rows that differ, the first few of them in words. */
  readonly differ: readonly string[];
  /** How often TA-Lib has each value but 0. */
  readonly fired: ReadonlyMap<number, number>;
}

/** Every candle pattern, with each penetration that has golden values, over every series. */
export function patternParities(): readonly PatternParity[] {
  return [...patternSeries()].flatMap(([series, bars]) =>
    [...readPatterns(series)].map(([name, expected]) => {
      const wanted = indicator(name);
      const differ: string[] = [];
      for (const [row, got] of computeIndicator(wanted, bars).entries()) {
        const want = row < wanted.firstIndex ? Number.NaN : (expected.get(row) ?? 0);
        if (!Object.is(got, want)) {
          differ.push(`row ${row}: ${got}, TA-Lib ${want}`);
        }
      }
      return { series, name, rows: bars.length, differ, fired: countsOf(expected.values()) };
    }),
  );
}

function countsOf(values: Iterable<number>): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** The part of docs/parity.md that is about candle patterns. */
export function patternParityLines(): readonly string[] {
  const all = patternParities();
  const series = [...new Set(all.map((parity) => parity.series))];
  const lines = [...Map.groupBy(all, ({ name }) => name)].map(([name, own]) => {
    const rows = own.reduce((sum, parity) => sum + parity.rows, 0);
    const differ = own.reduce((sum, parity) => sum + parity.differ.length, 0);
    return `| ${[name, rows, differ, ...own.map(({ fired }) => firedText(fired))].join(" | ")} |`;
  });
  return [
    "## Candle patterns",
    "",
    "Values are equal to TA-Lib's on every row, and undefined where TA-Lib has none yet. A cell says how often a pattern had",
    "each value but 0. *rich*: random bars chosen so that every value of every pattern is there. *cents*: the same bars with",
    "prices that are no whole numbers. The others have bodies or ranges of 0: see",
    "[write_patterns.py](../test/indicators/golden/write_patterns.py).",
    "",
    `| indicator | rows | rows that differ | ${series.join(" | ")} |`,
    `| --- | --- | --- | ${series.map(() => "---").join(" | ")} |`,
    ...lines,
  ];
}

/** "3 × −100, 4 × 100". */
function firedText(fired: ReadonlyMap<number, number>): string {
  const counts = [...fired].sort(([a], [b]) => a - b);
  return counts.map(([value, count]) => `${count} × ${value}`).join(", ") || "–";
}
