import { DEFAULT_POLICY } from "../src/domain/policy.ts";
import { type JudgeContext, type JudgeMarket, judge } from "../src/engine/judge.ts";
import { Pace } from "../src/engine/pace.ts";
import { readComputed } from "../src/engine/reading.ts";
import { wordsFor } from "../src/engine/sweep/bits.ts";
import { HitList } from "../src/engine/sweep/hit-list.ts";
import { ConditionMasks, type FeatureValues } from "../src/engine/sweep/masks.ts";
import { SweepPlan } from "../src/engine/sweep/sweep-plan.ts";
import { systemClock } from "../src/process/system-clock.ts";
import { contest, lineOf, type Sample } from "./harness/contest.ts";
import type { Counts, Line, Row, Size } from "./harness/row.ts";
import type { Found } from "./rivals/found.ts";
import { marketOf } from "./samples/market.ts";
import { type Rule, rulesOf, valuesOf } from "./samples/rulebook.ts";
import { symbolsOf } from "./samples/strategies.ts";

/** The plain judge is slow, so it judges only the first strategies; what it counts is held against ours over the same ones. */
const PLAIN_SHARE = 500;
/** Sweeps are repeated until so many pairs are judged, so that a round takes long enough to be timed. */
const PAIRS_A_ROUND = 100_000_000;
const PLAIN_PAIRS_A_ROUND = 50_000;

const CONTEXT: JudgeContext = {
  inForce: { policy: { ...DEFAULT_POLICY, globalMinConfidence: 0 }, allowed: new Set() },
  evaluators: [],
};

interface Work {
  readonly strategies: number;
  readonly symbols: number;
  /** Evaluations a second that were asked for, in millions. */
  readonly target?: number;
}

const FULL: readonly Work[] = [
  { strategies: 10_000, symbols: 500, target: 1_000 },
  { strategies: 100_000, symbols: 10, target: 200 },
  { strategies: 1_000, symbols: 100 },
  { strategies: 10_000, symbols: 100 },
  { strategies: 100_000, symbols: 100 },
];
const TINY: readonly Work[] = [
  { strategies: 30, symbols: 40 },
  { strategies: 20, symbols: 5 },
  { strategies: 60, symbols: 5 },
];

/** The sweep's sets alone, on one core: what `sweep` adds is the reading of the markets and the judging of what holds. */
export const SWEEP_CORE: Row = {
  name: "sweep-core",
  about:
    "the sets of a sweep alone: strategies of 2 to 4 conditions on 24 indicators, 1 % of the values undefined, all outcomes counted, beside the plain judge",
  async run(size) {
    const works = size === "full" ? FULL : TINY;
    const lines: Line[] = [];
    for (const work of works) {
      lines.push(...(await linesOf(work, size)));
    }
    return [...lines, ...growth(works, lines)];
  },
};

async function linesOf({ strategies, symbols, target }: Work, size: Size): Promise<readonly Line[]> {
  const rules = rulesOf(strategies);
  const markets = valuesOf(symbols).map((values, i) => marketOf(symbolsOf(symbols)[i] ?? "", values));
  const pace = new Pace(systemClock);
  const plan = await SweepPlan.of(
    rules.map(({ compiled }) => compiled),
    pace,
  );
  const features = featureValues(plan, markets);
  const few = rules.slice(0, PLAIN_SHARE);
  const pairs = strategies * symbols;
  const fewPairs = few.length * symbols;
  const least = (round: number, of: number) => (size === "full" ? Math.ceil(round / of) : 1);
  return contest(
    {
      row: SWEEP_CORE.name,
      measures: [
        {
          key: "millions",
          what: `${strategies} strategies × ${symbols} symbols`,
          unit: "M evaluations/s",
          better: "more",
          ...(target !== undefined && {
            target: { text: `>= ${target}`, kept: (ours: number) => ours >= target },
          }),
        },
      ],
      ours: {
        name: "sets",
        run: async () =>
          timed(pairs, least(PAIRS_A_ROUND, pairs), async () => {
            const [first, rest] = await judgeSets(plan, features, few.length, pace);
            return { ...named(few.length, first), ...named(strategies, together(first, rest)) };
          }),
      },
      rivals: [
        {
          name: `plain judge (${few.length} strategies)`,
          run: async () =>
            timed(fewPairs, least(PLAIN_PAIRS_A_ROUND, fewPairs), async () => named(few.length, plainly(few, markets))),
        },
      ],
    },
    size,
  );
}

async function timed(pairs: number, repeats: number, judgeAll: () => Promise<Counts>): Promise<Sample> {
  const start = performance.now();
  let counts: Counts = {};
  for (let i = 0; i < repeats; i++) {
    counts = await judgeAll();
  }
  const ms = performance.now() - start;
  return { values: { millions: (pairs * repeats) / ms / 1_000 }, counts };
}

/** What every symbol's series say, read once. */
function featureValues(plan: SweepPlan, markets: readonly JudgeMarket[]): FeatureValues {
  const values = plan.table.features.flatMap(({ timeframe, indicator, back }) =>
    markets.map(
      ({ reading, barClose = 0 }) => readComputed(reading.seriesAt(timeframe, barClose), indicator, back).value,
    ),
  );
  return { symbols: markets.length, values: Float64Array.from(values) };
}

/** What the first strategies come to, and the others. */
async function judgeSets(
  plan: SweepPlan,
  features: FeatureValues,
  few: number,
  pace: Pace,
): Promise<readonly [Found, Found]> {
  const everyone = new Int32Array(wordsFor(features.symbols)).fill(-1);
  const spare = features.symbols % 32;
  if (spare > 0) {
    everyone[everyone.length - 1] = 2 ** spare - 1;
  }
  const masks = await ConditionMasks.of(plan.table, features, pace);
  const found = (from: number, to: number): Found => {
    const hits = new HitList();
    const unknown = plan.judge({ from, to }, masks, () => everyone, hits);
    return { met: hits.count, unknown, unmet: (to - from) * features.symbols - hits.count - unknown };
  };
  return [found(0, few), found(few, plan.strategies.length)];
}

function together(a: Found, b: Found): Found {
  return { met: a.met + b.met, unknown: a.unknown + b.unknown, unmet: a.unmet + b.unmet };
}

/** One pair after the other, each explained. */
function plainly(rules: readonly Rule[], markets: readonly JudgeMarket[]): Found {
  const found = { met: 0, unmet: 0, unknown: 0 };
  for (const market of markets) {
    for (const { compiled } of rules) {
      const outcome = judge(compiled, market, CONTEXT, true).refusal?.outcome;
      found[outcome === undefined ? "met" : outcome === "CONDITIONS_NOT_MET" ? "unmet" : "unknown"]++;
    }
  }
  return found;
}

/** Counts over so many strategies, the first ones. */
function named(strategies: number, found: Found): Counts {
  return Object.fromEntries(Object.entries(found).map(([key, count]) => [`${key} of ${strategies}`, count]));
}

/**
 * How an evaluation's cost grows with the number of strategies, symbols being equal: 1 is linear, less is better. Both in parts of the plain
 * judge, which was measured beside both, since the machine may have been busier beside one of them.
 */
function growth(works: readonly Work[], lines: readonly Line[]): readonly Line[] {
  return works.flatMap((work, i) => {
    const [small, few, many] = [works[i - 1], lines[i - 1], lines[i]];
    const [before, after] = [few?.rivals[0]?.ratio, many?.rivals[0]?.ratio];
    if (small?.symbols !== work.symbols || many === undefined || before === undefined || after === undefined) {
      return [];
    }
    const fault = few?.void ?? many.void;
    return lineOf({
      row: SWEEP_CORE.name,
      measure: {
        key: "growth",
        what: `cost of an evaluation, ${work.strategies} to ${small.strategies} strategies × ${work.symbols}`,
        unit: "times",
        better: "less",
        target: { text: "<= 1.1", kept: (ours) => ours <= 1.1 },
      },
      ours: [before / after],
      rivals: [],
      counts: many.counts,
      ...(fault !== undefined && { void: fault }),
    });
  });
}
