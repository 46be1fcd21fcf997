import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeExchange, RestFault } from "../fake-exchange/fake-exchange.ts";
import { refusal } from "../fake-exchange/rest-api.ts";
import { freePort } from "../provide/server.ts";
import {
  decidedBetween,
  decidesAfter,
  eventually,
  faultShows,
  healthOf,
  insertStrategy,
  isReady,
  type Production,
  type Stores,
  sql,
  startExchange,
  startProduction,
  startStores,
} from "./production.ts";

const STRATEGY = "every-bar";
/** Short, so that the tests are: a bar that is later than this is no longer waited for. */
const ENV = { BAR_GRACE: "1s", PRICE_MAX_AGE: "2s" };

/** It reads more bars than were loaded for the other one. */
const LONGER = {
  strategyId: "longer",
  name: "reads far back",
  status: "STRATEGY_STATUS_LIVE",
  timeframe: "1s",
  side: "SIDE_LONG",
  entryIndicators: [{ name: "CLOSE", operator: ">", indicator: "EMA_100" }],
  baseSizeUsd: 1_000,
  stopLossPct: 0.02,
  takeProfitPct: 0.05,
};

let stores: Stores;
let exchange: FakeExchange | undefined;
/** What REST answers instead of its answer. */
let fault: RestFault | undefined;
let port: number;
/**
 * The same one for several faults, in their order: what is tried is also that none needs a restart.
 */
let production: Production;

beforeAll(async () => {
  [stores, port] = await Promise.all([startStores(), freePort()]);
  const urls = { restUrl: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}` };
  production = await startProduction(stores, urls, ENV);
});

afterAll(async () => {
  await production?.server.close();
  await exchange?.close();
  await stores?.close();
});

async function startVenue(): Promise<FakeExchange> {
  const venue = await startExchange(port);
  venue.script("*", (reply) => fault?.(reply) ?? reply, Number.POSITIVE_INFINITY);
  return venue;
}

/** What a caller is told while the venue's bars do not come. */
async function expectFault(): Promise<void> {
  const { server, api } = production;
  expect(await faultShows(api)).toMatch(/^market data: /);
  expect(await healthOf(server)).toBe("NOT_SERVING");
  expect(await api.outcome(STRATEGY, "BTCUSDT")).toBe("MARKET_DATA_UNAVAILABLE");
}

/** The service decides again, and made no decision on a bar between these moments. */
async function expectRecovery(from: number, to: number): Promise<void> {
  const { server, api } = production;
  await isReady(api);
  await decidesAfter(api, Date.now());
  expect(await healthOf(server)).toBe("SERVING");
  // A bar that closed just before the end may be judged just after it.
  expect(await decidedBetween(api, from, to - 1_000)).toEqual([]);
}

describe("the venue", () => {
  it("down at start is waited for: not ready with the reason, then in use", async () => {
    await insertStrategy(await sql(stores.postgres), STRATEGY);
    await expectFault();
    const back = Date.now();
    exchange = await startVenue();
    await expectRecovery(0, back);
  });

  it("that refuses calls and connections is waited for, and then followed again", async () => {
    const venue = exchange as FakeExchange;
    venue.isRefusing = true;
    fault = () => refusal(503, -1008, "Server is overloaded.");
    for (const connection of venue.open) {
      connection.cut();
    }
    const refused = Date.now();
    await expectFault();
    const back = Date.now();
    venue.isRefusing = false;
    fault = undefined;
    await expectRecovery(refused, back);
  });

  it("that stalls in silence, its connection open, is noticed before the watchdog gives it up", async () => {
    const venue = exchange as FakeExchange;
    venue.isStalled = true;
    fault = () => "cut";
    const stalled = Date.now();
    await expectFault();
    const back = Date.now();
    venue.isStalled = false;
    fault = undefined;
    await expectRecovery(stalled, back);
  });

  it("that leaves calls unanswered and its streams silent, all connections open, is waited for", async () => {
    const venue = exchange as FakeExchange;
    venue.isStalled = true;
    fault = () => "hang";
    const silent = Date.now();
    await expectFault();
    const back = Date.now();
    venue.isStalled = false;
    fault = undefined;
    await expectRecovery(silent, back);
  });

  it("that is slow to answer calls, its streams as ever, stops no decision", async () => {
    const venue = exchange as FakeExchange;
    venue.restDelayMs = 1_500;
    const slow = Date.now();
    await decidesAfter(production.api, slow + 3_000);
    expect((await production.api.status()).ready).toBe(true);
    const closes = new Set((await decidedBetween(production.api, slow, slow + 3_000)).map((time) => Date.parse(time)));
    expect(closes.size).toBe(3);
    venue.restDelayMs = 0;
  });

  it("that refuses calls while a strategy with a longer look-back is saved keeps that one waiting, and no other", async () => {
    const { api } = production;
    fault = () => refusal(503, -1008, "Server is overloaded.");
    const { status } = await api.call("SaveStrategy", { strategy: LONGER });
    expect(status).toBe(200);
    const saved = Date.now();
    await decidesAfter(api, saved + 3_000);
    const closes = new Set((await decidedBetween(api, saved, saved + 3_000)).map((time) => Date.parse(time)));
    expect(closes.size).toBe(3);
    expect(await api.outcome(LONGER.strategyId, "BTCUSDT")).toBe("MARKET_DATA_UNAVAILABLE");
    const { ready, symbols = [] } = await api.status();
    expect(ready).toBe(true);
    expect(symbols.map(({ whyNot }) => whyNot)).toContainEqual(
      expect.stringMatching(/reaches back .* Server is overloaded/),
    );
    fault = undefined;
    await eventually(
      () => api.outcome(LONGER.strategyId, "BTCUSDT"),
      (outcome) => outcome !== "MARKET_DATA_UNAVAILABLE",
      20_000,
    );
  });

  it("gone while serving stops decisions and says so; back on its address, it is followed again", async () => {
    await exchange?.close();
    const gone = Date.now();
    await expectFault();
    const back = Date.now();
    exchange = await startVenue();
    await expectRecovery(gone, back);
  });
});
