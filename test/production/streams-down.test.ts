import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { startServer } from "../running-server.ts";
import { decidesAfter, eventually, healthOf, isReady, type Production, startExchange, whyNot } from "./production.ts";
import { serviceApi } from "./service-api.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
/** How long the venue refuses streams at least. */
const REFUSED_MS = 25_000;

let exchange: FakeExchange;
let production: Production;

beforeAll(async () => {
  exchange = await startExchange();
  const server = await startServer({
    MARKET_DATA: "binance",
    BINANCE_REST_URL: exchange.restUrl,
    BINANCE_WS_URL: exchange.wsUrl,
    WEB_ADDRESS: "127.0.0.1:0",
    DATA_DIR: "memory",
    SYMBOLS: "BTCUSDT,ETHUSDT",
  });
  production = { server, api: serviceApi(server) };
});

afterAll(async () => {
  await production?.server.close();
  await exchange?.close();
});

/** It decides on every bar of both symbols. */
function everyBar(timeframe: string): object {
  return {
    strategyId: `every-${timeframe}`,
    name: "fires on every bar",
    status: "STRATEGY_STATUS_LIVE",
    timeframe,
    side: "SIDE_LONG",
    entryIndicators: [{ name: "CLOSE", operator: ">", value: 0 }],
    baseSizeUsd: 1_000,
    stopLossPct: 0.02,
    takeProfitPct: 0.05,
    cooldown: "0s",
    maxPositions: 10_000,
  };
}

async function save(timeframe: string): Promise<void> {
  const answer = await production.api.call("SaveStrategy", { strategy: everyBar(timeframe) });
  expect(answer).toMatchObject({ status: 200 });
}

function refuseStreams(): void {
  exchange.isRefusing = true;
  for (const connection of exchange.open) {
    connection.cut();
  }
}

/** Closes of the bars of this length on which decisions were made between these moments (ms). */
async function closesDecided(timeframe: string, from: number, to: number): Promise<readonly number[]> {
  const decisions = (await production.api.decisions()).filter(({ strategyId }) => strategyId === `every-${timeframe}`);
  const times = decisions.map(({ timestamp }) => Date.parse(timestamp)).filter((time) => time > from && time < to);
  return [...new Set(times)];
}

describe("the venue's streams, refused while REST answers", () => {
  it("are told of within 5 s by timeframe; 1m goes on and 1s does not; all is well within 5 s of their return", {
    timeout: 180_000,
  }, async () => {
    const { server, api } = production;
    await save("1s");
    await save("1m");
    await isReady(api);
    await decidesAfter(api, Date.now());

    const refused = Date.now();
    refuseStreams();
    const slow = /1s: streams down since \S+Z \(.*503.*\), bars come by REST, 3\.\d s late, which is too late/;
    // The first bars by REST may come sooner than those that follow.
    const why = await eventually(
      () => whyNot(api),
      (text) => slow.test(text) && text.includes("market data: 1m: streams down"),
      5_000,
    );
    expect(why).toMatch(slow);
    const since = Date.parse(/1s: streams down since (\S+Z)/.exec(why)?.[1] ?? "");
    expect(Math.abs(since - refused)).toBeLessThan(SECOND);
    const page = await api.page("/readyz");
    expect(page.status).toBe(503);
    expect(page.text).toMatch(
      /^not ready\nmarket data: 1s: streams down since .*\nmarket data: 1m: streams down since .*/,
    );
    expect(Date.now() - refused).toBeLessThan(5_500);
    expect(await healthOf(server)).toBe("NOT_SERVING");
    await server.says(/"level":"warn".*market data: 1s: streams down since .* bars come by REST/);
    await server.says(/"level":"warn".*market data: 1m: streams down since .* bars come by REST/);
    const { symbols = [] } = await api.status();
    const series = Object.fromEntries(symbols.map((each) => [`${each.symbol} ${each.timeframe}`, each.whyNot ?? ""]));
    expect(series["BTCUSDT 1s"]).toMatch(/^streams down since/);
    expect(series["BTCUSDT 1m"]).toBe("");

    // A minute closes meanwhile.
    const minute = Math.ceil((refused + 5 * SECOND) / MINUTE) * MINUTE;
    const until = Math.max(refused + REFUSED_MS, minute + 3 * SECOND);
    await eventually(
      async () => Date.now(),
      (now) => now >= until,
      90_000,
    );
    expect(await closesDecided("1m", minute - 1, minute + 1)).toEqual([minute]);
    expect(await closesDecided("1s", refused + SECOND, until)).toEqual([]);

    exchange.isRefusing = false;
    const healed = Date.now();
    await eventually(
      () => api.page("/readyz"),
      ({ text }) => text === "ready\n",
      5_000,
    );
    await eventually(
      () => closesDecided("1s", healed, Number.POSITIVE_INFINITY),
      (closes) => closes.length > 0,
      5_000,
    );
    expect(await healthOf(server)).toBe("SERVING");
    await server.says(/"level":"info".*market data: 1s: bars come as they should again/);
  });

  it("leave the service ready where every strategy can still be judged, and are told of all the same", {
    timeout: 60_000,
  }, async () => {
    const { server, api } = production;
    await api.call("SetStrategyStatus", { strategyId: "every-1s", status: "STRATEGY_STATUS_DISABLED" });
    await isReady(api);
    refuseStreams();
    const why = await eventually(
      () => whyNot(api),
      (text) => text !== "",
      5_000,
    );
    expect(why).toMatch(/^market data: 1m: streams down since \S+Z \(.*\), bars come by REST, \d\.\d s late$/);
    const { status, text } = await api.page("/readyz");
    expect([status, text]).toEqual([200, expect.stringMatching(/^ready\nmarket data: 1m: streams down since/)]);
    expect((await api.status()).ready).toBe(true);
    expect(await healthOf(server)).toBe("SERVING");
    exchange.isRefusing = false;
    await eventually(
      () => whyNot(api),
      (text) => text === "",
      5_000,
    );
  });
});
