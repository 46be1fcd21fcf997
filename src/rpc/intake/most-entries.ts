import type { DescField } from "@bufbuild/protobuf";

/** Ids of strategies that one call may name to see theirs alone. */
const NAMED_STRATEGIES = 10_000;
const SYMBOLS = 5_000;

const RULES = "strategyruntime.v1.RuleList.rules";
/** Of all lists of a tree: 64 conditions, with as many lists of one above each as may be. */
const RULES_IN_A_TREE = 64 * 8;

/** Most entries of the lists and maps that requests hold, in one message each, by full name. */
const MOST_ENTRIES: ReadonlyMap<string, number> = new Map([
  ["strategyruntime.v1.EvaluateRequest.bars", 20_000],
  ["strategyruntime.v1.EvaluateRequest.indicators", 1_000],
  ["strategyruntime.v1.GenerateSignalsRequest.symbols", SYMBOLS],
  ["strategyruntime.v1.GenerateSignalsRequest.strategy_ids", NAMED_STRATEGIES],
  ["strategyruntime.v1.ListDecisionsRequest.symbols", SYMBOLS],
  ["strategyruntime.v1.ListDecisionsRequest.strategy_ids", NAMED_STRATEGIES],
  ["strategyruntime.v1.WatchPerformanceRequest.strategy_ids", NAMED_STRATEGIES],
  ["strategyruntime.v1.SetAllowedStrategiesRequest.strategy_ids", 100_000],
  ["strategyruntime.v1.BatchSaveStrategiesRequest.strategies", 1_000],
  ["strategyruntime.v1.StrategyConfig.entry_indicators", 32],
  ["strategyruntime.v1.StrategyConfig.target_steps", 32],
  [RULES, 32],
  ["strategyruntime.v1.StrategyConfig.allowed_regimes", 100],
  ["strategyruntime.v1.StrategyConfig.symbols", 100],
  ["strategyruntime.v1.StrategyConfig.labels", 32],
]);

/** Of a list that the table does not have. */
const USUAL_ENTRIES = 1_000;

/**
 * Most entries of a list or map, in one message. What stands inside other messages may be more here
 * than the contract says: whoever judges the message then says all that is wrong with it.
 */
export function mostEntries(field: DescField): number {
  return MOST_ENTRIES.get(nameOf(field)) ?? USUAL_ENTRIES;
}

/** The same of all lists together that stand within one another, as those of a tree do. */
export function mostEntriesWithin(field: DescField): number {
  return nameOf(field) === RULES ? RULES_IN_A_TREE : mostEntries(field);
}

/** Whether somebody has thought about how many entries the list or map may have. */
export function isBounded(field: DescField): boolean {
  return MOST_ENTRIES.has(nameOf(field));
}

function nameOf({ parent, name }: DescField): string {
  return `${parent.typeName}.${name}`;
}
