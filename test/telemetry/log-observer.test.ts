import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/domain/decision.ts";
import type { LogLevel } from "../../src/telemetry/log-level.ts";
import { logObserver } from "../../src/telemetry/log-observer.ts";
import { createLog } from "../../src/telemetry/logger.ts";
import { ManualClock } from "../manual-clock.ts";

const DECISION: Decision = {
  decisionId: "0123456789abcdef0123456789abcdef",
  sequence: 7,
  symbol: "BTCUSDT",
  side: "LONG",
  sizeUsd: 1366.6667,
  confidence: 0.8667,
  strength: 0.8667,
  requiredConfidence: 0.5,
  strategyId: "dip-buyer",
  strategyVersion: 3,
  entryPrice: 64_250.100000000006,
  takeProfit: 67_462.605,
  stopLoss: 62_965.098,
  timestamp: 1_700_000_000_000,
  reasoning: "RSI_14 is 25, below 30",
  metadata: {},
  timeframe: "1h",
  barCloseTime: Date.UTC(2026, 10, 1, 12),
  validUntil: Date.UTC(2026, 10, 1, 13),
  conditions: [],
  riskMode: "NORMAL",
  shadow: false,
  dataSource: "simulated",
};

function capture(level: LogLevel = "info") {
  const records: Record<string, unknown>[] = [];
  const log = createLog({
    levels: { level, modules: {} },
    format: "json",
    destination: { write: (line: string) => records.push(JSON.parse(line)) },
  });
  const clock = new ManualClock(0);
  return { observer: logObserver(log("engine"), clock.after.bind(clock)), records, clock };
}

describe("logObserver", () => {
  it("logs a decision at info in one line that says what, how much, where, why and from which data", () => {
    const { observer, records } = capture();
    observer.observe({ kind: "decided", decision: DECISION });
    observer.observe({ kind: "decided", decision: { ...DECISION, shadow: true } });
    expect(records[0]).toMatchObject({ level: "info", decisionId: DECISION.decisionId, sequence: 7, shadow: false });
    expect(records[0]?.msg).toBe(
      "LONG BTCUSDT for 1366.67 USD at 64250.1, stop 62965.098, target 67462.605, confidence 87 % " +
        "by dip-buyer: RSI_14 is 25, below 30 (1h bar closed 2026-11-01T12:00:00.000Z, simulated data)",
    );
    expect(records[1]?.msg).toMatch(/^SHADOW LONG /);
  });

  it("logs sweeps and suppressions at debug only, and wants suppressions only then", () => {
    for (const level of ["info", "debug"] as const) {
      const { observer, records } = capture(level);
      observer.observe({
        kind: "sweep",
        cause: "close",
        timeframe: "1h",
        summary: { evaluations: 3, outcomes: { DECIDED: 1, COOLDOWN: 2 }, strategies: 1, symbols: 3, durationMs: 1.25 },
      });
      const suppression = {
        strategyId: "s",
        symbol: "ETHUSDT",
        outcome: "COOLDOWN",
        explanation: "20 s left",
      } as const;
      observer.observe({ kind: "suppressed", suppression });
      expect(observer.wantsSuppressions).toBe(level === "debug");
      expect(records.map((record) => record.msg)).toEqual(
        level === "debug"
          ? ["sweep of 1h close: 3 evaluations in 1.3 ms: 1 DECIDED, 2 COOLDOWN", "COOLDOWN s on ETHUSDT: 20 s left"]
          : [],
      );
    }
  });

  it("warns of closes that market time has passed", () => {
    const { observer, records } = capture();
    observer.observe({ kind: "closes_missed", timeframe: "1m", closes: 12, before: Date.UTC(2026, 0, 5) });
    const msg =
      "12 1m closes were not judged, the last ones before 2026-01-05T00:00:00.000Z: the process was down or stood still, or market time ran away from it";
    expect(records).toMatchObject([{ level: "warn", timeframe: "1m", closes: 12, msg }]);
  });

  it("logs a refresh at info", () => {
    const { observer, records } = capture();
    observer.observe({ kind: "refreshed", live: 12, shadow: 2, rejected: 1 });
    expect(records[0]?.msg).toBe("strategies loaded: 12 live, 2 shadow; 1 rejected as not valid");
  });

  it("logs a fault at error with its cause", () => {
    const { observer, records } = capture();
    const error = new Error("policy cannot be read", { cause: new Error("socket closed") });
    observer.observe({ kind: "fault", what: "policy", error });
    expect(records[0]).toMatchObject({ level: "error", what: "policy", msg: "policy: policy cannot be read" });
    expect(JSON.stringify(records[0]?.err)).toContain("socket closed");
  });

  it("logs equal faults once a minute, saying how many there were, and others at once", () => {
    const { observer, records, clock } = capture();
    const fail = (what: string, text: string) => observer.observe({ kind: "fault", what, error: new Error(text) });
    for (let i = 0; i < 5; i++) {
      fail("journal", "down");
    }
    fail("journal", "full");
    fail("policy", "down");
    clock.advance(59_999);
    fail("journal", "down");
    expect(records.map((record) => record.msg)).toEqual(["journal: down", "journal: full", "policy: down"]);
    clock.advance(1);
    expect(records[3]).toMatchObject({ msg: "journal: down (5 more within a minute)", repeated: 5 });
    expect(records).toHaveLength(4);
    fail("journal", "down");
    fail("policy", "down");
    expect(records.slice(4).map((record) => record.msg)).toEqual(["policy: down"]);
    clock.advance(60_000);
    clock.advance(60_000);
    expect(records.slice(5).map((record) => record.msg)).toEqual(["journal: down (1 more within a minute)"]);
    expect(clock.pending).toBe(0);
  });

  it("takes faults that differ in numbers only for equal", () => {
    const { observer, records } = capture();
    for (let age = 1; age < 50; age++) {
      const error = new Error(`connect ECONNREFUSED 127.0.0.1:${5_000 + age}; the last snapshot is ${age} s old`);
      observer.observe({ kind: "fault", what: "policy", error });
    }
    expect(records).toHaveLength(1);
    observer.flush();
    expect(records).toMatchObject([{}, { repeated: 48 }]);
  });

  it("has a bound for kinds of faults: what is beyond is counted", () => {
    const { observer, records, clock } = capture();
    for (let i = 0; i < 10_000; i++) {
      observer.observe({ kind: "evaluation_failed", strategyId: `s-${i}`, symbol: "X", error: new Error("bug") });
    }
    expect(records).toHaveLength(201);
    clock.advance(60_000);
    expect(records).toHaveLength(202);
    expect(records.at(-1)).toMatchObject({ repeated: 9_800 });
  });

  it("logs a fault at once where it comes again after a recovery", () => {
    const { observer, records } = capture();
    const fail = () => observer.observe({ kind: "fault", what: "feed", error: new Error("down") });
    fail();
    fail();
    observer.observe({ kind: "recovered", what: "feed" });
    fail();
    observer.observe({ kind: "recovered", what: "feed" });
    fail();
    expect(records.map((record) => [record.level, record.msg])).toEqual([
      ["error", "feed: down"],
      ["info", "feed: works again, after 1 more faults"],
      ["error", "feed: down"],
      ["info", "feed: works again"],
      ["error", "feed: down"],
    ]);
  });

  it("logs behind what a series begins anew, at once though bars of the series were refused before", () => {
    const { observer, records } = capture();
    const series = { symbol: "BTCUSDT", timeframe: "1m" } as const;
    observer.observe({ kind: "bar_refused", ...series, reason: "close is NaN" });
    const reason = "BTCUSDT 1m has an invalid bar at 2026-01-05T00:00:00Z: open is 0";
    observer.observe({ kind: "series_cut", ...series, reason, isInvalidBar: true });
    expect(records.at(-1)).toMatchObject({ ...series, msg: reason, level: "warn" });
  });

  it("logs refused bars once a series and failed evaluations once a strategy and reason", () => {
    const { observer, records } = capture();
    for (const symbol of ["BTCUSDT", "ETHUSDT"]) {
      for (const reason of ["close is NaN", "close is -1"]) {
        observer.observe({ kind: "bar_refused", symbol, timeframe: "1m", reason });
        observer.observe({ kind: "evaluation_failed", strategyId: "s", symbol, error: new Error(reason) });
      }
    }
    expect(records.map((record) => record.msg)).toEqual([
      "bar of BTCUSDT 1m refused: close is NaN",
      "evaluation of s on BTCUSDT failed: close is NaN",
      "evaluation of s on BTCUSDT failed: close is -1",
      "bar of ETHUSDT 1m refused: close is NaN",
    ]);
  });
});
