import { DEFAULT_POLICY } from "../src/domain/policy.ts";
import { Pace } from "../src/engine/concurrency/pace.ts";
import { type JudgeContext, type JudgeMarket, judge } from "../src/engine/rules/judging/judge.ts";
import { wordsFor } from "../src/engine/rules/sets/bits.ts";
import { readFeatures } from "../src/engine/rules/sets/feature-values.ts";
import type { FeatureValues } from "../src/engine/rules/sets/features.ts";
import { HitList } from "../src/engine/rules/sets/hit-list.ts";
import { ConditionMasks } from "../src/engine/rules/sets/masks.ts";
import { SweepMemory } from "../src/engine/rules/sets/sweep-memory.ts";
import { SweepPlan } from "../src/engine/rules/sets/sweep-plan.ts";
import { systemClock } from "../src/process/system-clock.ts";
import { type Contestant, contest, lineOf, type Sample } from "./harness/contest.ts";
import type { Counts, Line, Row, Size } from "./harness/row.ts";
import type { Found } from "./rivals/found.ts";
import { jsonRules } from "./rivals/json-rules.ts";
import { type NumpySweep, numpySweep } from "./rivals/numpy.ts";
import { zenEngine } from "./rivals/zen-engine.ts";
import { marketOf } from "./samples/market.ts";
import { type Rule, rulesOf, valuesOf } from "./samples/rulebook.ts";
import { symbolsOf } from "./samples/strategies.ts";

/**
 * Who judges pair by pair is slow, and judges only the first strategies; what is counted is held
 * against ours over the same ones.
 */
const NUMPY = "numpy";
const PLAIN_SHARE = 500;
const RIVALS_SHARE = 100;
/** Kept from sweep to sweep, as the engine does. */
const MEMORY = new SweepMemory();
/**
 * Sweeps are repeated until so many pairs are judged, so that a round takes long enough to be
 * timed.
 */
export const PAIRS_A_ROUND = 100_000_000;
export const PLAIN_PAIRS_A_ROUND = 50_000;

const CONTEXT: JudgeContext = {
  inForce: { policy: { ...DEFAULT_POLICY, globalMinConfidence: 0 }, allowed: new Set() },
  evaluators: [],
};

interface Work {
  readonly strategies: number;
  readonly symbols: number;
  /** How many times as fast as NumPy it was asked to be. */
  readonly target?: number;
}

const FULL: readonly Work[] = [
  { strategies: 10_000, symbols: 500, target: 3 },
  { strategies: 100_000, symbols: 10, target: 10 },
  { strategies: 1_000, symbols: 100 },
  { strategies: 10_000, symbols: 100 },
  { strategies: 100_000, symbols: 100 },
];
const TINY: readonly Work[] = [
  { strategies: 30, symbols: 40 },
  { strategies: 20, symbols: 5 },
  { strategies: 60, symbols: 5 },
];

/**
 * The sweep's sets alone, on one core: what `sweep` adds is the reading of the markets and the
 * judging of what holds.
 */
export const SWEEP_CORE: Row = {
  name: "sweep-core",
  about:
    "the sets of a sweep alone: strategies of 2 to 4 conditions on 24 indicators, 1 % of the values undefined, all outcomes counted, beside the plain judge, json-rules-engine, zen-engine and NumPy",
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
  const values = valuesOf(symbols);
  const pace = new Pace(systemClock);
  const compiled = rules.map((rule) => rule.compiled);
  const plan = await SweepPlan.of(compiled, pace);
  const markets = values.map((ofSymbol, i) => marketOf(symbolsOf(symbols)[i] ?? "", ofSymbol));
  const features = featureValues(plan, markets);
  const shares = [RIVALS_SHARE, PLAIN_SHARE, strategies].map((share) => Math.min(share, strategies));
  await using numpy = await numpySweep(rules, values, Math.min(PLAIN_SHARE, strategies));
  const pairs = strategies * symbols;
  return await contest(
    {
      row: SWEEP_CORE.name,
      measures: [
        {
          key: "millions",
          what: `${strategies} strategies × ${symbols} symbols`,
          unit: "M evaluations/s",
          better: "more",
          ...(target !== undefined && {
            target: {
              text: `>= ${target} × ${NUMPY}`,
              kept: (_: number, ratios: ReadonlyMap<string, number>) => (ratios.get(NUMPY) ?? 0) >= target,
            },
          }),
        },
      ],
      ours: {
        name: "sets",
        run: () => timed(pairs, repeats(PAIRS_A_ROUND, pairs, size), () => judgeSets(plan, features, shares, pace)),
      },
      rivals: [
        ...plainRivals({ rules, values, markets, isTarget: target !== undefined }, size),
        ...(numpy === undefined ? [] : [numpyRival(numpy, rules, symbols)]),
      ],
    },
    size,
  );
}

/** A small sweep is repeated, so that a round takes long enough to be timed. */
export function repeats(pairsARound: number, pairs: number, size: Size): number {
  return size === "full" ? Math.ceil(pairsARound / pairs) : 1;
}

interface Given {
  readonly rules: readonly Rule[];
  readonly values: readonly Float64Array[];
  readonly markets: readonly JudgeMarket[];
  /** The engines of others are slow, and stand beside the lines with a target only. */
  readonly isTarget: boolean;
}

/** Those that judge one pair after the other. */
function plainRivals({ rules, values, markets, isTarget }: Given, size: Size): readonly Contestant[] {
  const rival = (name: string, share: readonly Rule[], judgeAll: () => Promise<Found>): Contestant => {
    const pairs = share.length * markets.length;
    return {
      name: `${name} (${share.length} strategies)`,
      run: () =>
        timed(pairs, repeats(PLAIN_PAIRS_A_ROUND, pairs, size), async () => named(share.length, await judgeAll())),
    };
  };
  const plain = rules.slice(0, PLAIN_SHARE);
  const few = rules.slice(0, RIVALS_SHARE);
  return [
    rival("plain judge", plain, async () => plainly(plain, markets)),
    ...(isTarget
      ? [rival("json-rules-engine", few, jsonRules(few, values)), rival("zen-engine", few, zenEngine(few, values))]
      : []),
  ];
}

/**
 * NumPy judges all strategies, by the clock of its own process: what goes to and fro is not
 * counted.
 */
function numpyRival(numpy: NumpySweep, rules: readonly Rule[], symbols: number): Contestant {
  return {
    name: NUMPY,
    async run() {
      const { seconds, few, all } = await numpy.run();
      const millions = (rules.length * symbols) / seconds / 1_000_000;
      const counts = { ...named(Math.min(PLAIN_SHARE, rules.length), few), ...named(rules.length, all) };
      return { values: { millions }, counts };
    },
  };
}

export async function timed(pairs: number, repeats: number, judgeAll: () => Promise<Counts>): Promise<Sample> {
  const start = performance.now();
  let counts: Counts = {};
  for (let i = 0; i < repeats; i++) {
    counts = await judgeAll();
  }
  const ms = performance.now() - start;
  return { values: { millions: (pairs * repeats) / ms / 1_000 }, counts };
}

/** What every symbol's series say, read once. */
export function featureValues(plan: SweepPlan, markets: readonly JudgeMarket[]): FeatureValues {
  const { features } = plan.table;
  const symbols = markets.length;
  const input = { features: features.length, symbols, values: new Float64Array(features.length * symbols) };
  markets.forEach((market, place) => {
    readFeatures(features, market, input, place);
  });
  return input;
}

/** What so many of the first strategies come to, for each of the numbers, which grow. */
export async function judgeSets(
  plan: SweepPlan,
  features: FeatureValues,
  shares: readonly number[],
  pace: Pace,
): Promise<Counts> {
  const everyone = new Int32Array(wordsFor(features.symbols)).fill(-1);
  const spare = features.symbols % 32;
  if (spare > 0) {
    everyone[everyone.length - 1] = 2 ** spare - 1;
  }
  const masks = await ConditionMasks.of(plan.table, features, MEMORY, pace);
  const counts: Record<string, number> = {};
  const found = { met: 0, unknown: 0, unmet: 0 };
  let from = 0;
  for (const to of shares) {
    const hits = new HitList();
    const unknown = plan.judge({ from, to }, masks, () => everyone, hits);
    found.met += hits.count;
    found.unknown += unknown;
    found.unmet += (to - from) * features.symbols - hits.count - unknown;
    Object.assign(counts, named(to, found));
    from = to;
  }
  return counts;
}

/** One pair after the other, each explained. */
export function plainly(rules: readonly Pick<Rule, "compiled">[], markets: readonly JudgeMarket[]): Found {
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
export function named(strategies: number, found: Found): Counts {
  return Object.fromEntries(Object.entries(found).map(([key, count]) => [`${key} of ${strategies}`, count]));
}

/**
 * How an evaluation's cost grows with the number of strategies, symbols being equal: 1 is linear,
 * less is better. Both in parts of the plain judge, which was measured beside both, since the
 * machine may have been busier beside one of them.
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
