import { isFormula } from "../../expressions/formula.ts";
import type { Indicator } from "../../indicators/indicator.ts";
import type { CheckedCondition } from "./conditions.ts";
import type { Findings } from "./findings.ts";
import type { Side } from "./side.ts";

/** Shares of the bands' distance, beyond which a threshold is more often meant in percent. */
const FAR_OUT = 5;

/** Warns of numbers and sides that are allowed, and are more often meant on another scale. */
export function warnOfScales(findings: Findings, conditions: readonly CheckedCondition[]): void {
  for (const { path, text, left, right } of conditions) {
    if (typeof right !== "number") {
      if (isMixed(left, right)) {
        findings.warn(`${path}: ${text} compares ${unitText(left)}, with ${unitText(right)}: check that it is meant`);
      }
      continue;
    }
    const scaled = isFormula(left) ? undefined : onItsScale(left, right);
    if (scaled !== undefined) {
      findings.warn(
        `${path}.value: is ${right}, and ${left.name} is on a scale of ${scaled.scale}: ` +
          `did you mean ${Number(scaled.value.toPrecision(15))}?`,
      );
    }
  }
}

interface Scaled {
  readonly scale: string;
  readonly value: number;
}

/**
 * The number where it is probably meant on another scale than the indicator's; undefined where it
 * is fine.
 */
function onItsScale({ base, range }: Indicator, value: number): Scaled | undefined {
  const size = Math.abs(value);
  if (isPercentScale(range)) {
    const possible = value >= range.low && value <= range.high;
    return possible && size > 0 && size <= 1 ? { scale: `${range.low}..${range.high}`, value: value * 100 } : undefined;
  }
  if (base === "BB_PERCENT" && size >= FAR_OUT) {
    return { scale: "about 0..1", value: value / 100 };
  }
  // Bands as far apart as the price is high.
  return base === "BB_WIDTH" && value >= 1 ? { scale: "fractions of the price", value: value / 100 } : undefined;
}

/** 0..100, −100..0 or −100..100. */
function isPercentScale({ low, high }: Indicator["range"]): boolean {
  return high - low >= 100 && Math.max(high, -low) === 100;
}

function isMixed(left: Side, right: Side): boolean {
  const areKnown = left.unit !== undefined && right.unit !== undefined;
  return areKnown && left.unit !== right.unit && !isOfItsOwn(left) && !isOfItsOwn(right);
}

/** What arithmetic makes of several units is meant, since it was written. */
function isOfItsOwn(side: Side): boolean {
  return isFormula(side) && side.unit === "mixed";
}

function unitText({ name, unit }: Side): string {
  switch (unit) {
    case "price":
      return `${name}, in units of price`;
    case "volume":
      return `${name}, in units of volume`;
    case "dimensionless":
      return `${name}, which has no unit`;
    case "mixed":
    case undefined:
      return `${name}, in units of its own`;
    default:
      return unit satisfies never;
  }
}
