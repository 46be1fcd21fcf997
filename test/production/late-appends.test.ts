import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { type Link, openLink } from "./link.ts";
import {
  decidedBetween,
  decidesAfter,
  eventually,
  expectWholeJournal,
  insertStrategy,
  isReady,
  type Production,
  type Stores,
  sql,
  startExchange,
  startProduction,
  startStores,
} from "./production.ts";

const TEST = { timeout: 60_000 };
/**
 * Longer than a decision on a 1s bar is valid, and shorter than the service waits for a statement.
 */
const LATE_MS = 3_000;

let stores: Stores;
let exchange: FakeExchange;
let link: Link;
let production: Production;

beforeAll(async () => {
  [stores, exchange] = await Promise.all([startStores(), startExchange()]);
  link = await openLink(stores.postgres.url);
  production = await startProduction({ postgres: link, redis: stores.redis }, exchange);
  await isReady(production.api);
});

afterAll(async () => {
  await production?.server.close();
  await link?.close();
  await exchange?.close();
  await stores?.close();
});

describe("decisions on 1s bars, valid for a second, on a live feed", () => {
  it("are not journaled where another writer holds the journal for three", TEST, async () => {
    const { api } = production;
    const client = await sql(stores.postgres);
    await insertStrategy(client, "every-bar");
    await decidesAfter(api, Date.now());
    await client.query("BEGIN");
    await client.query("SELECT FROM sg_journal FOR UPDATE");
    const locked = Date.now();
    await wait(LATE_MS);
    const unlocked = Date.now();
    await client.query("ROLLBACK");
    await decidesAfter(api, unlocked);
    expect(await decidedBetween(api, locked, unlocked - 1_000)).toEqual([]);
    await isReady(api);
    await expectWholeJournal(client);
  });

  it("are not journaled where the bytes of their append arrive three seconds late", TEST, async () => {
    const { api } = production;
    const client = await sql(stores.postgres);
    const hold = link.hold("INSERT INTO sg_decisions");
    await hold.held;
    const held = Date.now();
    await wait(LATE_MS);
    await hold.letGo();
    const arrived = Date.now();
    await eventually(
      () => decidedBetween(api, arrived, Number.POSITIVE_INFINITY),
      (times) => times.length > 0,
      20_000,
    );
    expect(await decidedBetween(api, held - 800, arrived - 1_000)).toEqual([]);
    await isReady(api);
    await expectWholeJournal(client);
  });
});
