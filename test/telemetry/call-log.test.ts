import { describe, expect, it } from "vitest";
import { RuntimeError } from "../../src/domain/errors.ts";
import { networkOfPeer } from "../../src/rpc/budgets/caller.ts";
import { type CallEvent, callLog } from "../../src/telemetry/call-log.ts";
import { createLog } from "../../src/telemetry/logger.ts";
import { ManualClock } from "../manual-clock.ts";

const METHOD = "strategyruntime.v1.PolicyService/SetTradingHalt";
const UNKNOWN = new RuntimeError("unauthenticated", "the token is not known");

function capture() {
  const records: { readonly level: string; readonly msg: string; readonly repeated?: number }[] = [];
  const destination = { write: (line: string) => records.push(JSON.parse(line)) };
  const log = createLog({ levels: { level: "info", modules: {} }, format: "json", destination });
  const clock = new ManualClock(0);
  return { calls: callLog(log("rpc"), { after: clock.after.bind(clock) }), records, clock };
}

function refused(peer: string, principal?: string): CallEvent {
  const error = principal === undefined ? UNKNOWN : new RuntimeError("permission_denied", `${principal} may not`);
  return { kind: "refused", method: METHOD, peer, error, ...(principal && { principal: { name: principal } }) };
}

describe("callLog", () => {
  it("writes the first refusal of an address at once, and their count when the minute is over", () => {
    const { calls, records, clock } = capture();
    for (let port = 1; port <= 5_000; port++) {
      calls.add(refused(`10.0.0.1:${port}`));
    }
    calls.add(refused("[::1]:7"));
    expect(records.map(({ msg }) => msg)).toEqual([
      `${METHOD}: refused 10.0.0.1: the token is not known`,
      `${METHOD}: refused [::1]: the token is not known`,
    ]);
    clock.advance(60_000);
    expect(records.slice(2)).toMatchObject([
      { repeated: 4_999, msg: `${METHOD}: refused 10.0.0.1: the token is not known (4999 more within a minute)` },
    ]);
  });

  it("cuts what is quoted, and takes the addresses of one network for one caller", () => {
    const { records } = capture();
    const destination = { write: (line: string) => records.push(JSON.parse(line)) };
    const log = createLog({ levels: { level: "info", modules: {} }, format: "json", destination });
    const calls = callLog(log("rpc"), { networkOf: networkOfPeer });
    for (let host = 1; host < 100; host++) {
      const error = new RuntimeError("invalid", "x".repeat(100_000));
      calls.add({ kind: "exhausted", method: METHOD, peer: `2001:db8::${host}:50000`, error });
    }
    calls.add(refused("127.0.0.1:1"));
    calls.add(refused("::ffff:127.0.0.1:2"));
    expect(records).toHaveLength(2);
    expect(JSON.stringify(records).length).toBeLessThan(2_000);
    calls.flush();
  });

  it("writes one line a minute of whoever goes on, and the next first one at once", () => {
    const { calls, records, clock } = capture();
    for (let minute = 0; minute < 3; minute++) {
      calls.add(refused("10.0.0.1:1"));
      calls.add(refused("10.0.0.1:2"));
      clock.advance(60_000);
    }
    expect(records.map(({ repeated }) => repeated)).toEqual([undefined, 1, 2, 2]);
    clock.advance(60_000);
    calls.add(refused("10.0.0.1:1"));
    expect(records).toHaveLength(5);
  });

  it("folds a principal's refusals, from whatever address they come", () => {
    const { calls, records } = capture();
    for (let host = 0; host < 200; host++) {
      calls.add(refused(`10.0.0.${host}:1`, "desk-viewer"));
    }
    calls.flush();
    expect(records.map(({ msg, repeated }) => [msg, repeated])).toEqual([
      [`${METHOD}: refused desk-viewer: desk-viewer may not`, undefined],
      [`${METHOD}: refused desk-viewer: desk-viewer may not (199 more within a minute)`, 199],
    ]);
  });

  it("writes a bounded number of lines of a flood from many addresses, and counts the rest", () => {
    const { calls, records, clock } = capture();
    for (let i = 0; i < 100_000; i++) {
      calls.add(refused(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1`));
    }
    expect(records).toHaveLength(101);
    clock.advance(60_000);
    expect(records).toHaveLength(102);
    expect(records.at(-1)).toMatchObject({
      level: "warn",
      repeated: 99_900,
      msg: "99900 refusals of other callers within a minute",
    });
    expect(clock.pending).toBe(0);
  });

  it("folds reports that fail while a store is away, and hides no fault of our own behind them", () => {
    const { calls, records, clock } = capture();
    const report = "strategyruntime.v1.PerformanceService/ReportPositionClosed";
    const failed = (error: RuntimeError): CallEvent => ({ kind: "failed", method: report, peer: "10.0.0.1:1", error });
    for (let i = 0; i < 1_000; i++) {
      const cause = new Error(`connect ECONNREFUSED, try ${i}`);
      calls.add(failed(new RuntimeError("unavailable", `position p-${i} is not stored`, { cause })));
    }
    const bug = (text: string) => failed(new RuntimeError("internal", "internal error", { cause: new Error(text) }));
    calls.add(bug("a is undefined"));
    calls.add(bug("b is undefined"));
    expect(records).toHaveLength(3);
    clock.advance(60_000);
    expect(records[3]).toMatchObject({ level: "error", repeated: 999 });
    expect(records).toHaveLength(4);
  });

  it("folds evictions of an address", () => {
    const { calls, records } = capture();
    for (let port = 1; port <= 300; port++) {
      calls.add({ kind: "evicted", method: METHOD, peer: `10.0.0.1:${port}`, stalledMs: 30_000 });
    }
    calls.flush();
    expect(records.map(({ repeated }) => repeated)).toEqual([undefined, 299]);
  });
});
