import type { StrategyConfig } from "../../../domain/strategy.ts";
import { type Formula, type FormulaPart, formulaNamed } from "../../../expressions/formula.ts";
import { isName } from "../../../expressions/parse-expression.ts";
import { formatNumber } from "./format.ts";
import { formulaLacks, formulaValue, partValue } from "./formula-values.ts";
import type { MarketReading } from "./market-reading.ts";

/** Stop and target that are computed (R80); absent where they are not. */
export interface LevelFormulas {
  readonly stopLoss?: Formula;
  readonly takeProfit?: Formula;
}

const FIELDS = { stopLoss: "stop_loss_at", takeProfit: "take_profit_at" } as const;
const LEVELS = ["stopLoss", "takeProfit"] as const;

/** Undefined where neither is computed. */
export function levelFormulasOf({ stopLossAt, takeProfitAt, timeframe }: StrategyConfig): LevelFormulas | undefined {
  return stopLossAt === undefined && takeProfitAt === undefined
    ? undefined
    : {
        ...(stopLossAt !== undefined && { stopLoss: formulaNamed(stopLossAt, timeframe) }),
        ...(takeProfitAt !== undefined && { takeProfit: formulaNamed(takeProfitAt, timeframe) }),
      };
}

/** What the computed levels read, with the field that reads it. */
export function partsOfLevels(
  levels: LevelFormulas | undefined,
): readonly (FormulaPart & { readonly field: string })[] {
  return LEVELS.flatMap((level) => levels?.[level]?.parts.map((part) => ({ ...part, field: FIELDS[level] })) ?? []);
}

/** A computed level at a close, with what it was computed from. */
interface ReadLevel {
  readonly formula: Formula;
  /** NaN where undefined. */
  readonly value: number;
  /** Those of the formula's parts; NaN where not ready. */
  readonly parts: readonly number[];
  /** Bars that are missing, where the value is undefined. */
  readonly lacks: number;
}

export interface ReadLevels {
  readonly stopLoss?: ReadLevel;
  readonly takeProfit?: ReadLevel;
}

/** Reads the levels on the bar that had closed by `barClose`. */
export function readLevels(formulas: LevelFormulas, reading: MarketReading, barClose: number): ReadLevels {
  const { stopLoss, takeProfit } = formulas;
  return {
    ...(stopLoss && { stopLoss: readLevel(stopLoss, reading, barClose) }),
    ...(takeProfit && { takeProfit: readLevel(takeProfit, reading, barClose) }),
  };
}

function readLevel(formula: Formula, reading: MarketReading, barClose: number): ReadLevel {
  const value = formulaValue(formula, reading, barClose, 0);
  const parts = formula.parts.map((part) => partValue(part, formula, reading, barClose, 0));
  const lacks = Number.isNaN(value) ? formulaLacks(formula, reading, barClose, 0) : 0;
  return { formula, value, parts, lacks };
}

/** "CLOSE - 2*ATR_14 (CLOSE is 100, ATR_14 is 2)": what the level was computed from. */
function explained({ formula, parts, lacks }: ReadLevel): string {
  const values = formula.parts.map(({ reading, timeframe }, i) => {
    const name = timeframe === formula.timeframe ? reading.name : `${reading.name}@${timeframe}`;
    const value = parts[i] ?? Number.NaN;
    return `${name} is ${Number.isNaN(value) ? "not known" : formatNumber(value)}`;
  });
  const missing = lacks === 0 ? [] : [`${lacks} ${lacks === 1 ? "bar is" : "bars are"} missing`];
  const all = isName(formula.name) ? missing : [...values, ...missing];
  return all.length === 0 ? formula.name : `${formula.name} (${all.join(", ")})`;
}

/** R80: why a level cannot be used with this entry price; undefined where all can. */
export function invalidLevels(side: StrategyConfig["side"], entry: number, read: ReadLevels): string | undefined {
  for (const level of LEVELS) {
    const found = read[level];
    const isAbove = (side === "LONG") === (level === "takeProfit");
    const fault = found === undefined ? undefined : levelFault(found.value, entry, isAbove);
    if (found !== undefined && fault !== undefined) {
      return `${FIELDS[level]} ${explained(found)} ${fault}`;
    }
  }
  return undefined;
}

function levelFault(value: number, entry: number, isAbove: boolean): string | undefined {
  if (!Number.isFinite(value)) {
    return "is undefined";
  }
  if (value <= 0) {
    return `is ${formatNumber(value)}, must be above 0`;
  }
  const must = isAbove ? "above" : "below";
  return (isAbove ? value <= entry : value >= entry)
    ? `is ${formatNumber(value)}, must be ${must} the entry price ${formatNumber(entry)}`
    : undefined;
}

/** Stop and target as prices; absent where they are not computed. */
export interface LevelPrices {
  readonly stopLoss?: number;
  readonly takeProfit?: number;
}

export function pricesOf({ stopLoss, takeProfit }: ReadLevels): LevelPrices {
  return {
    ...(stopLoss && { stopLoss: stopLoss.value }),
    ...(takeProfit && { takeProfit: takeProfit.value }),
  };
}
