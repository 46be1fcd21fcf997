import type { Side, StrategyDraft } from "../../domain/strategy.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import { endsWithoutTarget } from "./exits.ts";
import type { Findings } from "./findings.ts";
import { checkLevelAt } from "./level-expressions.ts";
import { checkNumber, hundredth } from "./scalars.ts";

/**
 * Above these a distance is allowed, and is more often a percentage that was written for a
 * fraction.
 */
const WIDE_STOP = 0.3;
const WIDE_TARGET = 1;
/** No percentage of a price is larger than this one. */
const MOST_PERCENT = 1_000;

export interface Levels {
  /** Exactly one of the two (R80). */
  readonly stopLossPct?: number | undefined;
  readonly stopLossAt?: string | undefined;
  /** At most one of the two; none where the target falls by steps, and where there is none. */
  readonly takeProfitPct?: number | undefined;
  readonly takeProfitAt?: string | undefined;
}

type LevelsDraft = Pick<StrategyDraft, "stopLossPct" | "takeProfitPct"> &
  Partial<
    Pick<StrategyDraft, "stopLossAt" | "takeProfitAt" | "targetSteps" | "trailingStop" | "maxHoldingTimeMs" | "exit">
  >;

/**
 * The stop and the target (R42, R80): the distance from the entry price, with what is meant where
 * percent was written, or the expression.
 */
export function checkLevels(
  findings: Findings,
  draft: LevelsDraft,
  side: Side | undefined,
  timeframe: Timeframe | undefined,
): Levels {
  return { ...checkStop(findings, draft, timeframe), ...checkTarget(findings, draft, side, timeframe) };
}

function checkStop(findings: Findings, draft: LevelsDraft, timeframe: Timeframe | undefined): Levels {
  const { stopLossAt = "", stopLossPct } = draft;
  if (stopLossAt === "" && !findings.isLost("stop_loss_at")) {
    return { stopLossPct: checkStopPct(findings, stopLossPct) };
  }
  if (stopLossPct !== 0) {
    findings.refuse("stop_loss_at", `is given, and stop_loss_pct is ${stopLossPct}: give one of the two`);
  }
  return { stopLossAt: checkLevelAt(findings, "stop_loss_at", stopLossAt, timeframe) };
}

function checkStopPct(findings: Findings, stopLossPct: number): number | undefined {
  return checkNumber(findings, "stop_loss_pct", stopLossPct, {
    holds: (x) => x > 0 && x < 1,
    must: "above 0 and below 1 (0.02 is 2 %)",
    meant: (x) => (x > -1 && x < 0 ? -x : fractionMeant(Math.abs(x))),
  });
}

function checkTarget(
  findings: Findings,
  draft: LevelsDraft,
  side: Side | undefined,
  timeframe: Timeframe | undefined,
): Levels {
  const steps = draft.targetSteps?.length ?? 0;
  const { takeProfitAt = "" } = draft;
  if (takeProfitAt !== "" || findings.isLost("take_profit_at")) {
    const others = [
      ...(draft.takeProfitPct === 0 ? [] : [`take_profit_pct is ${draft.takeProfitPct}`]),
      ...(steps === 0 ? [] : [`target_steps has ${steps} steps`]),
    ];
    if (others.length > 0) {
      findings.refuse("take_profit_at", `is given, and ${others.join(", and ")}: give one of them`);
    }
    return { takeProfitAt: checkLevelAt(findings, "take_profit_at", takeProfitAt, timeframe) };
  }
  if (draft.takeProfitPct === 0 && (steps > 0 || endsWithoutTarget(draft))) {
    return {};
  }
  if (steps > 0) {
    const both = `is ${draft.takeProfitPct}, and target_steps has ${steps} steps: give one of the two`;
    findings.refuse("take_profit_pct", both);
  }
  const takeProfitPct = checkNumber(findings, "take_profit_pct", draft.takeProfitPct, {
    holds: (x) => x > 0 && (side === "SHORT" ? x < 1 : x <= 10),
    must: side === "SHORT" ? "above 0 and below 1 for SHORT (0.05 is 5 %)" : "above 0 and at most 10 (0.05 is 5 %)",
    meant: fractionMeant,
  });
  const stopInPercent = fractionMeant(Math.abs(draft.stopLossPct)) !== undefined;
  if (stopInPercent && (takeProfitPct ?? 0) >= WIDE_TARGET) {
    findings.refuse(
      "take_profit_pct",
      `is ${draft.takeProfitPct}, which is ${percentOf(draft.takeProfitPct)}, and stop_loss_pct seems to be in percent, too: ` +
        `did you mean ${hundredth(draft.takeProfitPct)}?`,
    );
  }
  return { takeProfitPct };
}

/** The fraction that a percentage from 1 on means. */
function fractionMeant(percent: number): number | undefined {
  return percent >= 1 && percent <= MOST_PERCENT ? hundredth(percent) : undefined;
}

/** Names what looks like percent, the two together: whoever wrote one in percent wrote both so. */
export function warnOfPercent(findings: Findings, stopLossPct: number, takeProfitPct = 0): void {
  const both = stopLossPct > WIDE_STOP;
  if (both) {
    const target: Level | undefined = takeProfitPct > 0 ? ["take_profit_pct", takeProfitPct] : undefined;
    warn(findings, ["stop_loss_pct", stopLossPct], target);
  }
  if (takeProfitPct > WIDE_TARGET) {
    warn(findings, ["take_profit_pct", takeProfitPct], both ? ["stop_loss_pct", stopLossPct] : undefined);
  }
}

type Level = readonly [field: string, value: number];

function warn(findings: Findings, [field, value]: Level, other: Level | undefined): void {
  const too = other && `, and ${other[0]} ${hundredth(other[1])}`;
  findings.warn(
    `${field}: is ${value}, which is ${percentOf(value)} of the entry price: give ${hundredth(value)}${too ?? ""} if percent is meant`,
  );
}

function percentOf(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(15))} %`;
}

/**
 * A size is in dollars. Nobody trades for cents, and "0.1" of the capital is what others call a
 * size.
 */
export function warnOfSmallSize(findings: Findings, baseSizeUsd: number): void {
  if (baseSizeUsd < 1) {
    findings.warn(
      `base_size_usd: is ${baseSizeUsd}, which is ${baseSizeUsd} USD: give dollars if a share of the capital is meant`,
    );
  }
}
