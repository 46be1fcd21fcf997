import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { FakeExchange, RestFault } from "../fake-exchange/fake-exchange.ts";
import { refusal } from "../fake-exchange/rest-api.ts";
import { freePort } from "../provide/server.ts";
import {
  decidesAfter,
  eventually,
  healthOf,
  insertStrategy,
  isReady,
  type Stores,
  sql,
  startExchange,
  startProduction,
  startStores,
  whyNot,
} from "./production.ts";
import type { ServiceApi } from "./service-api.ts";

const STRATEGY = "every-bar";
/** Short, so that the tests are: a bar that is later than this is no longer waited for. */
const ENV = { BAR_GRACE: "1s", PRICE_MAX_AGE: "2s" };

let stores: Stores;

beforeAll(async () => {
  stores = await startStores();
});

afterAll(() => stores?.close());

async function withExchange(port = 0): Promise<FakeExchange> {
  const exchange = await startExchange(port);
  onTestFinished(() => exchange.close());
  return exchange;
}

async function serving(exchange: FakeExchange) {
  const production = await startProduction(stores, exchange, ENV);
  await withStrategy();
  await decidesAfter(production.api, Date.now());
  return production;
}

/** Needs a service that has been ready: the tables are its own. */
async function withStrategy(): Promise<void> {
  const client = await sql(stores.postgres);
  await client.query("DELETE FROM sg_strategies");
  await insertStrategy(client, STRATEGY);
}

async function faultShows(api: ServiceApi): Promise<string> {
  const why = await eventually(
    () => whyNot(api),
    (text) => text !== "",
  );
  expect((await api.page("/readyz")).status).toBe(503);
  return why;
}

describe("the venue", () => {
  it("down at start is waited for: not ready with the reason, then in use without a restart", {
    timeout: 60_000,
  }, async () => {
    const port = await freePort();
    const urls = { restUrl: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}` };
    const { server, api } = await startProduction(stores, urls, ENV);
    await withStrategy();
    expect(await faultShows(api)).toMatch(/^market data: /);
    expect(await healthOf(server)).toBe("NOT_SERVING");
    expect(await api.outcome(STRATEGY, "BTCUSDT")).toBe("MARKET_DATA_UNAVAILABLE");
    expect(await api.decisions()).toEqual([]);

    await withExchange(port);
    await isReady(api);
    await decidesAfter(api, Date.now());
    expect(await healthOf(server)).toBe("SERVING");
  });

  it("gone while serving stops decisions and says so; back on its address, it is followed again", {
    timeout: 60_000,
  }, async () => {
    const exchange = await withExchange();
    const { server, api } = await serving(exchange);
    const { port } = exchange;
    await exchange.close();
    const gone = Date.now();
    expect(await faultShows(api)).toMatch(/market data: /);
    expect(await healthOf(server)).toBe("NOT_SERVING");
    expect(await api.outcome(STRATEGY, "BTCUSDT")).toBe("MARKET_DATA_UNAVAILABLE");

    const back = Date.now();
    await withExchange(port);
    await isReady(api);
    await decidesAfter(api, Date.now());
    expect(await decidedBetween(api, gone, back - 1_000)).toEqual([]);
  });

  it("that refuses and throttles is waited for, and then followed again", { timeout: 60_000 }, async () => {
    const exchange = await withExchange();
    const { api } = await serving(exchange);
    exchange.isRefusing = true;
    let isBusy = true;
    const busy: RestFault = (reply) => (isBusy ? refusal(503, -1008, "Server is currently overloaded.") : reply);
    exchange.script("*", busy, Number.POSITIVE_INFINITY);
    for (const connection of exchange.open) {
      connection.cut();
    }
    const refused = Date.now();
    expect(await faultShows(api)).toMatch(/market data: /);
    expect(await api.outcome(STRATEGY, "BTCUSDT")).toBe("MARKET_DATA_UNAVAILABLE");

    const back = Date.now();
    exchange.isRefusing = false;
    isBusy = false;
    await isReady(api);
    await decidesAfter(api, Date.now());
    expect(await decidedBetween(api, refused, back - 1_000)).toEqual([]);
  });

  it("that stalls in silence, with its connection open, is noticed and decided on no more", {
    timeout: 60_000,
  }, async () => {
    const exchange = await withExchange();
    const { api } = await serving(exchange);
    exchange.isStalled = true;
    exchange.script("*", () => "hang", Number.POSITIVE_INFINITY);
    const stalled = Date.now();
    expect(await faultShows(api)).toMatch(/market data: /);
    expect(await decidedBetween(api, stalled + 1_000, Number.POSITIVE_INFINITY)).toEqual([]);
  });
});

/** Decisions on bars that closed between these moments (ms), both excluded. */
async function decidedBetween(api: ServiceApi, from: number, to: number): Promise<readonly string[]> {
  const times = (await api.decisions()).map(({ timestamp }) => timestamp);
  return times.filter((time) => Date.parse(time) > from && Date.parse(time) < to);
}
