import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect, type RuntimeClient } from "../../examples/client.ts";
import { type NewsEvent, newsFilter, readCalendar } from "../../examples/custom-evaluator.ts";
import { Outcome } from "../../gen/strategyruntime/v1/decision_pb.ts";
import { StrategyStatus } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import type { Signal } from "../../src/ports/signal-evaluator.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { EXAMPLE_LIMIT, ROOT } from "./run-example.ts";

const EVENTS: readonly NewsEvent[] = [
  { event: "US CPI", at: "2026-12-10T13:30:00Z", before_minutes: 60, after_minutes: 30 },
  { event: "upgrade", at: "2026-12-12T12:00:00Z", before_minutes: 60, after_minutes: 60, symbols: ["SOLUSDT"] },
  { event: "funding", at: "00:00", before_minutes: 5, after_minutes: 5 },
];

function calendarFile(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "calendar-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "calendar.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function startWithNewsFilter(calendar: string): Promise<RunningServer> {
  return startServer({ EVALUATORS: "./examples/custom-evaluator.ts", NEWS_CALENDAR: calendar });
}

async function clientWithNewsFilter(calendar: unknown): Promise<RuntimeClient> {
  const { address } = await startWithNewsFilter(calendarFile(calendar));
  const client = connect(address);
  onTestFinished(() => client.close());
  return client;
}

function evaluateAt(client: RuntimeClient, symbol: string, at: string) {
  return client.runtime.evaluate({
    strategy: {
      case: "config",
      value: {
        strategyId: "dip",
        name: "Dip",
        timeframe: "1m",
        entryIndicators: [{ name: "RSI", operator: "<", operand: { case: "value", value: 30 } }],
        baseSizeUsd: 1_000,
        stopLossPct: 0.02,
        takeProfitPct: 0.05,
      },
    },
    symbol,
    indicators: { RSI: 20 },
    price: 100,
    at: timestampFromDate(new Date(at)),
  });
}

describe("the news filter in the service", EXAMPLE_LIMIT, () => {
  it("vetoes Evaluate while an event is pending for the symbol, with the event as the reason", async () => {
    const client = await clientWithNewsFilter(EVENTS);
    const ask = async (symbol: string, at: string) => (await evaluateAt(client, symbol, at)).evaluation;

    const vetoed = await ask("BTCUSDT", "2026-12-10T13:00:00Z");
    expect(vetoed?.outcome).toBe(Outcome.VETOED);
    expect(vetoed?.explanation).toContain("news filter: US CPI is due in 30 min");
    expect(vetoed?.decision).toBeUndefined();
    expect((await ask("SOLUSDT", "2026-12-12T12:00:00Z"))?.outcome).toBe(Outcome.VETOED);

    const passed = await ask("BTCUSDT", "2026-12-12T12:00:00Z");
    expect(passed?.outcome).toBe(Outcome.DECIDED);
    expect(passed?.decision?.metadata).toEqual({ news: "none pending" });
  });

  it("vetoes in sweeps, for the symbols concerned alone", async () => {
    const always = { event: "exchange maintenance", at: "12:00", before_minutes: 720, after_minutes: 720 };
    const client = await clientWithNewsFilter([{ ...always, symbols: ["BTCUSDT"] }]);
    await client.strategies.saveStrategy({
      strategy: {
        strategyId: "either_way",
        name: "Fires at once",
        status: StrategyStatus.LIVE,
        side: 1,
        timeframe: "1m",
        // The simulated market stands still now and then, where an RSI is undefined (R9).
        entryIndicators: [{ name: "CLOSE", operator: ">=", operand: { case: "value", value: 1 } }],
        baseSizeUsd: 1_000,
        stopLossPct: 0.02,
        takeProfitPct: 0.05,
        minConfidence: 0,
        maxPositions: 100,
      },
    });

    const outcomes: Record<string, bigint> = {};
    const vetoes: string[] = [];
    const request = { symbols: ["BTCUSDT", "ETHUSDT"], includeSuppressions: true, dryRun: true };
    for await (const { summary, suppressions } of client.runtime.generateSignals(request)) {
      Object.assign(outcomes, summary?.outcomes);
      vetoes.push(
        ...suppressions.filter(({ outcome }) => outcome === Outcome.VETOED).map(({ explanation }) => explanation),
      );
    }

    expect(outcomes.VETOED).toBe(1n);
    expect(vetoes).toEqual([expect.stringContaining("news filter: exchange maintenance")]);
  });

  it("stops the service from starting where its calendar cannot be read", async () => {
    await expect(startWithNewsFilter(calendarFile([{ event: "when?" }]))).rejects.toThrow(/EVALUATORS: .* entry 0 is/);
  });
});

describe("the calendar", EXAMPLE_LIMIT, () => {
  const verdict = (time: string, symbol = "BTCUSDT") =>
    newsFilter(EVENTS).evaluate({ symbol, barCloseTime: Date.parse(time) } as Signal);

  it("holds from so many minutes before an event to so many after, both included", () => {
    expect(verdict("2026-12-10T12:29:00Z")).toEqual({ metadata: { news: "none pending" } });
    expect(verdict("2026-12-10T12:30:00Z")).toEqual({ veto: "US CPI is due in 60 min" });
    expect(verdict("2026-12-10T14:00:00Z")).toEqual({ veto: "US CPI was 30 min ago" });
    expect(verdict("2026-12-10T14:01:00Z")).toEqual({ metadata: { news: "none pending" } });
  });

  it("holds around midnight for an event of every day at midnight", () => {
    expect(verdict("2026-12-01T23:55:00Z")).toEqual({ veto: "funding is due in 5 min" });
    expect(verdict("2026-12-02T00:05:00Z")).toEqual({ veto: "funding was 5 min ago" });
    expect(verdict("2026-12-02T00:06:00Z")).toEqual({ metadata: { news: "none pending" } });
  });

  it("that comes with the example can be read", () => {
    expect(readCalendar(join(ROOT, "examples", "news-calendar.json")).length).toBeGreaterThan(0);
  });
});
