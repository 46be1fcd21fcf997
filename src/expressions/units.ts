import type { Unit } from "../indicators/indicator.ts";
import type { Expression, Sign } from "./expression.ts";

/** In what an expression is measured; undefined for numbers alone, which go with any unit. */
export function unitOf(expression: Expression): Unit | undefined {
  switch (expression.kind) {
    case "number":
      return undefined;
    case "reading":
      return expression.reading.unit;
    case "negative":
      return unitOf(expression.of);
    case "+":
    case "-":
      return common(unitOf(expression.left), unitOf(expression.right));
    case "*":
    case "/":
      return scaled(expression.kind, unitOf(expression.left), unitOf(expression.right));
    case "ABS":
    case "MIN":
    case "MAX":
      return expression.operands.map(unitOf).reduce(common);
    default:
      return expression satisfies never;
  }
}

function common(a: Unit | undefined, b: Unit | undefined): Unit | undefined {
  return a === undefined || b === undefined || a === b ? (a ?? b) : "mixed";
}

function scaled(sign: Extract<Sign, "*" | "/">, a: Unit | undefined, b: Unit | undefined): Unit | undefined {
  if (b === undefined || b === "dimensionless") {
    return a ?? b;
  }
  if (sign === "/") {
    return a === b && a !== "mixed" ? "dimensionless" : "mixed";
  }
  return a === undefined || a === "dimensionless" ? b : "mixed";
}
