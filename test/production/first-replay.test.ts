import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startServer } from "../running-server.ts";
import { serviceApi } from "./service-api.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);

/**
 * 400 hours in three layouts, the last of them as a dump of Binance; and files that are no bars.
 */
function recorded(): string {
  const folder = mkdtempSync(join(tmpdir(), "first-replay-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const rows = Array.from({ length: 400 }, (_, i) => {
    const price = 100 + (i % 17);
    return { time: START + i * HOUR, numbers: [price, price + 2, price - 2, price + 1, 10] };
  });
  const iso = (time: number) => new Date(time).toISOString().slice(0, 19).replace("T", " ");
  const text = (lines: readonly string[]) => `${lines.join("\n")}\n`;
  writeFileSync(
    join(folder, "BTCUSDT_1h.csv"),
    text([
      "Date;Open;High;Low;Close;Volume",
      ...rows.slice(0, 100).map(({ time, numbers }) => [iso(time), ...numbers].join(";")),
    ]),
  );
  writeFileSync(
    join(folder, "BTCUSDT-1h-2024-01.csv"),
    text(rows.slice(90).map(({ time, numbers }) => [time, ...numbers, time + HOUR - 1, 1, 2, 3, 4, 0].join(","))),
  );
  writeFileSync(join(folder, "notes.md"), "mine");
  return folder;
}

const EACH_CLOSE = {
  strategyId: "each-close",
  name: "Decides at each close",
  status: "STRATEGY_STATUS_LIVE",
  entryIndicators: [{ name: "CLOSE", operator: ">", value: 110 }],
  baseSizeUsd: 1_000,
  stopLossPct: 0.02,
  takeProfitPct: 0.05,
  side: "SIDE_LONG",
  timeframe: "1h",
  cooldown: "0s",
  maxPositions: 100,
  minConfidence: 0,
};

describe("a first replay of one's own bars", () => {
  it("says what it reads and leaves out, begins at REPLAY_FROM, and at its end what came of it", {
    timeout: 120_000,
  }, async () => {
    const folder = recorded();
    const server = await startServer({
      MARKET_DATA: "replay",
      REPLAY_DIR: folder,
      REPLAY_SPEED: "max",
      REPLAY_FROM: "2024-01-11",
      DATA_DIR: "memory",
      WEB_ADDRESS: "127.0.0.1:0",
    });
    await server.says(/replay: reading 2 files of bars/);
    await server.says(/400 bars read of BTCUSDT 1h/);
    await server.says(/BTCUSDT_1h.csv: times without a zone are read as UTC/);
    await server.says(/10 bars were there twice, equal to the digit, and are taken once/);
    await server.says(/left out .*notes.md: it is no file of bars/);
    await server.says(
      /judges from 2024-01-11T00:00:00Z to 2024-01-17T16:00:00Z. Market time is the time of the recording/,
    );
    const api = serviceApi(server);
    expect((await api.call("SetGlobalMinConfidence", { minConfidence: 0 })).status).toBe(200);
    expect(await api.call("SaveStrategy", { strategy: EACH_CLOSE })).toMatchObject({ status: 200 });
    const [, closes, decided, ...outcomes] = await server.says(
      // The close at the start is judged where the strategy is there in time.
      /replay: over at market time 2024-01-17T16:00:00Z: (16[01]) closes judged \(\d+ of 1h\), (\d+) decisions; \d+ evaluations: (\d+) CONDITIONS_NOT_MET, (\d+) DECIDED/,
    );
    const decisions = await api.decisions();
    expect(Number(decided)).toBe(decisions.length);
    expect(outcomes.map(Number)).toEqual([Number(closes) - decisions.length, decisions.length]);
    expect(decisions.length).toBeGreaterThan(50);
    expect(Date.parse(decisions[0]?.timestamp ?? "")).toBeGreaterThan(Date.UTC(2024, 0, 11));
  });

  it.each([
    [
      { REPLAY_FROM: "2020-01-01" },
      /REPLAY_FROM is 2020-01-01T00:00:00.000Z, must be from 2024-01-01T00:00:00.000Z, the first bar/,
    ],
    [{ REPLAY_DIR: "no/such/bars" }, /REPLAY_DIR: there is no folder \/.*\/no\/such\/bars; create it/],
  ])("does not start with %j, and says why", { timeout: 60_000 }, async (wrong, why) => {
    const settings = {
      MARKET_DATA: "replay",
      REPLAY_DIR: recorded(),
      DATA_DIR: "memory",
      WEB_ADDRESS: "off",
      ...wrong,
    };
    await expect(startServer(settings)).rejects.toThrow(why);
  });
});
