import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer } from "../running-server.ts";
import { eventually } from "./production.ts";
import { serviceApi } from "./service-api.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5);
/** The shortest age that the setting takes, and a pause beyond it. */
const POLICY_MAX_AGE_MS = 1_000;
const PAUSE_MS = 1_500;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "paused-replay-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Minutes of one symbol, of which the first fifth is history. Answers with the last close. */
function record(minutes: number): number {
  const rows = Array.from({ length: minutes }, (_, i) => {
    const price = 100 + (i % 17);
    return `${START + i * MINUTE},${price},${price + 2},${price - 2},${price + 1},10`;
  });
  writeFileSync(join(folder, "BTCUSD-1m.csv"), ["open_time,open,high,low,close,volume", ...rows, ""].join("\n"));
  return START + minutes * MINUTE;
}

const EACH_CLOSE = {
  strategyId: "each-close",
  name: "Decides at each close",
  status: "STRATEGY_STATUS_LIVE",
  entryIndicators: [{ name: "CLOSE", operator: ">", value: 1 }],
  baseSizeUsd: 1_000,
  stopLossPct: 0.02,
  takeProfitPct: 0.05,
  side: "SIDE_LONG",
  timeframe: "1m",
  cooldown: "0s",
  maxPositions: 100,
  minConfidence: 0,
};

describe("a replay whose process is stopped for longer than a policy may be used", () => {
  it.each([
    ["3600", 400],
    ["max", 3_000],
  ])("judges every close at speed %s", { timeout: 120_000 }, async (speed, minutes) => {
    const end = record(minutes);
    const server = await startServer({
      MARKET_DATA: "replay",
      REPLAY_DIR: folder,
      REPLAY_SPEED: speed,
      POLICY_MAX_AGE: `${POLICY_MAX_AGE_MS}ms`,
      DATA_DIR: "memory",
      WEB_ADDRESS: "127.0.0.1:0",
    });
    const api = serviceApi(server);
    expect((await api.call("SetGlobalMinConfidence", { minConfidence: 0 })).status).toBe(200);
    expect(await api.call("SaveStrategy", { strategy: EACH_CLOSE })).toMatchObject({ status: 200 });
    await server.says(/LONG BTCUSD/);
    server.signal("SIGSTOP");
    // The pause is the fault that is tried.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    server.signal("SIGCONT");
    await eventually(
      () => api.call<{ lastSweep?: { barCloseTime?: string } }>("GetRuntimeStatus"),
      ({ body }) => Date.parse(body.lastSweep?.barCloseTime ?? "") === end,
      60_000,
    );
    const times = (await api.decisions()).map(({ timestamp }) => Date.parse(timestamp));
    const missed = times.flatMap((time, i) => {
      const before = times[i - 1] ?? time - MINUTE;
      return time - before === MINUTE ? [] : [`${(time - before) / MINUTE - 1} before ${new Date(time).toISOString()}`];
    });
    expect(missed).toEqual([]);
    expect(times.at(-1)).toBe(end);
    expect(times.length).toBeGreaterThan(0.79 * minutes);
  });
});
