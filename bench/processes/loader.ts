import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Client } from "pg";
import { openPostgres } from "../../src/adapters/postgres/pool.ts";
import { sqlStrategies } from "../../src/adapters/postgres/sql-strategies.ts";
import { Pace } from "../../src/engine/concurrency/pace.ts";
import { StagedChanges, StrategyBook } from "../../src/engine/strategies/strategy-book.ts";
import type { StrategyRepository } from "../../src/ports/strategy-repository.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { answer } from "../harness/child.ts";
import { watchTurns } from "./turns.ts";

/**
 * The runtime's way to its strategies, in a process of its own: nothing else is on its heap or in
 * its event loop.
 */
export type LoaderQuestion =
  | { readonly ask: "open"; readonly url: string }
  /** Loads and compiles everything anew, the plans of sweeps included. */
  | { readonly ask: "load" }
  /** Reads the same rows by one plain SELECT, as a client of pg gives them. */
  | { readonly ask: "select" }
  /** Takes what has changed since. */
  | { readonly ask: "change" };

export interface LoaderAnswer {
  readonly ms: number;
  /**
   * The longest turn of the event loop meanwhile, of this thread's own processor time: what other
   * processes take does not count.
   */
  readonly stallMs: number;
  readonly strategies: number;
  /** Of the heap and of typed arrays, more than before. */
  readonly bytes: number;
}

const STATUSES = ["LIVE", "SHADOW"] as const;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

let repository: StrategyRepository | undefined;
let plain: Client | undefined;
let book = new StrategyBook({});
let mark: string | undefined;

function memory(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function take(from: StrategyRepository): Promise<LoaderAnswer> {
  const longest = watchTurns();
  const start = performance.now();
  const pace = new Pace(systemClock);
  const staged = new StagedChanges();
  const changes = await from.changedSince(STATUSES, mark, (page) => book.stage(staged, page, pace));
  await book.apply(staged, changes, pace);
  mark = changes.mark;
  for (const { set } of [...book.cohorts.values()].flat()) {
    await set.plan(pace);
  }
  return { ms: performance.now() - start, stallMs: longest(), strategies: book.size, bytes: 0 };
}

async function select(): Promise<LoaderAnswer> {
  const before = memory();
  const longest = watchTurns();
  const start = performance.now();
  const found = await plain?.query("SELECT * FROM sg_strategies WHERE status = ANY($1)", [STATUSES]);
  const ms = performance.now() - start;
  const stallMs = longest();
  return { ms, stallMs, strategies: found?.rows.length ?? 0, bytes: memory() - before };
}

answer<LoaderQuestion, LoaderAnswer>(async (question) => {
  if (question.ask === "open") {
    repository = sqlStrategies(openPostgres(question.url));
    plain = new Client({ connectionString: question.url });
    // The server may go before this process does.
    plain.on("error", () => {});
    await plain.connect();
    await repository.ready();
    return { ms: 0, stallMs: 0, strategies: 0, bytes: 0 };
  }
  if (repository === undefined) {
    throw new Error("open comes first");
  }
  if (question.ask === "select") {
    return select();
  }
  if (question.ask === "change") {
    return take(repository);
  }
  book = new StrategyBook({});
  mark = undefined;
  const before = memory();
  const taken = await take(repository);
  return { ...taken, bytes: memory() - before };
});
