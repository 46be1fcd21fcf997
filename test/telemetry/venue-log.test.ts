import { describe, expect, it } from "vitest";
import { createLog } from "../../src/telemetry/logger.ts";
import { venueLog } from "../../src/telemetry/venue-log.ts";
import { ManualClock } from "../manual-clock.ts";

function capture() {
  const records: { readonly level: string; readonly msg: string; readonly repeated?: number }[] = [];
  const destination = { write: (line: string) => records.push(JSON.parse(line)) };
  const log = createLog({ levels: { level: "info", modules: {} }, format: "json", destination });
  const clock = new ManualClock(0);
  return { observe: venueLog(log("market"), clock.after.bind(clock)), records, clock };
}

describe("venueLog", () => {
  it("warns of breaks with the reason and the time of the next try, and says when it is connected again", () => {
    const { observe, records } = capture();
    observe({ kind: "disconnected", reason: "it was closed with 1006", retryMs: 412.7 });
    observe({ kind: "connected", streams: 30 });
    expect(records.map(({ level, msg }) => [level, msg])).toEqual([
      ["warn", "market data: disconnected, again in 413 ms: it was closed with 1006"],
      ["info", "market data: connected, 30 streams"],
    ]);
  });

  it("warns of equal breaks once a minute, whatever comes between, with how often they came", () => {
    const { observe, records, clock } = capture();
    for (let i = 0; i < 19; i++) {
      observe({ kind: "disconnected", reason: "it was closed with 1006", retryMs: 2_000 });
      clock.advance(3_100);
    }
    observe({ kind: "disconnected", reason: "it was silent for 60 s", retryMs: 2_000 });
    expect(records.map(({ msg, repeated }) => [msg.slice(-23), repeated])).toEqual([
      ["it was closed with 1006", undefined],
      [" it was silent for 60 s", undefined],
    ]);
    clock.advance(60_000);
    expect(records[2]).toMatchObject({ repeated: 18 });
  });

  it("warns where the venue tells us to wait", () => {
    const { observe, records } = capture();
    observe({ kind: "throttled", status: 429, waitMs: 30_000, message: "HTTP 429" } as { kind: string });
    expect(records[0]).toMatchObject({ level: "warn", msg: "market data: told to wait 30000 ms: HTTP 429" });
  });

  it("writes what cannot be read once a minute, however much of it comes, with how often it came", () => {
    const { observe, records, clock } = capture();
    for (let i = 0; i < 500; i++) {
      observe({ kind: "malformed", detail: `a message of no known form: ${i}` });
    }
    observe({ kind: "malformed", detail: "the last" });
    clock.advance(60_000);
    expect(records.map(({ level, repeated }) => [level, repeated])).toEqual([
      ["warn", undefined],
      ["warn", 500],
    ]);
    expect(records[1]?.msg).toContain("the last (500 more within a minute)");
  });

  it("warns of rows of the history that are no bars, once for all symbols of a timeframe", () => {
    const { observe, records } = capture();
    const detail = "a row opens at 1518048014838, which is not aligned to 1d";
    for (const symbol of ["BTCUSDT", "ETHUSDT"]) {
      observe({ kind: "left_out", symbol, timeframe: "1d", rows: 1, detail } as { kind: string });
    }
    expect(records.map(({ level, msg }) => [level, msg])).toEqual([
      ["warn", `market data: rows of the 1d history are no bars, 1 here: ${detail}`],
    ]);
  });
});
