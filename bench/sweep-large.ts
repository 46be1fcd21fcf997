import { type Child, startChild } from "./harness/child.ts";
import { contest, type Sample } from "./harness/contest.ts";
import type { Row } from "./harness/row.ts";
import { atMost } from "./harness/yardstick.ts";
import type { SweeperAnswer, SweeperQuestion } from "./processes/sweeper.ts";

/**
 * The largest sweep there is: how long others wait for their turn meanwhile, and how much memory it
 * takes.
 */
export const SWEEP_LARGE: Row = {
  name: "sweep-large",
  about:
    "a whole sweep of 100,000 strategies on 500 symbols in a process of its own: the longest turn of the event loop, and peak memory; what holds is judged and explained, one pair in a hundred",
  async run(size, yardstick) {
    const work = size === "full" ? { strategies: 100_000, symbols: 500 } : { strategies: 2_000, symbols: 50 };
    await using sweeper: Child<SweeperQuestion, SweeperAnswer> = startChild("sweeper.ts");
    const what = `${work.strategies} strategies × ${work.symbols} symbols`;
    const run = async (): Promise<Sample> => {
      const { ms, longestTurnMs, peakMib, evaluations, held } = await sweeper.ask(work);
      return {
        values: { seconds: ms / 1_000, millions: evaluations / ms / 1_000, longestTurnMs, peakMib },
        counts: { evaluations, held },
      };
    };
    return await contest(
      {
        row: SWEEP_LARGE.name,
        measures: [
          { key: "seconds", what, unit: "s", better: "less" },
          { key: "millions", what: "the same, by evaluations", unit: "M evaluations/s", better: "more" },
          {
            key: "longestTurnMs",
            what: "longest turn of the event loop meanwhile, processor time",
            unit: "ms",
            better: "less",
            target: atMost(20, yardstick),
          },
          { key: "peakMib", what: "peak memory of the process, with all strategies", unit: "MiB", better: "less" },
        ],
        ours: { name: "sweep", run },
        rivals: [],
      },
      size,
    );
  },
};
