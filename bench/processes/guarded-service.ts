import { setTimeout as wait } from "node:timers/promises";
import { startCarriers } from "../../src/assembly/carriers.ts";
import { readConfig } from "../../src/config.ts";
import type { Bar } from "../../src/domain/bar.ts";
import { LongWorks } from "../../src/engine/concurrency/long-work.ts";
import type { RunningEngine } from "../../src/engine/engine.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { Turns } from "../../src/rpc/budgets/turns.ts";
import { createLog } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { NO_TRACING } from "../../src/telemetry/tracing.ts";
import { answer } from "../harness/child.ts";
import { epochMs } from "../harness/epoch.ts";
import { barsOf, barWalk } from "../samples/bars.ts";
import { startBenchEngine } from "../samples/engine.ts";
import { HandFeed } from "../samples/hand-feed.ts";
import { storedOf, strategyOf, symbolsOf } from "../samples/strategies.ts";

/**
 * The engine behind the carriers as the service opens them, budgets and limits included, over a
 * feed that is driven by hand.
 */
export type GuardedQuestion =
  | { readonly ask: "start"; readonly tokens: string; readonly symbols: number; readonly strategies: number }
  /** All symbols close. */
  | { readonly ask: "close" };

export interface GuardedAnswer {
  readonly grpc: string;
  readonly web: string;
  /** When the close was judged, ms since the epoch. */
  readonly judgedAt: number;
  /** Decisions made so far. */
  readonly decisions: number;
}

const MINUTE_MS = 60_000;
const START = Date.UTC(2024, 0, 1);
const LEAD = 1_300;
/** What an exchange has of any symbol. */
const LONG_HISTORY = 20_000;

interface Running {
  readonly addresses: { readonly grpc: string; readonly web: string };
  readonly close: () => Promise<void>;
  readonly seen: { decisions: number; judgedAt: number; onSweep: () => void };
}

let running: Running | undefined;

async function start({ tokens, symbols, strategies }: Extract<GuardedQuestion, { ask: "start" }>): Promise<Running> {
  const names = symbolsOf(symbols);
  const walks = names.map((_, i) => barWalk(i, START, MINUTE_MS));
  const history = new Map(names.map((name, i) => [name, Array.from({ length: LEAD }, walks[i] as () => Bar)]));
  const others = barsOf(LONG_HISTORY, 1, START + (LEAD - LONG_HISTORY) * MINUTE_MS, MINUTE_MS);
  const now = START + (LEAD + 0.5) * MINUTE_MS;
  const feed = new HandFeed("1m", now, (symbol) => history.get(symbol) ?? others);
  const seen = { decisions: 0, judgedAt: 0, onSweep() {} };
  const turns = new Turns();
  const clock = turns.clock(systemClock);
  const longWorks = new LongWorks(clock);
  const engine = await startBenchEngine({
    strategies: Array.from({ length: strategies }, (_, i) => storedOf(deciding(i))),
    symbols: names,
    market: feed.market,
    clock,
    longWorks,
    observe(event) {
      if (event.kind === "sweep") {
        seen.judgedAt = epochMs();
        seen.onSweep();
      } else if (event.kind === "decided") {
        seen.decisions++;
      }
    },
  });
  await loaded(engine, symbols);
  const env = { AUTH_TOKENS: tokens, GRPC_ADDRESS: "127.0.0.1:0", WEB_ADDRESS: "127.0.0.1:0", DATA_DIR: "memory" };
  const carriers = await startCarriers({
    engine,
    config: readConfig(env),
    log: createLog({ levels: { level: "off", modules: {} }, format: "json" }),
    metrics: createMetrics({ version: "bench", dataSource: "bench", warn: () => {} }),
    tracing: NO_TRACING,
    version: "bench",
    adapters: {},
    turns,
    longWorks,
    now: () => clock.now(),
  });
  const close = async () => {
    const swept = new Promise<void>((resolve) => {
      seen.onSweep = resolve;
    });
    for (const [i, name] of names.entries()) {
      feed.send(name, (walks[i] as () => Bar)());
    }
    await swept;
  };
  return { addresses: { grpc: carriers.server.address, web: carriers.web?.address ?? "" }, close, seen };
}

/** The history of all is there, and the feed is being read. */
async function loaded({ runtime }: RunningEngine, symbols: number): Promise<void> {
  for (;;) {
    const found = runtime.status().symbols;
    if (found.length === symbols && found.every(({ whyNot }) => whyNot === undefined)) {
      await wait(50);
      return;
    }
    await wait(20);
  }
}

/** Decides on every symbol at every close. */
function deciding(number: number) {
  const conditions = [
    { name: "RSI_14", operator: ">", operand: 1 },
    { name: "NATR_14", operator: ">", operand: 0.000_001 },
  ] as const;
  return strategyOf(`deciding-${number}`, conditions, { timeframe: "1m", cooldownMs: 0, maxPositions: 10_000 });
}

answer<GuardedQuestion, GuardedAnswer>(async (question) => {
  if (question.ask === "start") {
    running = await start(question);
  } else {
    await running?.close();
  }
  const { addresses, seen } = running as Running;
  return { ...addresses, judgedAt: seen.judgedAt, decisions: seen.decisions };
});
