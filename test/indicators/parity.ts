import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { GOLDEN_SERIES, indicator, readBars, readGolden } from "./series.ts";

const ROWS = 1_500;

/** How the values of one indicator over one series stand to those of TA-Lib. */
export interface Parity {
  readonly series: string;
  readonly name: string;
  /** Rows compared, those where both are undefined included. */
  readonly rows: number;
  /** 0-based row of the first value, and TA-Lib's. */
  readonly firstIndex: number;
  readonly expectedFirstIndex: number;
  /**
   * R9: relative, or of the largest input (of 100 for dimensionless indicators); infinite where
   * only one side is defined.
   */
  readonly largestError: number;
  /** Row of the largest error; -1 where there is none. */
  readonly at: number;
}

/** Every indicator that has golden values, over every series. */
export function parities(): readonly Parity[] {
  return GOLDEN_SERIES.flatMap((series) => {
    const bars = readBars(series, ROWS);
    const scales = {
      price: Math.max(...bars.map((bar) => bar.high)),
      volume: Math.max(...bars.map((bar) => bar.volume)),
      dimensionless: 100,
    };
    return [...readGolden(series)].map(([name, expected]): Parity => {
      const wanted = indicator(name);
      const actual = computeIndicator(wanted, bars);
      const isDefined = (value: number) => !Number.isNaN(value);
      return {
        series,
        name,
        rows: expected.length,
        firstIndex: actual.findIndex(isDefined),
        expectedFirstIndex: expected.findIndex(isDefined),
        ...worst(actual, expected, wanted.unit === "mixed" ? 100 : scales[wanted.unit]),
      };
    });
  });
}

function worst(actual: Float64Array, expected: readonly number[], scale: number): Pick<Parity, "largestError" | "at"> {
  let found = { largestError: 0, at: -1 };
  for (const [at, value] of expected.entries()) {
    const got = actual[at] ?? Number.NaN;
    const apart = Math.abs(got - value) / Math.max(Math.abs(value), scale);
    const error = Number.isNaN(got) && Number.isNaN(value) ? 0 : Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
    if (error > found.largestError) {
      found = { largestError: error, at };
    }
  }
  return found;
}

/**
 * The page docs/parity.md: one line an indicator, the largest error of each series beside the
 * others.
 */
export function parityPage(): string {
  const all = parities();
  const names = [...new Set(all.map(({ name }) => name))];
  const lines = names.map((name) => {
    const own = all.filter((parity) => parity.name === name);
    const rows = own.reduce((sum, parity) => sum + parity.rows, 0);
    const first = [...new Set(own.map(({ firstIndex }) => firstIndex))].join(", ");
    const errors = GOLDEN_SERIES.map((series) => errorText(own.find((parity) => parity.series === series)));
    return `| ${name} | ${rows} | ${first} | ${errors.join(" | ")} |`;
  });
  return `${HEAD}\n${lines.join("\n")}\n`;
}

/** One digit does: the last bits are nobody's promise. */
function errorText(parity: Parity | undefined): string {
  if (parity === undefined) {
    return "–";
  }
  return parity.largestError === 0 ? "0" : parity.largestError.toExponential(0);
}

const HEAD = `# Parity with TA-Lib

Written by \`npm run docs:parity\`; a test fails where this page is not current, and where an error is above R9's tolerance of 1e-9 or a first value
stands elsewhere than TA-Lib's. Values of TA-Lib (C 0.8.1) over the first ${ROWS} bars of each series: see [test/golden](../test/golden/README.md).

Rows are compared over all series together. The first index is 0-based. Errors are the largest ones, as R9 measures them: relative, or in parts of the
largest input.

| indicator | rows | first index | ${GOLDEN_SERIES.join(" | ")} |
| --- | --- | --- | ${GOLDEN_SERIES.map(() => "---").join(" | ")} |`;
