import { describe, expect, it } from "vitest";
import { closeTime } from "../../src/domain/bar.ts";
import type { Decision } from "../../src/domain/decision.ts";
import { DEFAULT_POLICY } from "../../src/domain/policy.ts";
import type { StoredStrategy } from "../../src/domain/strategy.ts";
import { Pace } from "../../src/engine/concurrency/pace.ts";
import { SeriesTable } from "../../src/engine/market/series-table.ts";
import type { JudgeContext } from "../../src/engine/rules/judging/judge.ts";
import { closeUnits } from "../../src/engine/runtime/bar-closes/close-units.ts";
import { MemoryDecider } from "../../src/engine/runtime/deciding/memory-decider.ts";
import { JournalReader } from "../../src/engine/runtime/follow/journal-reader.ts";
import { JournalTail } from "../../src/engine/runtime/follow/journal-tail.ts";
import { SweepRun } from "../../src/engine/runtime/sweeps/sweep-run.ts";
import { StrategyBook } from "../../src/engine/strategies/strategy-book.ts";
import { CatchUpTurns } from "../../src/engine/streams/catch-up-turns.ts";
import type { Observer } from "../../src/ports/observer.ts";
import { NO_TRACER } from "../../src/ports/tracer.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { settled } from "../manual-clock.ts";
import { barsFrom } from "../scripted-feed.ts";
import { history, MINUTE, type Rig, type RigOptions, startRig, T0 } from "./rig.ts";

const BEFORE = [100, 101, 99];
const CLOSES = [101, 99, 103, 95, 104, 106];
const SYMBOLS = ["BTC", "ETH"];
const RIG: RigOptions = {
  symbols: SYMBOLS,
  completes: true,
  prepare(feed) {
    for (const [i, symbol] of SYMBOLS.entries()) {
      const closes = BEFORE.map((close) => close + i);
      history(feed, symbol, "1m", closes);
    }
  },
};
/** Nothing is thrown in these tests. */
const onThrown = (error: unknown) => expect.unreachable(String(error));
const NOBODY: Observer = { wantsSuppressions: false, observe() {} };

async function saved(rig: Rig): Promise<readonly StoredStrategy[]> {
  return [
    await rig.save("rising", "CLOSE > 100; CLOSE > SMA_2", { cooldownMs: 3 * MINUTE }),
    await rig.save("edge", "CLOSE > 100", { trigger: "EDGE" }),
    await rig.save("two", "CLOSE < 1000", { maxPositions: 2, status: "SHADOW" }),
  ];
}

/** Closes of both symbols at once, one after the other. */
async function closeAll(rig: Rig): Promise<void> {
  for (const close of CLOSES) {
    await rig.close({ BTC: close, ETH: close + 1 });
  }
}

/** The decisions on the same bars, from parts alone: no feed, no journal, no stores. */
async function judgedAlone(strategies: readonly StoredStrategy[]): Promise<readonly Decision[]> {
  const book = new StrategyBook({});
  await book.update({ complete: true, strategies, gone: [] }, new Pace(systemClock));
  const series = new SeriesTable(book.required);
  const decisions: Decision[] = [];
  const decider = new MemoryDecider((made) => decisions.push(...made));
  const dependencies = { clock: systemClock, observer: NOBODY, tracer: NO_TRACER, decider, dataSource: "scripted" };
  const policy = { ...DEFAULT_POLICY, globalMinConfidence: 0 };
  const context: JudgeContext = { inForce: { policy, allowed: new Set() }, evaluators: [] };
  const bars = barsFrom(T0 - BEFORE.length * MINUTE, "1m", [...BEFORE, ...CLOSES]);
  for (const bar of bars) {
    SYMBOLS.forEach((symbol, i) => {
      const { openTime, open, high, low, close, volume } = bar;
      series.add(symbol, "1m", [{ openTime, open: open + i, high: high + i, low: low + i, close: close + i, volume }]);
    });
    const close = closeTime(bar, "1m");
    if (close > T0) {
      const cohorts = book.cohorts.get("1m") ?? [];
      const units = closeUnits(
        series,
        () => close,
        cohorts,
        () => new Set(SYMBOLS),
        close,
      );
      await NO_TRACER.span("sweep", {}, (span) =>
        new SweepRun(dependencies).decide(() => ({ units, context }), false, span),
      );
    }
  }
  return decisions;
}

describe("judging without a feed", () => {
  it("comes to the decisions of an engine that has one, bar by bar", async () => {
    const rig = await startRig(RIG);
    const strategies = await saved(rig);
    await closeAll(rig);
    const journaled = await rig.journaled();
    expect(new Set(journaled.map(({ strategyId }) => strategyId)).size).toBe(3);
    expect(await judgedAlone(strategies)).toEqual(journaled);
  });

  it("rehearses without a trace", async () => {
    const decider = new MemoryDecider(() => expect.unreachable());
    expect(await decider.rehearse([])).toEqual({ decisions: [], refused: [] });
    expect(decider.isInDoubt).toBe(false);
  });
});

describe("a reader of the journal without a committer", () => {
  it("follows and lists what another process decides, under the same tokens", async () => {
    const rig = await startRig(RIG);
    await saved(rig);
    const { journal } = rig.stores;
    const log = await JournalTail.open(journal, onThrown);
    const options = { journal, log, catchUps: new CatchUpTurns(1), clock: rig.clock, queueLimit: 100 };
    const reader = new JournalReader(options);
    const own = rig.follow({ includeShadow: true });
    const read: { decisions: Decision[]; token: string } = { decisions: [], token: "" };
    const controller = new AbortController();
    const query = { symbols: [], strategyIds: [], includeShadow: true, resumeToken: "" };
    const done = (async () => {
      for await (const { decisions, resumeToken } of reader.follow(query, controller.signal)) {
        read.decisions.push(...decisions);
        read.token = resumeToken;
      }
    })();
    await settled();
    await rig.close({ BTC: 101, ETH: 102 });
    expect(read.decisions).toEqual([]);
    await log.look();
    await settled();
    await closeAll(rig);
    await log.look();
    await rig.pass(1_000);
    expect(read.decisions).toEqual(own.decisions);
    expect(read.decisions.length).toBeGreaterThan(10);
    expect(read.token).toBe(own.token);
    await rig.engine.close();
    const last = { strategyIds: ["edge"], symbols: [], includeShadow: true, after: 0, limit: 10 };
    const edges = read.decisions.filter(({ strategyId }) => strategyId === "edge");
    expect(await reader.decisions(last)).toEqual(edges);
    expect(reader.openStreams).toBe(1);
    controller.abort();
    await done;
    expect(reader.openStreams).toBe(0);
  });

  it("begins at the end that the journal has by then", async () => {
    const rig = await startRig(RIG);
    await saved(rig);
    await rig.close({ BTC: 101, ETH: 102 });
    const journaled = await rig.journaled();
    const log = await JournalTail.open(rig.stores.journal, onThrown);
    expect(log.last().sequence).toBe(journaled.at(-1)?.sequence);
  });
});
