import { Pace } from "../src/engine/concurrency/pace.ts";
import { SweepPlan } from "../src/engine/rules/sets/sweep-plan.ts";
import { systemClock } from "../src/process/system-clock.ts";
import { contest } from "./harness/contest.ts";
import type { Line, Row, Size } from "./harness/row.ts";
import { marketOf } from "./samples/market.ts";
import { rulesOf, valuesOf } from "./samples/rulebook.ts";
import { symbolsOf } from "./samples/strategies.ts";
import { treesOf } from "./samples/trees.ts";
import {
  featureValues,
  judgeSets,
  named,
  PAIRS_A_ROUND,
  PLAIN_PAIRS_A_ROUND,
  plainly,
  repeats,
  timed,
} from "./sweep-core.ts";

const PLAIN_SHARE = 500;
const FLAT = "flat strategies";
/** A tree has twice the conditions of a list, and some of these are computed. */
const TARGET = 1 / 3;

/** The sets of a sweep over trees, beside the same number of flat strategies. */
export const SWEEP_TREES: Row = {
  name: "sweep-trees",
  about:
    "the sets of a sweep alone: trees of 6 conditions, two of which are expressions, with all, any and none, beside as many strategies of 2 to 4 conditions and the plain judge",
  run: (size) => (size === "full" ? linesOf(10_000, 500, size) : linesOf(30, 40, size)),
};

async function linesOf(strategies: number, symbols: number, size: Size): Promise<readonly Line[]> {
  const pace = new Pace(systemClock);
  const markets = valuesOf(symbols).map((ofSymbol, i) => marketOf(symbolsOf(symbols)[i] ?? "", ofSymbol));
  const trees = treesOf(strategies);
  const plan = await SweepPlan.of(trees, pace);
  const features = featureValues(plan, markets);
  const flat = await SweepPlan.of(
    rulesOf(strategies).map(({ compiled }) => compiled),
    pace,
  );
  const flatFeatures = featureValues(flat, markets);
  const few = Math.min(PLAIN_SHARE, strategies);
  const pairs = strategies * symbols;
  const times = repeats(PAIRS_A_ROUND, pairs, size);
  const counted = { "pairs of both": pairs };
  return await contest(
    {
      row: SWEEP_TREES.name,
      measures: [
        {
          key: "millions",
          what: `${strategies} trees × ${symbols} symbols`,
          unit: "M evaluations/s",
          better: "more",
          target: {
            text: ">= a third of flat strategies",
            kept: (_, ratios) => (ratios.get(FLAT) ?? 0) >= TARGET,
          },
        },
      ],
      ours: {
        name: "sets",
        run: () =>
          timed(pairs, times, async () => ({
            ...counted,
            ...(await judgeSets(plan, features, [few, strategies], pace)),
          })),
      },
      rivals: [
        {
          name: FLAT,
          run: () =>
            timed(pairs, times, async () => {
              await judgeSets(flat, flatFeatures, [few, strategies], pace);
              return counted;
            }),
        },
        {
          name: `plain judge (${few} trees)`,
          run: () => {
            const plain = trees.slice(0, few).map((compiled) => ({ compiled }));
            const plainPairs = few * symbols;
            return timed(plainPairs, repeats(PLAIN_PAIRS_A_ROUND, plainPairs, size), async () =>
              named(few, plainly(plain, markets)),
            );
          },
        },
      ],
    },
    size,
  );
}
