import type { Bar } from "../../src/domain/bar.ts";
import { indicatorNamed } from "../../src/indicators/grammar.ts";
import type { Indicator } from "../../src/indicators/indicator.ts";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { kernelSource } from "../../src/indicators/registry.ts";
import { answer } from "../harness/child.ts";
import type { Sample } from "../harness/contest.ts";
import { FAMILIES } from "../rivals/indicators.ts";
import type { Feed } from "../rivals/rival.ts";
import { barsOf } from "../samples/bars.ts";

/**
 * One indicator, ours and the rivals' ways to it. Each indicator has a process of its own: a call
 * that has met many classes is slower for all that follow, and the table's order would decide.
 */
export interface IndicatorQuestion {
  readonly name: string;
  readonly who: "ours" | "trading-signals" | "technicalindicators";
  readonly bars: number;
  readonly repeats: number;
}

const START = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;
/** Rivals seed their averages in other ways; from here on that is forgotten. */
const SETTLED = 600;

/**
 * Feeds all bars to one that begins anew; answers with the sum of its values, so that no compiler
 * leaves out what makes them.
 */
type Pass = (bars: readonly Bar[]) => number;

/** As the runtime does it. */
function kernelPass(indicator: Indicator): Pass {
  const { create, output } = kernelSource(indicator);
  return (bars) => {
    const kernel = create([]);
    const { outputs } = kernel;
    let sum = 0;
    for (const bar of bars) {
      kernel.push(bar);
      sum += outputs[output] || 0;
    }
    return sum;
  };
}

function rivalPass(start: () => Feed): Pass {
  return (bars) => {
    const feed = start();
    let sum = 0;
    for (const bar of bars) {
      sum += feed(bar) || 0;
    }
    return sum;
  };
}

/** How many of the settled values are ours. */
function agreeing(feed: Feed, ours: Float64Array, bars: readonly Bar[], within: number): number {
  let count = 0;
  for (const [i, bar] of bars.entries()) {
    const theirs = feed(bar);
    const own = ours[i] ?? Number.NaN;
    if (i >= SETTLED && typeof theirs === "number" && isNear(theirs, own, within)) {
      count++;
    }
  }
  return count;
}

/** R9's measure: relative to the larger, or to 100 for values below it. */
function isNear(a: number, b: number, within: number): boolean {
  const scale = within < 1e-6 ? Math.max(Math.abs(a), Math.abs(b), 100) : 1;
  return Math.abs(a - b) <= within * scale + 1e-9;
}

function passOf(
  { name, who }: IndicatorQuestion,
  bars: readonly Bar[],
): { readonly pass: Pass; readonly agreed: number } {
  const indicator = indicatorNamed(name);
  if (who === "ours") {
    return { pass: kernelPass(indicator), agreed: bars.length - SETTLED };
  }
  const rival = FAMILIES[name]?.find((one) => one.name === who);
  if (rival === undefined) {
    throw new Error(`${who} has no ${name}`);
  }
  const agreed = agreeing(rival.start(), computeIndicator(indicator, bars), bars, rival.within);
  return { pass: rivalPass(rival.start), agreed };
}

interface Prepared {
  readonly bars: readonly Bar[];
  readonly pass: Pass;
  readonly agreed: number;
}

/**
 * By contestant: a pass that is made anew would be compiled anew, and every round would measure
 * that.
 */
const prepared = new Map<string, Prepared>();

function prepare(question: IndicatorQuestion): Prepared {
  const bars = [...prepared.values()][0]?.bars ?? barsOf(question.bars, 5, START, HOUR_MS);
  const made = prepared.get(question.who) ?? { bars, ...passOf(question, bars) };
  prepared.set(question.who, made);
  return made;
}

answer<IndicatorQuestion, Sample>(async (question) => {
  const { bars, pass, agreed } = prepare(question);
  const begin = performance.now();
  let sum = 0;
  for (let i = 0; i < question.repeats; i++) {
    sum += pass(bars);
  }
  const micros = (performance.now() - begin) * 1_000;
  const millions = Number.isFinite(sum) ? (bars.length * question.repeats) / micros : Number.NaN;
  return { values: { millions }, counts: { [`settled values of ${question.name}`]: agreed } };
});
