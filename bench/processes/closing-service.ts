import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { openPostgres } from "../../src/adapters/postgres/pool.ts";
import { sqlJournal } from "../../src/adapters/postgres/sql-journal.ts";
import type { Bar } from "../../src/domain/bar.ts";
import type { StoredStrategy } from "../../src/domain/strategy.ts";
import { LongWorks } from "../../src/engine/concurrency/long-work.ts";
import type { RunningEngine } from "../../src/engine/engine.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { contractServices } from "../../src/rpc/contract.ts";
import { type GrpcServer, startGrpcServer } from "../../src/rpc/grpc/grpc-server.ts";
import { answer } from "../harness/child.ts";
import type { Sample } from "../harness/contest.ts";
import { quantile } from "../harness/quantile.ts";
import { barWalk } from "../samples/bars.ts";
import { startBenchEngine } from "../samples/engine.ts";
import { HandFeed } from "../samples/hand-feed.ts";
import { WriteWatch } from "./written.ts";

/**
 * The service over a feed that is driven by hand: all symbols close at once, and it is measured
 * when the decisions go out.
 */
export type ClosingQuestion =
  | {
      readonly ask: "start";
      readonly strategies: readonly StoredStrategy[];
      readonly symbols: readonly string[];
      /** Bars of history, in which all indicators settle. */
      readonly lead: number;
      /**
       * URL of a PostgreSQL server; a database of its own is made there. Absent: the journal is in
       * memory.
       */
      readonly postgres?: string;
    }
  /** Ends what was started. */
  | { readonly ask: "closes"; readonly count: number };
/** The address after a start. */
export type ClosingAnswer = string | Sample;

const TIMEFRAME = "1m";
const MINUTE_MS = 60_000;
const START = Date.UTC(2024, 0, 1);
/** Wall time between two closes. */
const PAUSE_MS = 20;

interface Running {
  readonly engine: RunningEngine;
  readonly server: GrpcServer;
  readonly feed: HandFeed;
  readonly symbols: readonly string[];
  readonly walks: readonly (() => Bar)[];
  readonly closeJournal: () => Promise<void>;
  /** Counted by the engine's own word. */
  readonly seen: { evaluations: number; decisions: number; onSweep: () => void };
}

const watch = new WriteWatch();
let running: Running | undefined;
let databases = 0;

async function start(question: Extract<ClosingQuestion, { ask: "start" }>): Promise<string> {
  const { strategies, symbols, lead, postgres } = question;
  const walks = symbols.map((_, i) => barWalk(i, START, MINUTE_MS));
  const history = new Map(symbols.map((symbol, i) => [symbol, Array.from({ length: lead }, walks[i] as () => Bar)]));
  // Half a bar after the last close, which is over then: else it would be swept as soon as
  // everything is loaded, or while it is measured.
  const now = START + (lead + 0.5) * MINUTE_MS;
  const feed = new HandFeed(TIMEFRAME, now, (symbol) => history.get(symbol) ?? []);
  const { journal, close: closeJournal } = await openJournal(postgres);
  const seen = { evaluations: 0, decisions: 0, onSweep() {} };
  const engine = await startBenchEngine({
    strategies,
    symbols,
    market: feed.market,
    journal,
    observe(event) {
      if (event.kind === "sweep") {
        seen.evaluations += event.summary.evaluations;
        seen.onSweep();
      } else if (event.kind === "decided") {
        seen.decisions++;
      }
    },
  });
  const server = await startGrpcServer({
    address: "127.0.0.1:0",
    services: contractServices(engine, { version: "bench", adapters: {} }),
    ready: () => true,
    log: () => {},
    longWorks: new LongWorks(systemClock),
  });
  await loaded(engine, symbols.length);
  // A feed holds no history, and the collector should not have to walk through one.
  history.clear();
  running = { engine, server, feed, symbols, walks, closeJournal, seen };
  return server.address;
}

async function openJournal(url: string | undefined): Promise<{ journal: DecisionJournal; close: () => Promise<void> }> {
  if (url === undefined) {
    return { journal: memoryJournal(), close: async () => {} };
  }
  const name = `closing_${process.pid}_${++databases}`;
  const admin = openPostgres(url);
  await admin.query(`CREATE DATABASE ${name}`);
  // As on a server that has been at work for long: its log is written into files that are there
  // already.
  await admin.query("CHECKPOINT");
  const db = openPostgres(new URL(`/${name}`, url).href);
  const journal = sqlJournal(db);
  await journal.ready();
  const close = async () => {
    await db.close();
    // Else it would be vacuumed while the next one is measured.
    await admin.query(`DROP DATABASE ${name}`);
    await admin.close();
  };
  return { journal, close };
}

/** The history of all is there, and the feed is being read. */
async function loaded(engine: RunningEngine, symbols: number): Promise<void> {
  for (;;) {
    const status = engine.runtime.status().symbols;
    if (status.length === symbols && status.every(({ whyNot }) => whyNot === undefined)) {
      // The subscription to the last of them has its turn.
      await new Promise((resolve) => setTimeout(resolve, 50));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function closes(count: number): Promise<Sample> {
  if (running === undefined) {
    throw new Error("nothing was started");
  }
  const { seen, engine, server, closeJournal } = running;
  watch.take();
  const first = { ...seen };
  const delays: number[] = [];
  let most = 0;
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const before = seen.decisions;
    const sent = await oneClose(running);
    if (sent !== undefined) {
      delays.push(sent.delay);
      bytes += sent.bytes;
    }
    most = Math.max(most, seen.decisions - before);
  }
  server.close();
  await engine.close();
  await closeJournal();
  running = undefined;
  return {
    values: { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99), most, bytes: bytes / delays.length },
    counts: {
      evaluations: seen.evaluations - first.evaluations,
      decisions: seen.decisions - first.decisions,
      "closes with decisions": delays.length,
    },
  };
}

interface Sent {
  readonly delay: number;
  readonly bytes: number;
}

/**
 * Ms from the arrival of the last bar of a close until its last decision was handed to the
 * connection; undefined where there is none.
 */
async function oneClose({ feed, symbols, walks, seen }: Running): Promise<Sent | undefined> {
  const bars = walks.map((walk) => walk());
  const last = symbols.length - 1;
  const decided = seen.decisions;
  const swept = new Promise<void>((resolve) => {
    seen.onSweep = resolve;
  });
  // No closes come back to back.
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  const taken = feed.taken();
  for (let i = 0; i < last; i++) {
    feed.send(symbols[i] as string, bars[i] as Bar);
  }
  await (last === 0 ? undefined : taken);
  const begin = performance.now();
  feed.send(symbols[last] as string, bars[last] as Bar);
  await swept;
  let written = 0;
  let bytes = 0;
  let end: number | undefined;
  for (;;) {
    for (const { at, count, bytes: size } of watch.take()) {
      written += count;
      bytes += size;
      end = at;
    }
    if (written === seen.decisions - decided) {
      return end === undefined ? undefined : { delay: end - begin, bytes };
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

answer<ClosingQuestion, ClosingAnswer>(async (question) =>
  question.ask === "start" ? start(question) : closes(question.count),
);
