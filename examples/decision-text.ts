import { styleText } from "node:util";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { TradeDecision } from "../gen/strategyruntime/v1/decision_pb.ts";
import { type Side, SideSchema } from "../gen/strategyruntime/v1/strategy_pb.ts";

/** "LONG", "SHORT". */
export function sideName(side: Side): string {
  return SideSchema.value[side]?.localName ?? "?";
}

/** US dollars for people: "2,681.33". */
export function usd(value: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** A price to seven significant digits: "65,012.3", "0.1402133". */
export function price(value: number | undefined): string {
  return value === undefined ? "?" : value.toLocaleString("en-US", { maximumSignificantDigits: 7 });
}

export function percent(fraction: number, digits = 0): string {
  return `${(fraction * 100).toFixed(digits)} %`;
}

/**
 * Green for LONG and what was won, red for SHORT and what was lost; plain where the output is no
 * terminal.
 */
export function tinted(isGood: boolean, text: string): string {
  return styleText(["bold", isGood ? "green" : "red"], text);
}

/** One line of facts: time (UTC) of the bar, side, symbol, size, levels, confidence, strategy. */
export function decisionLine(decision: TradeDecision): string {
  const { symbol, side, sizeUsd, entryPrice, stopLoss, takeProfit, confidence, strategyId, shadow } = decision;
  return [
    decision.barCloseTime ? timestampDate(decision.barCloseTime).toISOString().slice(11, 19) : "--:--:--",
    tinted(sideName(side) === "LONG", sideName(side).padEnd(5)),
    symbol.padEnd(8),
    `${usd(sizeUsd).padStart(8)} USD`,
    `at ${price(entryPrice).padEnd(9)}`,
    `stop ${price(stopLoss).padEnd(9)}`,
    `target ${price(takeProfit).padEnd(9)}`,
    percent(confidence).padStart(5),
    `${strategyId}${shadow ? " (SHADOW: not executed)" : ""}`,
  ].join("  ");
}

/** Why, in one line: the reasoning without the side and symbol that it begins with. */
export function reasonLine({ reasoning = "" }: TradeDecision): string {
  const from = reasoning.indexOf(": ");
  return styleText("dim", `          ${reasoning.slice(from < 0 ? 0 : from + 2)}`);
}
