import type { Violation } from "../../domain/errors.ts";
import { STATUSES, type StrategyConfig, type StrategyDraft, TRIGGERS } from "../../domain/strategy.ts";
import { isName } from "../../expressions/parse-expression.ts";
import { mostBars, type Reading, readings } from "../rules/conditions/required-bars.ts";
import { checkContradictions } from "./contradictions.ts";
import { canonicalEntry, checkEntry } from "./entry.ts";
import { checkExits } from "./exits.ts";
import { Findings } from "./findings.ts";
import { checkLevels, warnOfPercent, warnOfSmallSize } from "./levels.ts";
import { checkLabels, checkTexts, warnOfWords } from "./lists.ts";
import { resolveSide } from "./resolve-side.ts";
import { placedIn } from "./rules.ts";
import { checkChoice, checkNumber, checkTimeframe, FRACTION, wholeNumber } from "./scalars.ts";
import { warnOfScales } from "./scales.ts";
import { nameFault, strategyIdFault, symbolFault, textFault } from "./texts.ts";

export interface ValidationOptions {
  /** Largest base size, where the operator sets one (R23). */
  readonly maxPositionSizeUsd?: number;
  /** Given in a request rather than to be stored: the status is LIVE where it gives none (R50). */
  readonly inline?: boolean;
}

/**
 * The canonical form of a draft and what is allowed but looks wrong; or all that is wrong with it.
 */
export type ValidatedStrategy =
  | { readonly config: StrategyConfig; readonly warnings: readonly string[] }
  | { readonly violations: readonly Violation[] };

/** R10: a strategy that needs more bars than these is accepted with a warning. */
const MANY_BARS = 5_000;
const MOST_BARS = 20_000;
const MOST_COOLDOWN_MS = 30 * 86_400_000;

/**
 * Checks a strategy against the contract and R8, R17, R18, R23, R42, R43, R59 and R80, and brings it into its
 * canonical form, which this accepts again unchanged. Never throws. Violations carry the contract's
 * field paths, from StrategyConfig on.
 */
export function validateStrategy(draft: StrategyDraft, options: ValidationOptions): ValidatedStrategy {
  const findings = new Findings(draft.faults);
  const own = checkOwn(findings, draft, options);
  const entry = checkEntry(findings, draft, own.timeframe);
  checkContradictions(findings, entry.rule, own.trigger, entry.otherwise);
  const conditions = placedIn(entry.rule);
  const side = resolveSide(findings, draft.side, conditions, entry.isComplete);
  const levels = checkLevels(findings, draft, side, own.timeframe);
  const exits = checkExits(findings, draft, side, own.timeframe);
  const config = { ...own, side, ...levels, ...exits, ...canonicalEntry(entry) };
  if (findings.violations.length > 0 || !isComplete(config)) {
    return { violations: findings.violations };
  }
  refuseLongHistory(findings, config);
  if (findings.violations.length > 0) {
    return { violations: findings.violations };
  }
  warnOfPercent(findings, config.stopLossPct ?? 0, config.takeProfitPct);
  warnOfScales(
    findings,
    conditions.map(({ checked }) => checked),
  );
  warnOfWords(findings, config.allowedRegimes);
  warnOfSmallSize(findings, config.baseSizeUsd);
  warnOfLongHistory(findings, config);
  return { config, warnings: findings.warnings };
}

/** Everything that stands by itself. What was refused is undefined. */
function checkOwn(findings: Findings, draft: StrategyDraft, options: ValidationOptions) {
  const most = options.maxPositionSizeUsd ?? Number.POSITIVE_INFINITY;
  const { strategyId, name, fitnessScore } = draft;
  return {
    strategyId: findings.accept("strategy_id", strategyIdFault(strategyId)) ? strategyId : undefined,
    name: findings.accept("name", nameFault(name)) ? name : undefined,
    status: checkChoice(findings, "status", draft.status, STATUSES, options.inline === true ? "LIVE" : undefined),
    baseSizeUsd: checkNumber(findings, "base_size_usd", draft.baseSizeUsd, {
      holds: (x) => x > 0 && x <= most,
      must: most === Number.POSITIVE_INFINITY ? "above 0" : `above 0 and at most ${most} (MAX_POSITION_SIZE_USD)`,
    }),
    confidenceScaling: draft.confidenceScaling ?? true,
    allowedRegimes: checkTexts(findings, "allowed_regimes", draft.allowedRegimes, (regime) =>
      textFault(regime, { least: 1, most: 64 }),
    ),
    minConfidence: checkNumber(findings, "min_confidence", draft.minConfidence ?? 0.5, FRACTION),
    maxPositions: checkNumber(findings, "max_positions", draft.maxPositions ?? 1, wholeNumber(1, 10_000)),
    ...(fitnessScore !== undefined && {
      fitnessScore: checkNumber(findings, "fitness_score", fitnessScore, FRACTION),
    }),
    timeframe: checkTimeframe(findings, "timeframe", draft.timeframe, "1h"),
    trigger: checkChoice(findings, "trigger", draft.trigger, TRIGGERS, "LEVEL"),
    cooldownMs: checkCooldown(findings, draft.cooldownMs ?? 60_000),
    symbols: checkTexts(findings, "symbols", draft.symbols, symbolFault),
    labels: checkLabels(findings, draft.labels),
  };
}

/**
 * In whole ms: times are, so that a cooldown of a part of one holds exactly as long as the next
 * whole one (R31).
 */
function checkCooldown(findings: Findings, cooldownMs: number): number | undefined {
  const checked = checkNumber(findings, "cooldown", cooldownMs, {
    holds: (x) => x >= 0 && x <= MOST_COOLDOWN_MS,
    must: "from 0 to 30 days",
    text: (x) => `${x} ms`,
  });
  return checked === undefined ? undefined : Math.ceil(checked);
}

type Checked<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function isComplete<T extends object>(parts: T): parts is T & Checked<T> {
  for (const key in parts) {
    if (parts[key] === undefined) {
      return false;
    }
  }
  return true;
}

/** R54. What is plain was accepted before there were expressions, and stays so. */
function refuseLongHistory(findings: Findings, config: StrategyConfig): void {
  if (mostBars(config) <= MOST_BARS) {
    return;
  }
  for (const { name, timeframe, bars, field } of readings(config)) {
    if (bars > MOST_BARS && (!isName(name) || field !== undefined)) {
      findings.refuse(
        field ?? fieldOf(config),
        `${name} needs ${bars} bars of ${timeframe} until it is ready, more than ${MOST_BARS}: shorten its periods`,
      );
    }
  }
}

/** Where the entry is written. */
function fieldOf({ entry }: StrategyConfig): string {
  return entry === undefined ? "entry_indicators" : "entry";
}

function warnOfLongHistory(findings: Findings, config: StrategyConfig): void {
  if (mostBars(config) <= MANY_BARS) {
    return;
  }
  const worst = new Map<string, Pick<Reading, "name" | "bars" | "field">>();
  for (const { name, timeframe, bars, field = fieldOf(config) } of readings(config)) {
    if (bars > (worst.get(timeframe)?.bars ?? MANY_BARS)) {
      worst.set(timeframe, { name, bars, field });
    }
  }
  for (const [timeframe, { name, bars, field }] of worst) {
    findings.warn(`${field}: ${name} needs ${bars} bars of ${timeframe} until it is ready, more than ${MANY_BARS}`);
  }
}
