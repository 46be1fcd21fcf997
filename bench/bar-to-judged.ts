import type { Bar } from "../src/domain/bar.ts";
import { contest, type Sample } from "./harness/contest.ts";
import { quantile } from "./harness/quantile.ts";
import type { Row } from "./harness/row.ts";
import { atMost } from "./harness/yardstick.ts";
import { barsOf } from "./samples/bars.ts";
import { startBenchEngine } from "./samples/engine.ts";
import { HandFeed } from "./samples/hand-feed.ts";
import { tradingStrategies } from "./samples/strategies.ts";

const SYMBOL = "BENCHUSDT";
const TIMEFRAME = "1m";
const MINUTE_MS = 60_000;
const START = Date.UTC(2024, 0, 1);
/** Bars before the first that is measured, in which all indicators settle. */
const LEAD = 1_300;

/**
 * A confidence that is never reached: what fires is judged to its end, and the journal stays out of
 * it.
 */
const OUT_OF_REACH = 2;

/** The way of one bar alone: its series, indicators, sweep, every outcome counted. */
export const BAR_TO_JUDGED: Row = {
  name: "bar-to-judged",
  about: "one bar of one symbol for 100 strategies: from its arrival until all are judged",
  async run(size, yardstick) {
    const work = size === "full" ? { strategies: 100, bars: 20_000 } : { strategies: 5, bars: 30 };
    const bars = barsOf(LEAD + work.bars, 7, START, MINUTE_MS);
    const what = `1 symbol × ${work.strategies} strategies`;
    return contest(
      {
        row: BAR_TO_JUDGED.name,
        measures: [
          {
            key: "p50",
            what: `${what}, p50`,
            unit: "µs",
            better: "less",
            target: atMost(20, yardstick),
          },
          {
            key: "p99",
            what: `${what}, p99`,
            unit: "µs",
            better: "less",
            target: atMost(100, yardstick),
          },
        ],
        ours: { name: "engine", run: () => timed(bars, work.strategies) },
        rivals: [],
      },
      size,
    );
  },
};

async function timed(bars: readonly Bar[], strategies: number): Promise<Sample> {
  const feed = new HandFeed(TIMEFRAME, START + LEAD * MINUTE_MS, () => bars.slice(0, LEAD));
  let evaluations = 0;
  let decisions = 0;
  let swept = (): void => {};
  const engine = await startBenchEngine({
    strategies: tradingStrategies(strategies, TIMEFRAME, 0.5),
    symbols: [SYMBOL],
    market: feed.market,
    globalMinConfidence: OUT_OF_REACH,
    observe(event) {
      if (event.kind === "decided") {
        decisions++;
      } else if (event.kind === "sweep") {
        evaluations += event.summary.evaluations;
        swept();
      }
    },
  });
  await feed.subscribed;
  const micros: number[] = [];
  for (const bar of bars.slice(LEAD)) {
    const { promise, resolve } = Promise.withResolvers<void>();
    let end = 0;
    swept = () => {
      end = performance.now();
      resolve();
    };
    const begin = performance.now();
    feed.send(SYMBOL, bar);
    await promise;
    micros.push((end - begin) * 1_000);
    // Timers and what else waits get their turn between two bars, as they do in a service.
    await new Promise((wake) => setImmediate(wake));
  }
  await engine.close();
  return { values: { p50: quantile(micros, 0.5), p99: quantile(micros, 0.99) }, counts: { evaluations, decisions } };
}
