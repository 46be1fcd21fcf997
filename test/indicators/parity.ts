import type { Bar } from "../../src/domain/bar.ts";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { GROUP_SERIES, groupBars, readGroup } from "./golden/read.ts";
import { patternParityLines } from "./pattern-parity.ts";
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

/** Every indicator that has golden values in test/golden, over every series. */
export function parities(): readonly Parity[] {
  return GOLDEN_SERIES.flatMap((series) => paritiesOf(series, readBars(series, ROWS), readGolden(series)));
}

/** Every indicator of a group of test/indicators/golden, over every series. */
export function groupParities(group: string): readonly Parity[] {
  return GROUP_SERIES.flatMap((series) => paritiesOf(series, groupBars(series), readGroup(group, series)));
}

function paritiesOf(
  series: string,
  bars: readonly Bar[],
  golden: ReadonlyMap<string, readonly number[]>,
): readonly Parity[] {
  const largest = {
    price: Math.max(...bars.map((bar) => bar.high)),
    volume: Math.max(...bars.map((bar) => bar.volume)) || 1,
    dimensionless: 100,
  };
  return [...golden].map(([name, expected]): Parity => {
    const wanted = indicator(name);
    const actual = computeIndicator(wanted, bars);
    const isDefined = (value: number) => !Number.isNaN(value);
    return {
      series,
      name,
      rows: expected.filter((value) => value !== Number.POSITIVE_INFINITY).length,
      firstIndex: actual.findIndex(isDefined),
      expectedFirstIndex: expected.findIndex(isDefined),
      ...worst(actual, expected, wanted.unit === "mixed" ? largestOf(expected) : largest[wanted.unit]),
    };
  });
}

/** Of a product of prices and volumes: the largest there is, 1 where all are 0. */
function largestOf(values: readonly number[]): number {
  return Math.max(...values.filter((value) => !Number.isNaN(value)).map(Math.abs)) || 1;
}

function worst(actual: Float64Array, expected: readonly number[], scale: number): Pick<Parity, "largestError" | "at"> {
  let found = { largestError: 0, at: -1 };
  for (const [at, value] of expected.entries()) {
    if (value === Number.POSITIVE_INFINITY) {
      continue;
    }
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
  const sections = GROUPS.flatMap(({ group, title }) => [
    "",
    `## ${title}`,
    "",
    ...table(groupParities(group), GROUP_SERIES),
  ]);
  return [
    HEAD,
    "",
    ...table(parities(), GOLDEN_SERIES),
    "",
    GROUPS_HEAD,
    ...sections,
    "",
    ...patternParityLines(),
    "",
  ].join("\n");
}

function table(all: readonly Parity[], series: readonly string[]): readonly string[] {
  const names = [...new Set(all.map(({ name }) => name))];
  const lines = names.map((name) => {
    const own = all.filter((parity) => parity.name === name);
    const rows = own.reduce((sum, parity) => sum + parity.rows, 0);
    const first = [...new Set(own.map(({ firstIndex }) => firstIndex).filter((index) => index >= 0))].join(", ");
    const errors = series.map((one) => errorText(own.find((parity) => parity.series === one)));
    return `| ${name} | ${rows} | ${first} | ${errors.join(" | ")} |`;
  });
  return [
    `| indicator | rows | first index | ${series.join(" | ")} |`,
    `| --- | --- | --- | ${series.map(() => "---").join(" | ")} |`,
    ...lines,
  ];
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
largest input.`;

const GROUPS_HEAD = `The tables below are of shorter series: the first 400 bars of the same three, and four that were made
to divide by nothing ([bars](../test/indicators/golden/write.py)). *constant*: nothing moves. *no-volume*:
prices move and nothing is traded. *ties*: prices of a coarse grid, so that many are equal. *gaps*: a
walk that stands still without volume for 110 bars, and jumps by 8 and by 16 times. The values were
written with 12 digits, so an error below 1e-12 is that of the file.`;

/** The groups of test/indicators/golden/write.py. */
export const GROUPS: readonly { readonly group: string; readonly title: string }[] = [
  { group: "functions", title: "Functions of a bar or of one series" },
  { group: "strategies", title: "What public strategies read besides" },
];
