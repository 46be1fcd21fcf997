import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replay } from "../src/adapters/replay/replay.ts";
import type { Bar } from "../src/domain/bar.ts";
import type { StoredStrategy } from "../src/domain/strategy.ts";
import type { MarketData, MarketEvent } from "../src/ports/market-data.ts";
import type { EngineEvent } from "../src/ports/observer.ts";
import { systemClock } from "../src/process/system-clock.ts";
import { contest, type Sample } from "./harness/contest.ts";
import type { Row } from "./harness/row.ts";
import { barsOf } from "./samples/bars.ts";
import { startBenchEngine } from "./samples/engine.ts";
import { symbolsOf, tradingStrategies } from "./samples/strategies.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2024, 0, 1);
/** Bars before the replay begins, in which all indicators settle. */
const LEAD = 700;

/** Recorded bars through the whole engine as fast as it takes them: series, indicators, sweeps, gates, journal. */
export const REPLAY: Row = {
  name: "replay",
  about: "a replay at REPLAY_SPEED=max of 1-minute bars through the engine, memory stores; equal decisions each time",
  async run(size) {
    const work =
      size === "full" ? { symbols: 10, bars: 400, strategies: 100 } : { symbols: 2, bars: 20, strategies: 5 };
    const symbols = symbolsOf(work.symbols);
    const strategies = tradingStrategies(work.strategies, "1m", 0.5);
    const dir = await mkdtemp(join(tmpdir(), "bench-replay-"));
    try {
      await record(dir, symbols, LEAD + work.bars);
      return await contest(
        {
          row: REPLAY.name,
          measures: [
            {
              key: "bars",
              what: `${work.symbols} symbols × ${work.bars} bars × ${work.strategies} strategies`,
              unit: "bars/s",
              better: "more",
            },
            { key: "evaluations", what: "the same, by evaluations", unit: "evaluations/s", better: "more" },
          ],
          ours: { name: "replay", run: () => played(dir, symbols, strategies) },
          rivals: [],
        },
        size,
      );
    } finally {
      await rm(dir, { recursive: true });
    }
  },
};

async function record(dir: string, symbols: readonly string[], count: number): Promise<void> {
  for (const [i, symbol] of symbols.entries()) {
    const rows = barsOf(count, 100 + i, START, MINUTE_MS).map(csvRow);
    await writeFile(join(dir, `${symbol}-1m.csv`), `open_time,open,high,low,close,volume\n${rows.join("\n")}\n`);
  }
}

function csvRow({ openTime, open, high, low, close, volume }: Bar): string {
  return [new Date(openTime).toISOString().replace(".000Z", "Z"), open, high, low, close, volume].join(",");
}

async function played(dir: string, symbols: readonly string[], strategies: readonly StoredStrategy[]): Promise<Sample> {
  const startAt = START + LEAD * MINUTE_MS;
  const market = replay({ dir, speed: "max", clock: systemClock, symbols, startAt });
  await market.ready();
  const watched = watch(market);
  const tally = new Tally();
  const engine = await startBenchEngine({
    strategies,
    symbols,
    market: watched.market,
    observe: (event) => tally.take(event),
  });
  const { bars, ms } = await watched.ended;
  await engine.close();
  await market.close();
  return {
    values: { bars: (bars / ms) * 1_000, evaluations: (tally.evaluations / ms) * 1_000 },
    counts: { bars, evaluations: tally.evaluations, decisions: tally.decisions, "hash of decisions": tally.hash() },
  };
}

/** Counts what was judged and decided. */
class Tally {
  evaluations = 0;
  decisions = 0;
  readonly #hash = createHash("sha256");

  take(event: EngineEvent): void {
    if (event.kind === "sweep") {
      this.evaluations += event.summary.evaluations;
    } else if (event.kind === "decided") {
      this.decisions++;
      this.#hash.update(JSON.stringify(event.decision));
    }
  }

  /** 48 bits, which a double holds. */
  hash(): number {
    return this.#hash.digest().readUIntBE(0, 6);
  }
}

interface Watched {
  readonly market: MarketData;
  /** When the last bar has gone through: how many there were, and the time since the first was asked for. */
  readonly ended: Promise<{ readonly bars: number; readonly ms: number }>;
}

function watch(market: MarketData): Watched {
  const { promise: ended, resolve } = Promise.withResolvers<{ bars: number; ms: number }>();
  async function* counted(events: AsyncIterable<MarketEvent>, signal: AbortSignal): AsyncGenerator<MarketEvent> {
    const start = performance.now();
    let bars = 0;
    for await (const event of events) {
      bars += event.kind === "bar" ? 1 : 0;
      yield event;
    }
    if (!signal.aborted) {
      resolve({ bars, ms: performance.now() - start });
    }
  }
  return {
    ended,
    market: { ...market, subscribe: (series, signal) => counted(market.subscribe(series, signal), signal) },
  };
}
