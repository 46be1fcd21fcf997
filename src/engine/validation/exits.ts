import type { Side, StrategyConfig, StrategyDraft, TargetStep, TrailingStop } from "../../domain/strategy.ts";
import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import { checkExitRule } from "./entry.ts";
import type { Findings } from "./findings.ts";
import { checkNumber, hundredth, type NumberRule } from "./scalars.ts";

const MOST_STEPS = 32;
/** The largest gain that a target may be at, or a trailing stop begin at. */
const MOST_GAIN = 10;
const TEN_YEARS_MS = 10 * 365 * 86_400_000;

export type ExitFields = Pick<StrategyConfig, "trailingStop" | "targetSteps" | "maxHoldingTimeMs" | "exit">;

/** Whether a position of the draft can end without a target (R80). */
export function endsWithoutTarget(draft: Pick<StrategyDraft, "trailingStop" | "maxHoldingTimeMs" | "exit">): boolean {
  return draft.trailingStop !== undefined || draft.maxHoldingTimeMs !== undefined || draft.exit !== undefined;
}

/** How positions end besides a fixed stop and target (R80); what is wrong is told of. */
export function checkExits(
  findings: Findings,
  draft: StrategyDraft,
  side: Side | undefined,
  timeframe: Timeframe | undefined,
): ExitFields {
  const trailingStop = draft.trailingStop && checkTrailing(findings, draft.trailingStop, side);
  const exit = checkExitRule(findings, draft, timeframe);
  const { targetSteps: steps = [] } = draft;
  const targetSteps = steps.length === 0 ? undefined : checkSteps(findings, steps, side);
  const maxHoldingTimeMs =
    draft.maxHoldingTimeMs === undefined ? undefined : checkHolding(findings, draft.maxHoldingTimeMs, timeframe);
  return {
    ...(trailingStop && { trailingStop }),
    ...(targetSteps && { targetSteps }),
    ...(maxHoldingTimeMs !== undefined && { maxHoldingTimeMs }),
    ...(exit && { exit }),
  };
}

function checkTrailing(findings: Findings, draft: TrailingStop, side: Side | undefined): TrailingStop | undefined {
  const distancePct = checkNumber(findings, "trailing_stop.distance_pct", draft.distancePct, {
    holds: (x) => x > 0 && x < 1,
    must: "above 0 and below 1 (0.02 is 2 %)",
    meant: percentMeant,
  });
  const activationPct = checkNumber(findings, "trailing_stop.activation_pct", draft.activationPct ?? 0, {
    holds: (x) => x >= 0 && (side === "SHORT" ? x < 1 : x <= MOST_GAIN),
    must: side === "SHORT" ? "from 0 and below 1 for SHORT" : `from 0 to ${MOST_GAIN}`,
    meant: percentMeant,
  });
  if (distancePct === undefined || activationPct === undefined) {
    return undefined;
  }
  return activationPct === 0 ? { distancePct } : { distancePct, activationPct };
}

/** The fraction that a percentage from 1 to 100 means. */
function percentMeant(value: number): number | undefined {
  return value >= 1 && value <= 100 ? hundredth(value) : undefined;
}

function checkSteps(
  findings: Findings,
  drafts: readonly TargetStep[],
  side: Side | undefined,
): readonly TargetStep[] | undefined {
  if (drafts.length > MOST_STEPS) {
    findings.refuse("target_steps", `has ${drafts.length} steps, must have at most ${MOST_STEPS}`);
    return undefined;
  }
  const steps: TargetStep[] = [];
  for (const [i, draft] of drafts.entries()) {
    const before = drafts[i - 1];
    const path = `target_steps[${i}]`;
    const afterMs = checkNumber(findings, `${path}.after`, draft.afterMs, afterRule(before));
    const takeProfitPct = checkNumber(
      findings,
      `${path}.take_profit_pct`,
      draft.takeProfitPct,
      targetRule(before, side),
    );
    if (afterMs !== undefined && takeProfitPct !== undefined) {
      steps.push({ afterMs: Math.ceil(afterMs), takeProfitPct });
    }
  }
  return steps.length === drafts.length ? steps : undefined;
}

function afterRule(before: TargetStep | undefined): NumberRule {
  const text = (ms: number) => `${ms / 1_000} s`;
  return before === undefined
    ? { holds: (x) => x === 0, must: "0 s: the first step is the target at entry", text }
    : {
        holds: (x) => Math.ceil(x) > Math.ceil(before.afterMs) && x <= TEN_YEARS_MS,
        must: `longer than the ${text(before.afterMs)} of the step before, and at most 10 years`,
        text,
      };
}

function targetRule(before: TargetStep | undefined, side: Side | undefined): NumberRule {
  const isInRange = (x: number) => x > -1 && (side === "SHORT" ? x < 1 : x <= MOST_GAIN);
  const most = side === "SHORT" ? "below 1 for SHORT" : `at most ${MOST_GAIN}`;
  return before === undefined
    ? { holds: (x) => x > 0 && isInRange(x), must: `above 0 and ${most} (0.05 is 5 %)` }
    : {
        holds: (x) => x < before.takeProfitPct && isInRange(x),
        must: `above -1, ${most}, and less than the ${before.takeProfitPct} of the step before`,
      };
}

/** In whole ms, as a cooldown is. */
function checkHolding(
  findings: Findings,
  maxHoldingTimeMs: number,
  timeframe: Timeframe | undefined,
): number | undefined {
  const bar = timeframe === undefined ? 0 : timeframeMs(timeframe);
  const checked = checkNumber(findings, "max_holding_time", maxHoldingTimeMs, {
    holds: (x) => x > 0 && x >= bar && x <= TEN_YEARS_MS,
    must: `from one bar${timeframe === undefined ? "" : ` of ${timeframe}`} to 10 years`,
    text: (x) => `${x / 1_000} s`,
  });
  return checked === undefined ? undefined : Math.ceil(checked);
}
