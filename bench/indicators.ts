import type { Bar } from "../src/domain/bar.ts";
import { indicatorNamed } from "../src/engine/compile.ts";
import type { Indicator } from "../src/indicators/indicator.ts";
import { computeIndicator } from "../src/indicators/indicator-set.ts";
import { kernelSource } from "../src/indicators/registry.ts";
import { type Contestant, contest } from "./harness/contest.ts";
import type { Counts, Line, Row, Size } from "./harness/row.ts";
import { FAMILIES, type Feed, type IndicatorRival } from "./rivals/indicators.ts";
import { barsOf } from "./samples/bars.ts";

const START = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;
/** Rivals seed their averages in other ways; from here on that is forgotten. */
const SETTLED = 600;

/** Updates a second that were asked for, in millions. */
const TARGETS: Readonly<Record<string, number>> = { RSI_14: 10, SMA_20: 50, EMA_20: 50 };

/** What one more bar costs. */
export const INDICATORS: Row = {
  name: "indicators",
  about:
    "one more bar for an indicator of each family, beside trading-signals and technicalindicators, whose values must be ours",
  async run(size) {
    const work = size === "full" ? { bars: 50_000, repeats: 20 } : { bars: 1_000, repeats: 1 };
    const bars = barsOf(work.bars, 5, START, HOUR_MS);
    const lines: Line[] = [];
    for (const [name, rivals] of Object.entries(FAMILIES)) {
      lines.push(...(await linesOf(indicatorNamed(name), rivals, bars, work.repeats, size)));
    }
    return lines;
  },
};

function linesOf(
  indicator: Indicator,
  rivals: readonly IndicatorRival[],
  bars: readonly Bar[],
  repeats: number,
  size: Size,
): Promise<readonly Line[]> {
  const target = TARGETS[indicator.name];
  const ours = computeIndicator(indicator, bars);
  const key = `settled values of ${indicator.name}`;
  return contest(
    {
      row: INDICATORS.name,
      measures: [
        {
          key: "millions",
          what: indicator.name,
          unit: "M bars/s",
          better: "more",
          ...(target !== undefined && { target: { text: `>= ${target}`, kept: (found) => found >= target } }),
        },
      ],
      ours: feeding("kernel", kernelPass(indicator), bars, repeats, { [key]: bars.length - SETTLED }),
      rivals: rivals.map(({ name, start, within }) =>
        feeding(name, rivalPass(start), bars, 1, { [key]: agreeing(start(), ours, bars, within) }),
      ),
    },
    size,
  );
}

/** Feeds all bars to one that begins anew; answers with the sum of its values, so that no compiler leaves out what makes them. */
type Pass = (bars: readonly Bar[]) => number;

/** As the runtime does it. */
function kernelPass(indicator: Indicator): Pass {
  const { create, output } = kernelSource(indicator);
  return (bars) => {
    const kernel = create();
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

function feeding(name: string, pass: Pass, bars: readonly Bar[], repeats: number, counts: Counts): Contestant {
  return {
    name,
    async run() {
      const begin = performance.now();
      let sum = 0;
      for (let i = 0; i < repeats; i++) {
        sum += pass(bars);
      }
      const micros = (performance.now() - begin) * 1_000;
      return { values: { millions: Number.isFinite(sum) ? (bars.length * repeats) / micros : Number.NaN }, counts };
    },
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
