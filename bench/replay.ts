import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replay } from "../src/adapters/replay/replay.ts";
import type { Bar } from "../src/domain/bar.ts";
import type { Decision } from "../src/domain/decision.ts";
import type { StoredStrategy } from "../src/domain/strategy.ts";
import type { EngineEvent } from "../src/ports/observer.ts";
import { systemClock } from "../src/process/system-clock.ts";
import { contest, type Sample } from "./harness/contest.ts";
import type { Row } from "./harness/row.ts";
import { barsOf } from "./samples/bars.ts";
import { startBenchEngine } from "./samples/engine.ts";
import { patientStrategies, symbolsOf } from "./samples/strategies.ts";

const MINUTE_MS = 60_000;
const YEAR = 365 * 1_440;
const START = Date.UTC(2023, 0, 1);
/** Bars before the replay begins, in which all indicators settle. */
const LEAD = 1_300;
/** A year takes its time, and says the same each time. */
const ROUNDS = 3;

/**
 * Recorded bars through the whole engine as fast as it takes them: files, series, indicators,
 * sweeps, gates, journal.
 */
export const REPLAY: Row = {
  name: "replay",
  about:
    "a year of 1-minute bars replayed at REPLAY_SPEED=max through the engine, memory stores, from opening the files to the last sweep; equal decisions each time (3 rounds)",
  async run(size) {
    const work =
      size === "full" ? { symbols: 10, bars: YEAR, strategies: 100 } : { symbols: 2, bars: 20, strategies: 5 };
    const symbols = symbolsOf(work.symbols);
    const strategies = patientStrategies(work.strategies, "1m");
    const what = `${work.symbols} symbols × ${work.bars} bars × ${work.strategies} strategies`;
    const dir = await mkdtemp(join(tmpdir(), "bench-replay-"));
    try {
      await record(dir, symbols, LEAD + work.bars);
      return await contest(
        {
          row: REPLAY.name,
          measures: [
            {
              key: "seconds",
              what,
              unit: "s",
              better: "less",
            },
            { key: "bars", what: "the same, by bars", unit: "bars/s", better: "more" },
            { key: "evaluations", what: "the same, by evaluations", unit: "evaluations/s", better: "more" },
          ],
          ours: { name: "replay", run: () => played(dir, symbols, strategies, work.bars) },
          rivals: [],
          rounds: ROUNDS,
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
    const rows = barsOf(count, 100 + i, START - LEAD * MINUTE_MS, MINUTE_MS).map(csvRow);
    await writeFile(join(dir, `${symbol}-1m.csv`), `open_time,open,high,low,close,volume\n${rows.join("\n")}\n`);
  }
}

/** Seven digits, as venues quote; rounding reverses no order, so the bar stays valid. */
function csvRow({ openTime, open, high, low, close, volume }: Bar): string {
  const numbers = [open, high, low, close, volume].map((number) => Number(number.toPrecision(7)));
  return `${new Date(openTime).toISOString().slice(0, 19)}Z,${numbers.join(",")}`;
}

async function played(
  dir: string,
  symbols: readonly string[],
  strategies: readonly StoredStrategy[],
  minutes: number,
): Promise<Sample> {
  const begin = performance.now();
  const market = replay({ dir, speed: "max", clock: systemClock, symbols, startAt: START });
  await market.ready();
  const tally = new Tally();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const end = START + minutes * MINUTE_MS;
  const engine = await startBenchEngine({
    strategies,
    symbols,
    market,
    observe(event) {
      tally.take(event);
      if (event.kind === "sweep" && event.summary.barCloseTime === end) {
        resolve();
      }
    },
  });
  await ended;
  const seconds = (performance.now() - begin) / 1_000;
  await engine.close();
  await market.close();
  const bars = minutes * symbols.length;
  return {
    values: { seconds, bars: bars / seconds, evaluations: tally.evaluations / seconds },
    counts: { evaluations: tally.evaluations, decisions: tally.decisions, "hash of decisions": tally.hash() },
  };
}

/** Counts what was judged and decided. */
class Tally {
  evaluations = 0;
  readonly #decisions: Decision[] = [];

  get decisions(): number {
    return this.#decisions.length;
  }

  take(event: EngineEvent): void {
    if (event.kind === "sweep") {
      this.evaluations += event.summary.evaluations;
    } else if (event.kind === "decided") {
      this.#decisions.push(event.decision);
    }
  }

  /** 48 bits, which a double holds. Made once the clock has stopped: it is no part of a replay. */
  hash(): number {
    const hash = createHash("sha256");
    for (const decision of this.#decisions) {
      hash.update(JSON.stringify(decision));
    }
    return hash.digest().readUIntBE(0, 6);
  }
}
