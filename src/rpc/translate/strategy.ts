import { create } from "@bufbuild/protobuf";
import {
  type Condition as ConditionMessage,
  ConditionSchema,
  RuleListSchema,
  type Rule as RuleMessage,
  RuleSchema,
  type StrategyConfig as StrategyConfigMessage,
  StrategyConfigSchema,
  type TargetStep as TargetStepMessage,
  TargetStepSchema,
  type TrailingStop as TrailingStopMessage,
  TrailingStopSchema,
} from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import type {
  ConditionDraft,
  RuleDraft,
  StoredStrategy,
  StrategyDraft,
  TargetStep,
  TrailingStop,
} from "../../domain/strategy.ts";
import { faultsOf } from "../json/kept-faults.ts";
import { entryLogics, sides, statuses, triggers } from "./enums.ts";
import { identity, sortedMap } from "./maps.ts";
import { toInt32, toInt64 } from "./numbers.ts";
import { durationMs, toDuration, toTimestamp } from "./time.ts";

function fromCondition(condition: ConditionMessage): ConditionDraft {
  const { name, operator, operand, timeframe, forBars, withinBars } = condition;
  return {
    name,
    operator,
    ...(operand.case === "value" && { value: operand.value }),
    ...(operand.case === "indicator" && { indicator: operand.value }),
    timeframe,
    ...(forBars !== 0 && { forBars }),
    ...(withinBars !== 0 && { withinBars }),
  };
}

function fromTrailingStop({ distancePct, activationPct }: TrailingStopMessage): TrailingStop {
  return { distancePct, ...(activationPct !== undefined && { activationPct }) };
}

/** A step without `after` is at 0, as the first one is. */
function fromTargetStep({ after, takeProfitPct }: TargetStepMessage): TargetStep {
  return { afterMs: after === undefined ? 0 : durationMs(after), takeProfitPct };
}

/** The intake bounds how deep a request's rules stand within one another. */
function fromRule({ rule, tag }: RuleMessage): RuleDraft {
  const tagged = tag === "" ? undefined : { tag };
  switch (rule.case) {
    case "all":
    case "any":
    case "none":
      return { kind: rule.case, rules: rule.value.rules.map(fromRule), ...tagged };
    case "condition":
      return { kind: rule.case, condition: fromCondition(rule.value), ...tagged };
    default:
      return { kind: "condition", condition: undefined, ...tagged };
  }
}

/**
 * What the caller gave, unchecked, with what was wrong with it when it was read; output-only fields
 * are left behind.
 */
export function fromStrategyConfig(config: StrategyConfigMessage): StrategyDraft {
  const faults = faultsOf(config);
  return {
    strategyId: config.strategyId,
    name: config.name,
    status: statuses.toText(config.status),
    entryIndicators: config.entryIndicators.map(fromCondition),
    entryLogic: entryLogics.toText(config.entryLogic),
    ...(config.entry && { entry: fromRule(config.entry) }),
    ...(config.exit && { exit: fromRule(config.exit) }),
    baseSizeUsd: config.baseSizeUsd,
    ...(config.confidenceScaling !== undefined && { confidenceScaling: config.confidenceScaling }),
    stopLossPct: config.stopLossPct,
    ...(config.stopLossAt !== "" && { stopLossAt: config.stopLossAt }),
    takeProfitPct: config.takeProfitPct,
    ...(config.takeProfitAt !== "" && { takeProfitAt: config.takeProfitAt }),
    ...(config.trailingStop && { trailingStop: fromTrailingStop(config.trailingStop) }),
    ...(config.targetSteps.length > 0 && { targetSteps: config.targetSteps.map(fromTargetStep) }),
    ...(config.maxHoldingTime && { maxHoldingTimeMs: durationMs(config.maxHoldingTime) }),
    allowedRegimes: config.allowedRegimes,
    ...(config.minConfidence !== undefined && { minConfidence: config.minConfidence }),
    ...(config.maxPositions !== undefined && { maxPositions: config.maxPositions }),
    ...(config.fitnessScore !== undefined && { fitnessScore: config.fitnessScore }),
    side: sides.toText(config.side),
    timeframe: config.timeframe,
    trigger: triggers.toText(config.trigger),
    ...(config.cooldown && { cooldownMs: durationMs(config.cooldown) }),
    symbols: config.symbols,
    labels: config.labels,
    ...(faults && { faults }),
  };
}

function toCondition(condition: ConditionDraft): ConditionMessage {
  const { name, operator, value, indicator, timeframe, forBars, withinBars } = condition;
  return create(ConditionSchema, {
    name,
    operator,
    timeframe,
    forBars: toInt32(forBars) ?? 0,
    withinBars: toInt32(withinBars) ?? 0,
    ...(indicator !== undefined && { operand: { case: "indicator", value: indicator } }),
    ...(value !== undefined && { operand: { case: "value", value } }),
  });
}

function toTargetStep({ afterMs, takeProfitPct }: TargetStep): TargetStepMessage {
  return create(TargetStepSchema, { after: toDuration(afterMs), takeProfitPct });
}

function toRule(draft: RuleDraft): RuleMessage {
  const { tag = "" } = draft;
  if (draft.kind !== "condition") {
    const value = create(RuleListSchema, { rules: draft.rules.map(toRule) });
    return create(RuleSchema, { rule: { case: draft.kind, value }, tag });
  }
  const { condition } = draft;
  return create(RuleSchema, {
    ...(condition && { rule: { case: "condition", value: toCondition(condition) } }),
    tag,
  });
}

/**
 * As stored. A row that cannot be read as a strategy (R44) shows what can be said of it: its id,
 * version and times.
 */
export function toStrategyConfig(stored: StoredStrategy): StrategyConfigMessage {
  return create(StrategyConfigSchema, {
    ...(stored.draft && draftFields(stored.draft)),
    strategyId: stored.strategyId,
    version: toInt64(stored.version),
    createdAt: toTimestamp(stored.createdAt),
    updatedAt: toTimestamp(stored.updatedAt),
    lastExecutedAt: toTimestamp(stored.lastExecutedAt),
  });
}

function draftFields(draft: StrategyDraft) {
  return {
    name: draft.name,
    status: statuses.toWire(draft.status),
    entryIndicators: draft.entryIndicators.map(toCondition),
    entryLogic: entryLogics.toWire(draft.entryLogic),
    ...(draft.entry && { entry: toRule(draft.entry) }),
    ...(draft.exit && { exit: toRule(draft.exit) }),
    baseSizeUsd: draft.baseSizeUsd,
    confidenceScaling: draft.confidenceScaling,
    stopLossPct: draft.stopLossPct,
    stopLossAt: draft.stopLossAt ?? "",
    takeProfitPct: draft.takeProfitPct,
    takeProfitAt: draft.takeProfitAt ?? "",
    trailingStop: draft.trailingStop && create(TrailingStopSchema, draft.trailingStop),
    targetSteps: (draft.targetSteps ?? []).map(toTargetStep),
    maxHoldingTime: toDuration(draft.maxHoldingTimeMs),
    allowedRegimes: [...draft.allowedRegimes],
    minConfidence: draft.minConfidence,
    maxPositions: toInt32(draft.maxPositions),
    fitnessScore: draft.fitnessScore,
    side: sides.toWire(draft.side),
    timeframe: draft.timeframe,
    trigger: triggers.toWire(draft.trigger),
    cooldown: toDuration(draft.cooldownMs),
    symbols: [...draft.symbols],
    labels: sortedMap(draft.labels, identity),
  };
}
