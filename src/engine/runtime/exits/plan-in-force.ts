import type { Position } from "../../../domain/position.ts";
import { lastClose } from "../../../domain/timeframe.ts";
import type { SeriesLookup } from "../../market/series.ts";
import type { CompiledStrategy } from "../../rules/conditions/compiled-strategy.ts";
import { invalidLevels, pricesOf, readLevels } from "../../rules/conditions/computed-levels.ts";
import { formatTime } from "../../rules/conditions/format.ts";
import { type HeldPlan, planOfStrategy } from "../../rules/exits/held-plan.ts";
import { readingOf } from "./exit-pass.ts";

/**
 * R85: how a position without a decision that is kept is to be left, by the version in force, where that
 * is valid; or why that cannot be known. Computed levels are read at the last close before it was opened.
 */
export function planInForce(
  compiled: CompiledStrategy | undefined,
  position: Position,
  lookup: SeriesLookup,
): { readonly plan: HeldPlan } | { readonly whyNot: string } {
  const { strategyId, symbol, side, entryPrice, openedAt } = position;
  if (compiled === undefined) {
    return { whyNot: `strategy ${strategyId} is not valid` };
  }
  const { strategy, levels } = compiled;
  const { timeframe } = strategy;
  if (strategy.side !== side) {
    return { whyNot: `strategy ${strategyId} is ${strategy.side} by now` };
  }
  if (levels === undefined) {
    return { plan: planOfStrategy(strategy, position) };
  }
  const close = lastClose(openedAt, timeframe);
  const reading = readingOf(lookup, symbol);
  const at = `the ${timeframe} bar of ${symbol} that closed at ${formatTime(close)}`;
  if (reading.seriesAt(timeframe, close) === undefined) {
    return { whyNot: `its levels are computed from ${at}, which the series kept here does not have` };
  }
  const read = readLevels(levels, reading, close);
  const invalid = invalidLevels(side, entryPrice, read);
  return invalid === undefined
    ? { plan: planOfStrategy(strategy, position, pricesOf(read)) }
    : { whyNot: `at ${at}, ${invalid}` };
}
