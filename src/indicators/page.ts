import type { Bar } from "../domain/bar.ts";
import { type Definition, LARGEST_FACTOR, type Parameter } from "./definition.ts";
import type { Indicator } from "./indicator.ts";
import { computeIndicator } from "./indicator-set.ts";
import { requirement } from "./parameters.ts";
import { ALIASES, DEFINITIONS, instantiate, usualParameters } from "./registry.ts";
import { NOT_OFFERED } from "./spelling/not-offered.ts";
import type { Target } from "./spelling/spellings.ts";
import { TABLE } from "./spelling/table.ts";

const HOUR_MS = 3_600_000;
const BARS = 200;

/**
 * Markets in which formulas divide by nothing; what each indicator says of them is computed when
 * the page is written.
 */
const DEGENERATE: readonly { readonly title: string; readonly bars: readonly Bar[] }[] = [
  { title: "one bar", bars: series(1, () => [100, 100.5, 99.5, 100, 5]) },
  { title: "constant, traded", bars: series(BARS, () => [100, 100, 100, 100, 5]) },
  { title: "constant, no volume", bars: series(BARS, () => [100, 100, 100, 100, 0]) },
  { title: "constant close in a range", bars: series(BARS, () => [100, 101, 99, 100, 5]) },
  { title: "rising, high = low", bars: series(BARS, (i) => [100 + i, 100 + i, 100 + i, 100 + i, 5]) },
];

/**
 * docs/indicators.md: all that the registry knows, for people. A test holds the committed page to
 * it.
 */
export function indicatorsPage(): string {
  return [
    "# Indicators",
    "",
    "Written by `npm run docs:indicators` from the registry in `src/indicators`; a test fails where this page is not current.",
    "The rules are R8 to R11 of [what is computed](semantics/indicators.md). Names are `NAME` or `NAME_p1_p2_p3`; parameters left out take the",
    `defaults. ${aliases()}`,
    "",
    ...namesTable(),
    "",
    ...parameterRules(),
    "",
    "## When a value can be used",
    "",
    "*First index*: the 0-based index of the first bar with a value. *Settle*: how many more bars until the seed of its recursive",
    "averages weighs less than 1e-12, `ceil(ln 1e-12 / ln(1 − α))`, α = 1/n for Wilder's averages and 2/(n + 1) for EMA. Both are",
    "given for the default parameters. VWAP has no value on the day that a series begins in, unless it begins at 00:00 UTC; pivots",
    "have none before the end of the first whole day.",
    "",
    ...settleTable(),
    "",
    "## Degenerate cases",
    "",
    "An undefined value is never ready, never compares, and is absent from results (R11).",
    "",
    ...table(
      ["name", "undefined where", "exactly 0 where"],
      DEFINITIONS.filter((d) => d.undefinedWhere !== undefined || d.zeroWhere !== undefined).map((d) => [
        d.base,
        d.undefinedWhere ?? "–",
        d.zeroWhere ?? "–",
      ]),
    ),
    "",
    `What that comes to, on the last of ${BARS} hourly bars (price 100, volume 5 unless said otherwise), computed by the code itself:`,
    "",
    ...table(
      ["indicator", ...DEGENERATE.map((market) => market.title)],
      defaults().map((indicator) => [
        indicator.name,
        ...DEGENERATE.map(({ bars }) => valueText(computeIndicator(indicator, bars).at(-1))),
      ]),
    ),
    "",
    "NATR_1 is TA-Lib's: without smoothing it is the true range itself, in units of price.",
    "",
    ...otherNames(),
    "",
  ].join("\n");
}

function namesTable(): readonly string[] {
  return table(
    ["name", "parameters", "family", "unit", "range", "formula", "computed as", "takes a source"],
    DEFINITIONS.map((definition) => [
      definition.base,
      definition.parameters.map(parameterText).join(", ") || "–",
      familyText(definition),
      definition.unit,
      rangeText(definition),
      definition.formula,
      definition.source,
      definition.takesSource === true ? "yes (R54)" : "–",
    ]),
  );
}

function settleTable(): readonly string[] {
  return table(
    ["indicator", "first index", "settle", "bars until settled"],
    defaults().map(({ name, firstIndex, settleBars, intradayOnly, wholeDays = 1 }) => [
      name,
      String(firstIndex),
      String(settleBars),
      intradayOnly
        ? `since 00:00 UTC${wholeDays > 1 ? " of the day before" : ""}`
        : String(firstIndex + 1 + settleBars),
    ]),
  );
}

function series(count: number, bar: (index: number) => readonly [number, number, number, number, number]): Bar[] {
  return Array.from({ length: count }, (_, i) => {
    const [open, high, low, close, volume] = bar(i);
    return { openTime: i * HOUR_MS, open, high, low, close, volume };
  });
}

function defaults(): readonly Indicator[] {
  return DEFINITIONS.map((definition) => instantiate(definition, usualParameters(definition)));
}

function aliases(): string {
  const isGlued = (alias: string, name: string) => alias === name.replace("_", "");
  const own = [...ALIASES].filter(([alias, name]) => !isGlued(alias, name));
  const patterns = "Candle patterns are read in TA-Lib's spelling, too: `CDLHAMMER` is CDL_HAMMER.";
  return [...own.map(([alias, name]) => `\`${alias}\` is another name of ${name}.`), patterns].join(" ");
}

function otherNames(): readonly string[] {
  return [
    "## Names used elsewhere",
    "",
    "They are refused, and the refusal gives the name here with all its parameters (`BBL_20_2.0`: BB_LOWER_20_2), also for glued",
    "and bracketed numbers (`EMA200`, `SMA(20)`, `ta.rsi(close, 14)`), other orders of the words, timeframes in the name",
    "(`RSI_14_1h`) and slips. Where the words do not say which indicator is meant, it gives all that they may stand for.",
    "Numbers are read in the order of the library whose name it is: `STOCHk_14_3_5` of pandas-ta is STOCH_K_14_5_3.",
    "",
    ...table(
      ["indicator", "names used elsewhere"],
      TABLE.map(({ targets, names }) => [targets.map(targetText).join(", "), names.join(", ")]),
    ),
    "",
    "## Not offered",
    "",
    ...table(
      ["names", "why, and what comes near"],
      [...Map.groupBy(NOT_OFFERED, ({ why }) => why)].map(([why, rows]) => [
        rows.flatMap(({ names }) => names).join(", "),
        why,
      ]),
    ),
  ];
}

function targetText({ base, implied = {} }: Target): string {
  const values = Object.entries(implied).map(([name, value]) => `${name} ${value}`);
  return values.length === 0 ? base : `${base} (${values.join(", ")})`;
}

function parameterText(parameter: Parameter): string {
  const { name, kind, least, most, default: standard } = parameter;
  const from = least > 1 ? `, from ${least}` : "";
  const to = kind === "factor" && most !== LARGEST_FACTOR ? `, to ${most}` : "";
  return `${name} (${standard ?? "always given"}${from}${to})`;
}

function parameterRules(): readonly string[] {
  const all = DEFINITIONS.flatMap((definition) => definition.parameters);
  const period = all.find((parameter) => parameter.kind === "period" && parameter.least === 1);
  const factor = all.find((parameter) => parameter.kind === "factor");
  return [
    `Periods are ${period && requirement(period)}, or from the smallest one given in the table; \`fast\` is below \`slow\`.`,
    `Factors, such as the bands' k, are ${factor && requirement(factor)}.`,
  ];
}

function familyText({ family, reference, intradayOnly }: Definition): string {
  return `${family}${reference ? ", unbounded" : ""}${intradayOnly ? ", below 1d only" : ""}`;
}

function rangeText({ range, reference, values }: Definition): string {
  if (values !== undefined) {
    return values.join(", ");
  }
  if (reference !== undefined) {
    return `reference ${reference.low}..${reference.high}`;
  }
  if (Number.isFinite(range.high)) {
    return `${range.low}..${range.high}`;
  }
  return Number.isFinite(range.low) ? `${range.lowOpen ? "above" : "from"} ${range.low}` : "any";
}

function valueText(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "undefined" : String(Number(value.toPrecision(6)));
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`);
}

/** A bar inside a cell would end it. */
function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
