import type { Operator, Side as TradeSide } from "../../domain/strategy.ts";
import { type Formula, isFormula } from "../../expressions/formula.ts";
import { asRange } from "../../expressions/ranges.ts";
import type { Indicator } from "../../indicators/indicator.ts";
import { valuesText } from "../../indicators/range.ts";

/** A side that is no number. */
export type Side = Indicator | Formula;

/** What a condition says once its names are read. */
export interface Comparison {
  readonly left: Side;
  readonly operator: Operator;
  readonly right: Side | number;
}

/** The values that a side can have, in words. */
export function valuesOf(side: Side): string {
  return isFormula(side) ? valuesText({ name: side.name, range: asRange(side.range) }) : valuesText(side);
}

type Direction = "above" | "below";

/** R17: the side a condition votes for; undefined where it does not vote. */
export function voteOf({ left, operator, right }: Comparison): TradeSide | undefined {
  if (isFormula(left) || isFormula(right)) {
    return undefined;
  }
  if (typeof right !== "number") {
    return pairVote(left, directionOf(operator), right) ?? pairVote(right, directionOf(mirrored(operator)), left);
  }
  if (left.family === "oscillator") {
    return oscillatorVote(left, operator, right);
  }
  if (left.family === "trend") {
    return trendVote(operator, right);
  }
  return undefined;
}

/** The operator that says the same with the sides swapped. */
export function mirrored(operator: Operator): Operator {
  switch (operator) {
    case "<":
      return ">";
    case "<=":
      return ">=";
    case ">":
      return "<";
    case ">=":
      return "<=";
    case "crosses_above":
      return "crosses_below";
    case "crosses_below":
      return "crosses_above";
    case "==":
    case "!=":
      return operator;
    default:
      return operator satisfies never;
  }
}

function directionOf(operator: Operator): Direction | undefined {
  switch (operator) {
    case ">":
    case ">=":
    case "crosses_above":
      return "above";
    case "<":
    case "<=":
    case "crosses_below":
      return "below";
    case "==":
    case "!=":
      return undefined;
    default:
      return operator satisfies never;
  }
}

/**
 * Low is oversold and speaks for LONG, high is overbought; a cross votes where it leaves such a
 * zone, not where it enters.
 */
function oscillatorVote(left: Indicator, operator: Operator, value: number): TradeSide | undefined {
  if (left.reference === undefined) {
    return undefined;
  }
  const { low, high } = left.reference;
  const position = (value - low) / (high - low);
  switch (operator) {
    case "<":
    case "<=":
    case "crosses_above":
      return position <= 0.4 ? "LONG" : undefined;
    case ">":
    case ">=":
    case "crosses_below":
      return position >= 0.6 ? "SHORT" : undefined;
    case "==":
    case "!=":
      return undefined;
    default:
      return operator satisfies never;
  }
}

function trendVote(operator: Operator, value: number): TradeSide | undefined {
  const direction = directionOf(operator);
  if (direction === "above" && value >= 0) {
    return "LONG";
  }
  return direction === "below" && value <= 0 ? "SHORT" : undefined;
}

/** A pair that votes, written in the order in which R17 gives it. */
interface PairRule {
  fits(left: Indicator, right: Indicator): boolean;
  readonly above?: TradeSide;
  readonly below?: TradeSide;
}

const PAIR_RULES: readonly PairRule[] = [
  { fits: (left, right) => left.family === "price" && right.family === "average", above: "LONG", below: "SHORT" },
  { fits: fastAgainstSlow, above: "LONG", below: "SHORT" },
  { fits: priceAgainst("BB_MIDDLE"), above: "LONG", below: "SHORT" },
  { fits: priceAgainst("BB_LOWER"), below: "LONG" },
  { fits: priceAgainst("BB_UPPER"), above: "SHORT" },
  { fits: priceAgainst("HIGHEST"), above: "LONG" },
  { fits: priceAgainst("LOWEST"), below: "SHORT" },
  { fits: partners("MACD", "MACD_SIGNAL"), above: "LONG", below: "SHORT" },
  { fits: partners("PLUS_DI", "MINUS_DI"), above: "LONG", below: "SHORT" },
  { fits: partners("AROON_UP", "AROON_DOWN"), above: "LONG", below: "SHORT" },
  { fits: partners("STOCH_K", "STOCH_D"), above: "LONG", below: "SHORT" },
];

function pairVote(left: Indicator, direction: Direction | undefined, right: Indicator): TradeSide | undefined {
  return direction && PAIR_RULES.find((rule) => rule.fits(left, right))?.[direction];
}

function priceAgainst(base: string): PairRule["fits"] {
  return (left, right) => left.family === "price" && right.base === base;
}

function partners(first: string, second: string): PairRule["fits"] {
  return (left, right) =>
    left.base === first &&
    right.base === second &&
    left.parameters.every((parameter, index) => parameter === right.parameters[index]);
}

/** Averages of the same name, the left one with the shorter period. */
function fastAgainstSlow(left: Indicator, right: Indicator): boolean {
  const [fast] = left.parameters;
  const [slow] = right.parameters;
  return (
    left.family === "average" && left.base === right.base && fast !== undefined && slow !== undefined && fast < slow
  );
}
