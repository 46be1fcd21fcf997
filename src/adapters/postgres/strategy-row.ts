import { errorText } from "../../domain/errors.ts";
import type { ConditionDraft, StoredStrategy, StrategyDraft } from "../../domain/strategy.ts";
import { type ExitColumns, readExits } from "./exit-columns.ts";

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
  readonly base_size_usd: Double;
  readonly confidence_scaling: boolean | null;
  readonly stop_loss_pct: Double;
  readonly take_profit_pct: Double | null;
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
  return {
    strategyId: row.strategy_id,
    name: row.name,
    status: row.status,
    entryIndicators: conditionsOf(row.entry_indicators),
    entryLogic: row.entry_logic ?? "",
    baseSizeUsd: Number(row.base_size_usd),
    ...(row.confidence_scaling !== null && { confidenceScaling: row.confidence_scaling }),
    stopLossPct: Number(row.stop_loss_pct),
    takeProfitPct: Number(row.take_profit_pct ?? 0),
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
    ...(exits.faults.length > 0 && { faults: exits.faults }),
  };
}

const CONDITION_KEYS: ReadonlySet<string> = new Set(["name", "operator", "value", "indicator", "timeframe"]);

function isRead(key: string): boolean {
  return CONDITION_KEYS.has(key);
}

function otherKeys(condition: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(condition).filter(([key]) => !isRead(key)));
}

/**
 * Keys of other names go with the draft: validation knows which of them mean something elsewhere.
 */
function conditionsOf(value: unknown): readonly ConditionDraft[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`entry_indicators is ${shown(value)}, must be an array of conditions`);
  }
  return value.map((one: unknown, i) => {
    const where = `entry_indicators[${i}]`;
    if (typeof one !== "object" || one === null || Array.isArray(one)) {
      throw new TypeError(`${where} is ${shown(one)}, must be an object`);
    }
    const keys: Partial<Record<keyof ConditionDraft, unknown>> = one;
    const operand = keys.value ?? undefined;
    const indicator = textOf(`${where}.indicator`, keys.indicator);
    if (operand !== undefined && typeof operand !== "number") {
      const named = typeof operand === "string" ? "; another indicator stands in indicator" : "";
      throw new TypeError(`${where}.value is ${shown(operand)}, must be a number${named}`);
    }
    return {
      name: textOf(`${where}.name`, keys.name) ?? "",
      operator: textOf(`${where}.operator`, keys.operator) ?? "",
      ...(operand !== undefined && { value: operand }),
      ...(indicator !== undefined && { indicator }),
      timeframe: textOf(`${where}.timeframe`, keys.timeframe) ?? "",
      ...(!Object.keys(one).every(isRead) && { others: otherKeys(one) }),
    };
  });
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

function textOf(where: string, value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === "string") {
    return value ?? undefined;
  }
  throw new TypeError(`${where} is ${shown(value)}, must be a text`);
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 100);
}

function finiteOr0(value: Double): number {
  const number = Number(value);
  return Number.isFinite(number) ? number : 0;
}
