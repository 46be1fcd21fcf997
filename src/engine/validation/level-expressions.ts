import type { Timeframe } from "../../domain/timeframe.ts";
import { isFormula } from "../../expressions/formula.ts";
import type { Unit } from "../../indicators/indicator.ts";
import { checkSide } from "./expressions.ts";
import type { Findings } from "./findings.ts";
import { quoted } from "./texts.ts";

const OTHER_UNITS: Readonly<Record<Exclude<Unit, "price">, string>> = {
  dimensionless: "has no unit",
  volume: "is a volume",
  mixed: "is of no one unit",
};

/** R80: a computed level in canonical form; undefined where it was refused. */
export function checkLevelAt(
  findings: Findings,
  field: "stop_loss_at" | "take_profit_at",
  text: string,
  timeframe: Timeframe | undefined,
): string | undefined {
  const side = checkSide(findings, field, text, timeframe);
  if (side === undefined) {
    return undefined;
  }
  if (typeof side === "number" || (isFormula(side) && side.parts.length === 0)) {
    const fraction = field === "stop_loss_at" ? "stop_loss_pct" : "take_profit_pct";
    const meant = `give a price such as CLOSE or LOWEST_10, or ${fraction} for a fraction of the entry price`;
    findings.refuse(field, `is ${quoted(text)}, which reads nothing of the market: ${meant}`);
    return undefined;
  }
  const { unit = "price" } = side;
  if (unit !== "price") {
    findings.warn(`${field}: ${side.name} ${OTHER_UNITS[unit]}, and is held against the entry price`);
  }
  return side.name;
}
