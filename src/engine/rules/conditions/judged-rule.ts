import type { ConditionResult } from "../../../domain/decision.ts";
import type { CompiledRule, RulePart } from "./compiled-rule.ts";
import { judgeCondition, type Met } from "./conditions.ts";
import { givenBefore } from "./earlier-reading.ts";
import type { MarketReading } from "./market-reading.ts";

/** R12 to R15 and R59: a rule on the bar that closed at `barClose`. */
export interface JudgedRule {
  /** In the order of the rule. */
  readonly conditions: readonly ConditionResult[];
  /** Whether the rule holds. */
  readonly met: Met;
}

export function judgeRule(rule: CompiledRule, reading: MarketReading, barClose: number): JudgedRule {
  const { paths } = rule;
  const conditions = rule.conditions.map((condition, place) => {
    const result = judgeCondition(condition, reading, barClose);
    const path = paths?.[place] ?? "";
    return path === "" ? result : { ...result, path };
  });
  return { conditions, met: metOf(rule.root, conditions) };
}

/** R15, R59. */
function metOf(part: RulePart, results: readonly ConditionResult[]): Met {
  if (part.kind === "condition") {
    return results[part.place]?.met;
  }
  // One part that is so decides, whatever the others are; and what its opposite comes to.
  const decisive = part.kind !== "all";
  const decided = part.kind === "any";
  let unknown = false;
  for (const each of part.parts) {
    const met = metOf(each, results);
    if (met === decisive) {
      return decided;
    }
    unknown ||= met === undefined;
  }
  return unknown ? undefined : !decided;
}

/**
 * R16: whether the rule held on the strategy's bar before, every series as it was when that bar
 * closed.
 */
export function heldBefore(rule: CompiledRule, timeframeMs: number, reading: MarketReading, barClose: number): Met {
  const earlier = { ...reading, seriesAt: reading.seriesAt.bind(reading), given: givenBefore(reading) };
  return judgeRule(rule, earlier, barClose - timeframeMs).met;
}

/** What of a rule speaks for it where it holds. */
export interface HoldingParts {
  /** The conditions among these parts. */
  readonly conditions: readonly ConditionResult[];
  /** Their tags, each once (R59). */
  readonly tags: readonly string[];
}

const NO_TAGS: readonly string[] = [];

/**
 * The parts of a rule that hold, in the order of the tree. A part counts where all parts around it
 * hold, too, and nothing counts that stands under a none.
 */
export function holdingParts(rule: CompiledRule, results: readonly ConditionResult[]): HoldingParts {
  if (rule.paths === undefined) {
    return { conditions: results.filter(({ met }) => met === true), tags: NO_TAGS };
  }
  const conditions: ConditionResult[] = [];
  const tags = new Set<string>();
  const visit = (part: RulePart): void => {
    if (metOf(part, results) !== true) {
      return;
    }
    if (part.tag !== undefined) {
      tags.add(part.tag);
    }
    if (part.kind === "condition") {
      conditions.push(results[part.place] as ConditionResult);
    } else if (part.kind !== "none") {
      part.parts.forEach(visit);
    }
  };
  visit(rule.root);
  return { conditions, tags: tags.size === 0 ? NO_TAGS : [...tags] };
}
