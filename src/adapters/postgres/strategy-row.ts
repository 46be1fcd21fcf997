import { errorText, type ReadFault } from "../../domain/errors.ts";
import type { ConditionDraft, StoredStrategy, StrategyDraft } from "../../domain/strategy.ts";
import { type ExitColumns, readExits } from "./exit-columns.ts";
import { conditionOf, ruleOf, shown } from "./rule-json.ts";

/** A row as the statements of strategy-sql.ts answer with it. */
export interface StrategyRow {
  /** StrategyColumns as JSON. */
  readonly strategy: string;
}

/** JSON has no NaN and no infinity: PostgreSQL writes those as texts. */
type Double = number | string;

/** What STRATEGY_JSON of strategy-sql.ts selects of sg_strategies. Times in ms. */
interface StrategyColumns extends ExitColumns {
  readonly strategy_id: string;
  readonly name: string;
  readonly status: string;
  readonly entry_indicators: unknown;
  readonly entry_logic: string | null;
  readonly entry: unknown;
  readonly exit: unknown;
  readonly base_size_usd: Double;
  readonly confidence_scaling: boolean | null;
  readonly stop_loss_pct: Double | null;
  readonly stop_loss_at: string | null;
  readonly take_profit_pct: Double | null;
  readonly take_profit_at: string | null;
  readonly allowed_regimes: unknown;
  readonly min_confidence: Double | null;
  readonly max_positions: number | null;
  readonly fitness_score: Double | null;
  readonly side: string | null;
  readonly timeframe: string | null;
  readonly trigger: string | null;
  readonly cooldown_ms: Double | null;
  readonly symbols: unknown;
  readonly labels: unknown;
  readonly version: number;
  readonly created_at: Double;
  readonly updated_at: Double;
  readonly last_executed_at: Double | null;
}

/**
 * What a repository answers for a row: a draft, or why it cannot be read as one (R44). Never
 * throws.
 */
export function storedOf({ strategy }: StrategyRow): StoredStrategy {
  const row = JSON.parse(strategy) as StrategyColumns;
  const read = readDraft(row);
  return {
    strategyId: row.strategy_id,
    ...read,
    version: row.version,
    createdAt: finiteOr0(row.created_at),
    updatedAt: finiteOr0(row.updated_at),
    ...(row.last_executed_at !== null && { lastExecutedAt: finiteOr0(row.last_executed_at) }),
  };
}

function readDraft(row: StrategyColumns): { readonly draft: StrategyDraft } | { readonly fault: string } {
  try {
    for (const column of ["created_at", "updated_at", "last_executed_at"] as const) {
      if (row[column] !== null && !Number.isFinite(Number(row[column]))) {
        throw new TypeError(`${column} is ${row[column]}, must be a moment`);
      }
    }
    return { draft: draftOf(row) };
  } catch (error) {
    return { fault: `the row cannot be read: ${errorText(error)}` };
  }
}

function draftOf(row: StrategyColumns): StrategyDraft {
  const exits = readExits(row);
  const faults: ReadFault[] = [...exits.faults];
  const entry = row.entry === null ? undefined : ruleOf(row.entry, "entry", faults);
  const exit = row.exit === null ? undefined : ruleOf(row.exit, "exit", faults);
  return {
    strategyId: row.strategy_id,
    name: row.name,
    status: row.status,
    entryIndicators: conditionsOf(row.entry_indicators),
    entryLogic: row.entry_logic ?? "",
    ...(entry && { entry }),
    ...(exit && { exit }),
    baseSizeUsd: Number(row.base_size_usd),
    ...(row.confidence_scaling !== null && { confidenceScaling: row.confidence_scaling }),
    stopLossPct: Number(row.stop_loss_pct ?? 0),
    ...(row.stop_loss_at !== null && { stopLossAt: row.stop_loss_at }),
    takeProfitPct: Number(row.take_profit_pct ?? 0),
    ...(row.take_profit_at !== null && { takeProfitAt: row.take_profit_at }),
    ...exits.fields,
    allowedRegimes: textsOf("allowed_regimes", row.allowed_regimes),
    ...(row.min_confidence !== null && { minConfidence: Number(row.min_confidence) }),
    ...(row.max_positions !== null && { maxPositions: row.max_positions }),
    ...(row.fitness_score !== null && { fitnessScore: Number(row.fitness_score) }),
    side: row.side ?? "",
    timeframe: row.timeframe ?? "",
    trigger: row.trigger ?? "",
    ...(row.cooldown_ms !== null && { cooldownMs: Number(row.cooldown_ms) }),
    symbols: textsOf("symbols", row.symbols),
    labels: labelsOf(row.labels),
    ...(faults.length > 0 && { faults }),
  };
}

function conditionsOf(value: unknown): readonly ConditionDraft[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`entry_indicators is ${shown(value)}, must be an array of conditions`);
  }
  return value.map((one: unknown, i) =>
    conditionOf(one, `entry_indicators[${i}]`, (field, description) => {
      throw new TypeError(`${field} ${description}`);
    }),
  );
}

function labelsOf(value: unknown): Readonly<Record<string, string>> {
  if (value === null) {
    return {};
  }
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new TypeError(`labels is ${shown(value)}, must be an object of texts`);
  }
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw new TypeError(`labels.${key} is ${shown(text)}, must be a text`);
    }
  }
  return value as Readonly<Record<string, string>>;
}

function textsOf(column: string, value: unknown): readonly string[] {
  if (value === null) {
    return [];
  }
  if (!Array.isArray(value) || !value.every((text) => typeof text === "string")) {
    throw new TypeError(`${column} is ${shown(value)}, must be a list of texts`);
  }
  return value;
}

function finiteOr0(value: Double): number {
  const number = Number(value);
  return Number.isFinite(number) ? number : 0;
}
