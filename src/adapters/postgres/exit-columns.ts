import type { ReadFault } from "../../domain/errors.ts";
import type { StrategyConfig, StrategyDraft, TargetStep, TrailingStop } from "../../domain/strategy.ts";

/** Columns of sg_strategies that say how positions end, beside the stop and the target. */
export interface ExitColumns {
  readonly max_holding_ms: number | string | null;
  readonly trailing_stop: unknown;
  readonly target_steps: unknown;
}

type ExitDraft = Pick<StrategyDraft, "trailingStop" | "targetSteps" | "maxHoldingTimeMs">;

/** What the columns say, and what in them cannot be read. */
export interface ReadExits {
  readonly fields: ExitDraft;
  readonly faults: readonly ReadFault[];
}

/** Never throws: what cannot be read makes the row one that is not valid (R44). */
export function readExits(row: ExitColumns): ReadExits {
  if (row.max_holding_ms === null && row.trailing_stop === null && row.target_steps === null) {
    return { fields: {}, faults: [] };
  }
  const faults: ReadFault[] = [];
  const trailingStop = row.trailing_stop === null ? undefined : trailingStopOf(row.trailing_stop, faults);
  const targetSteps = row.target_steps === null ? undefined : targetStepsOf(row.target_steps, faults);
  return {
    fields: {
      ...(trailingStop && { trailingStop }),
      ...(targetSteps && targetSteps.length > 0 && { targetSteps }),
      ...(row.max_holding_ms !== null && { maxHoldingTimeMs: Number(row.max_holding_ms) }),
    },
    faults,
  };
}

/** The columns of a strategy: the contract's fields under the contract's names. */
export function exitColumnsOf(config: StrategyConfig): ExitColumns {
  const { trailingStop, targetSteps, maxHoldingTimeMs = null } = config;
  return {
    max_holding_ms: maxHoldingTimeMs,
    trailing_stop:
      trailingStop === undefined
        ? null
        : { distance_pct: trailingStop.distancePct, activation_pct: trailingStop.activationPct },
    target_steps:
      targetSteps?.map(({ afterMs, takeProfitPct }) => ({
        after: `${afterMs / 1_000}s`,
        take_profit_pct: takeProfitPct,
      })) ?? null,
  };
}

function trailingStopOf(value: unknown, faults: ReadFault[]): TrailingStop {
  const path = "trailing_stop";
  const keys = objectOf(path, value, ["distance_pct", "activation_pct"], faults);
  const activationPct = keys.activation_pct ?? undefined;
  return {
    distancePct: numberOf(`${path}.distance_pct`, keys.distance_pct, faults),
    ...(activationPct !== undefined && { activationPct: numberOf(`${path}.activation_pct`, activationPct, faults) }),
  };
}

function targetStepsOf(value: unknown, faults: ReadFault[]): readonly TargetStep[] {
  if (!Array.isArray(value)) {
    refuse(faults, "target_steps", value, "a list of steps");
    return [{ afterMs: 0, takeProfitPct: Number.NaN }];
  }
  return value.map((one: unknown, i) => {
    const path = `target_steps[${i}]`;
    const keys = objectOf(path, one, ["after", "take_profit_pct"], faults);
    return {
      afterMs: durationOf(`${path}.after`, keys.after ?? "0s", faults),
      takeProfitPct: numberOf(`${path}.take_profit_pct`, keys.take_profit_pct, faults),
    };
  });
}

/** A duration as the contract's JSON has it: "5400s", with a fraction where there is one. */
const DURATION = /^(\d{1,12}(?:\.\d{1,9})?)s$/;

function durationOf(path: string, value: unknown, faults: ReadFault[]): number {
  const seconds = typeof value === "string" ? DURATION.exec(value)?.[1] : undefined;
  if (seconds === undefined) {
    refuse(faults, path, value, 'a duration in seconds, as in "5400s"');
    return Number.NaN;
  }
  // Rounded to what a duration of the contract can say, so that thousandths come back as they were.
  return Math.round(Number(seconds) * 1_000_000) / 1_000;
}

function numberOf(path: string, value: unknown, faults: ReadFault[]): number {
  if (typeof value === "number") {
    return value;
  }
  refuse(faults, path, value, "a number");
  return Number.NaN;
}

/** The members of an object; none of something else. A key that nobody reads is refused, too. */
function objectOf(
  path: string,
  value: unknown,
  known: readonly string[],
  faults: ReadFault[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(faults, path, value, `an object with ${known.join(" and ")}`);
    return {};
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      const description = `is unknown (known here: ${known.join(", ")}): leave it out`;
      faults.push({ field: `${path}.${key}`, description, lost: true });
    }
  }
  return value as Readonly<Record<string, unknown>>;
}

function refuse(faults: ReadFault[], field: string, value: unknown, must: string): void {
  const shown = value === undefined ? "absent" : (JSON.stringify(value) ?? String(value)).slice(0, 100);
  // What is wrong with a whole is told once, and not of its parts.
  const isTold = faults.some((fault) => fault.lost && field.startsWith(`${fault.field}.`));
  if (!isTold) {
    faults.push({ field, description: `is ${shown}, must be ${must}`, lost: true });
  }
}
