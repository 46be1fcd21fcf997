import { DEFAULT_POLICY } from "../src/domain/policy.ts";
import { Pace } from "../src/engine/concurrency/pace.ts";
import { type JudgeContext, type JudgeMarket, judge } from "../src/engine/rules/judging/judge.ts";
import { StrategySet } from "../src/engine/rules/sets/strategy-set.ts";
import { JudgingPass } from "../src/engine/runtime/sweeps/judging-pass.ts";
import { systemClock } from "../src/process/system-clock.ts";
import { type Contestant, contest, lineOf } from "./harness/contest.ts";
import type { Counts, Line, Row, Size } from "./harness/row.ts";
import type { Found } from "./rivals/found.ts";
import { jsonRules } from "./rivals/json-rules.ts";
import { zenEngine } from "./rivals/zen-engine.ts";
import { marketOf } from "./samples/market.ts";
import { type Rule, rulesOf, valuesOf } from "./samples/rulebook.ts";
import { symbolsOf } from "./samples/strategies.ts";

/**
 * The rivals are slow, so they judge only the first strategies; what they count is held against
 * ours over the same ones.
 */
const PLAIN_SHARE = 1_000;
const RIVALS_SHARE = 100;
/** Small sweeps are repeated, so that a round takes long enough to be timed. */
const LEAST_PAIRS_A_ROUND = 200_000;

const POLICY = { ...DEFAULT_POLICY, globalMinConfidence: 0 };
const CONTEXT: JudgeContext = { inForce: { policy: POLICY, allowed: new Set() }, evaluators: [] };

/** The engine's sweep up to the gates that need state, with every outcome counted. */
export const SWEEP: Row = {
  name: "sweep",
  about:
    "a sweep over strategies of 2 to 4 conditions on 24 indicators, 1 % of the values undefined, beside the plain judge, json-rules-engine and zen-engine",
  async run(size) {
    const [few, many, symbols] = size === "full" ? [1_000, 10_000, 100] : [20, 200, 5];
    const small = await linesOf(few, symbols, size);
    const large = await linesOf(many, symbols, size);
    return [...small, ...large, ...growth(small, large, many / few)];
  },
};

async function linesOf(strategies: number, symbols: number, size: Size): Promise<readonly Line[]> {
  const rules = rulesOf(strategies);
  const values = valuesOf(symbols);
  const markets = values.map((ofSymbol, i) => marketOf(symbolsOf(symbols)[i] ?? "", ofSymbol));
  const repeats = size === "full" ? Math.ceil(LEAST_PAIRS_A_ROUND / (strategies * symbols)) : 1;
  const [plain, few] = [rules.slice(0, PLAIN_SHARE), rules.slice(0, RIVALS_SHARE)];
  const shares = {
    ...named(plain, await sweep(plain, markets)),
    ...named(few, await sweep(few, markets)),
  };
  const jsonEngine = jsonRules(few, values);
  const zen = zenEngine(few, values);
  const share = { pairs: few.length * symbols, repeats: 1 };
  return contest(
    {
      row: SWEEP.name,
      measures: [
        {
          key: "perSecond",
          what: `${strategies} strategies × ${symbols} symbols`,
          unit: "evaluations/s",
          better: "more",
        },
      ],
      ours: timed("sweep", { pairs: strategies * symbols, repeats }, async () => ({
        ...shares,
        ...named(rules, await sweep(rules, markets)),
      })),
      rivals: [
        timed(`plain judge (${plain.length} strategies)`, { pairs: plain.length * symbols, repeats }, async () =>
          named(plain, plainly(plain, markets)),
        ),
        timed(`json-rules-engine (${few.length} strategies)`, share, async () => named(few, await jsonEngine())),
        timed(`zen-engine (${few.length} strategies)`, share, async () => named(few, await zen())),
      ],
    },
    size,
  );
}

function timed(
  name: string,
  work: { readonly pairs: number; readonly repeats: number },
  judgeAll: () => Promise<Counts>,
): Contestant {
  return {
    name,
    async run() {
      const start = performance.now();
      let counts: Counts = {};
      for (let i = 0; i < work.repeats; i++) {
        counts = await judgeAll();
      }
      const seconds = (performance.now() - start) / 1_000;
      return { values: { perSecond: (work.pairs * work.repeats) / seconds }, counts };
    },
  };
}

/** Counts over so many strategies, the first ones; found by whoever judges them. */
function named(rules: readonly Rule[], found: Found): Counts {
  return Object.fromEntries(Object.entries(found).map(([key, count]) => [`${key} of ${rules.length}`, count]));
}

const SETS = new WeakMap<readonly Rule[], StrategySet>();

/** Kept from sweep to sweep, as the engine does. */
function setOf(rules: readonly Rule[]): StrategySet {
  const set = SETS.get(rules) ?? new StrategySet(rules.map(({ compiled }) => compiled));
  SETS.set(rules, set);
  return set;
}

/** As a call or a bar's close sweeps: candidates are those that only gates with state can stop. */
async function sweep(rules: readonly Rule[], markets: readonly JudgeMarket[]): Promise<Found> {
  const observer = { wantsSuppressions: false, observe() {} };
  const pass = new JudgingPass({ observer, dataSource: "bench" }, CONTEXT, new Pace(systemClock), false);
  const set = setOf(rules);
  const units = markets.map((market) => ({
    set,
    symbol: market.symbol,
    market: () => market,
    entryPrice: () => 100,
    timestamp: market.barClose ?? 0,
  }));
  await pass.judge(units);
  return {
    met: pass.candidates.length,
    unmet: pass.outcomes.get("CONDITIONS_NOT_MET") ?? 0,
    unknown: pass.outcomes.get("INDICATOR_NOT_READY") ?? 0,
  };
}

/** One pair after the other, each explained: what the sweep must agree with. */
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

/**
 * How an evaluation's cost grows with the number of strategies: 1 is linear, less is better. Both
 * are taken in parts of the plain judge, which did the same work beside both, since the machine may
 * have been busier beside one of them.
 */
function growth(small: readonly Line[], large: readonly Line[], factor: number): readonly Line[] {
  const [few] = small;
  const [many] = large;
  const [before, after] = [few?.rivals[0]?.ratio, many?.rivals[0]?.ratio];
  if (many === undefined || before === undefined || after === undefined) {
    return [];
  }
  return [
    lineOf({
      row: SWEEP.name,
      measure: {
        key: "growth",
        what: `cost of an evaluation with ${factor} times the strategies`,
        unit: "times",
        better: "less",
        target: { text: "<= 1.1", kept: (ours) => ours <= 1.1 },
      },
      ours: [before / after],
      rivals: [],
      counts: many.counts,
      ...(many.void !== undefined && { void: many.void }),
    }),
  ];
}
