import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { type Link, openLink } from "./link.ts";
import {
  decidesAfter,
  eventually,
  expectWholeJournal,
  insertStrategy,
  isReady,
  type Production,
  rawRedis,
  type Stores,
  startExchange,
  startProduction,
  startStores,
} from "./production.ts";

/** The service gives a statement up after 6 s, and a command of Redis after 5. */
const GIVEN_UP_MS = 8_000;
const TEST = { timeout: 60_000 };

let stores: Stores;
let exchange: FakeExchange;
let postgres: Link;
let redis: Link;
let production: Production;
/** The database as it is. */
let client: Client;

beforeAll(async () => {
  [stores, exchange] = await Promise.all([startStores(), startExchange()]);
  client = new Client({ connectionString: stores.postgres.url });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await exchange?.close();
  await stores?.close();
});

beforeEach(async () => {
  [postgres, redis] = await Promise.all([openLink(stores.postgres.url), openLink(stores.redis.url)]);
});

afterEach(async () => {
  await production?.server.close();
  await Promise.all([postgres.close(), redis.close()]);
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  production = await startProduction({ postgres, redis }, exchange, env);
  await isReady(production.api);
}

/** Calls, and answers the status: 503 is UNAVAILABLE. */
async function call(method: string, request: object): Promise<number> {
  return (await production.api.call(method, request)).status;
}

async function must(method: string, request: object): Promise<void> {
  const { status, body } = await production.api.call(method, request);
  expect([status, body]).toEqual([200, expect.anything()]);
}

/**
 * The call's write to the store, which says `text`, is kept on its way until the caller has been
 * told that it is given up.
 */
async function givenUp(link: Link, text: string, method: string, request: object): Promise<() => Promise<void>> {
  const hold = link.hold(text);
  const status = call(method, request);
  await hold.held;
  expect(await status).toBe(503);
  return () => hold.letGo();
}

async function halted(): Promise<boolean> {
  return (await production.api.call<{ policy: { halted?: boolean } }>("GetPolicy")).body.policy.halted ?? false;
}

describe("what was acknowledged last holds, when the bytes of a write that was given up arrive behind it", () => {
  it("in PostgreSQL: a halt stays", TEST, async () => {
    await start({ REDIS_URL: "" });
    const letGo = await givenUp(postgres, "INSERT INTO sg_policy", "SetTradingHalt", { halted: false });
    await must("SetTradingHalt", { halted: true, reason: "test" });
    await letGo();
    expect(await halted()).toBe(true);
    await must("SetTradingHalt", { halted: false });
    expect(await halted()).toBe(false);
  });

  it("in Redis: a halt stays", TEST, async () => {
    await start();
    const letGo = await givenUp(redis, "global:halt", "SetTradingHalt", { halted: false });
    // Until the store has it: the order is in force before that.
    await eventually(
      () => production.api.call<{ pending?: boolean }>("SetTradingHalt", { halted: true, reason: "test" }),
      ({ status, body }) => status === 200 && body.pending !== true,
    );
    await letGo();
    expect(await halted()).toBe(true);
    expect(await rawRedis(stores.redis).get("global:halted")).toBe("true");
    await must("SetTradingHalt", { halted: false });
    expect(await halted()).toBe(false);
  });

  it("a position that was closed stays closed, with its exit price", TEST, async () => {
    await start();
    const position = {
      positionId: "p1",
      strategyId: "s",
      symbol: "BTCUSDT",
      side: "SIDE_LONG",
      sizeUsd: 1_000,
      entryPrice: 100,
      openedAt: "2026-01-01T00:00:00Z",
    };
    const letGo = await givenUp(postgres, "INSERT INTO sg_positions", "ReportPositionOpened", { position });
    await must("ReportPositionOpened", { position });
    await must("ReportPositionClosed", {
      position: { positionId: "p1", exitPrice: 110, closedAt: "2026-01-01T01:00:00Z" },
    });
    await letGo();
    const { rows } = await client.query("SELECT exit_price, closed_at IS NULL AS open FROM sg_positions");
    expect(rows).toEqual([{ exit_price: 110, open: false }]);
  });

  it("a strategy that was switched off stays off", TEST, async () => {
    await start();
    await insertStrategy(client, "switched");
    await must("SetStrategyStatus", { strategyId: "switched", status: "STRATEGY_STATUS_SHADOW" });
    const letGo = await givenUp(postgres, "INSERT INTO sg_strategy_status_history", "SetStrategyStatus", {
      strategyId: "switched",
      status: "STRATEGY_STATUS_LIVE",
    });
    await must("SetStrategyStatus", { strategyId: "switched", status: "STRATEGY_STATUS_DISABLED" });
    await letGo();
    const { rows } = await client.query("SELECT status FROM sg_strategies WHERE strategy_id = 'switched'");
    expect(rows).toEqual([{ status: "DISABLED" }]);
    expect((await production.api.status()).liveStrategies ?? 0).toBe(0);
  });

  it(
    "a decision whose append was given up before a halt in Redis is never journaled; all go on afterwards",
    TEST,
    async () => {
      await start();
      await insertStrategy(client, "every-bar");
      await decidesAfter(production.api, Date.now());
      const { epoch } = await production.api.status();
      const hold = postgres.hold("INSERT INTO sg_decisions");
      await hold.held;
      await eventually(
        () => production.api.status(),
        (status) => Number(status.epoch) > Number(epoch),
        GIVEN_UP_MS,
      );
      await must("SetTradingHalt", { halted: true, reason: "test" });
      const decided = async () => (await client.query("SELECT max(sequence) AS last FROM sg_decisions")).rows;
      const before = await decided();
      await hold.letGo();
      await eventually(
        () => production.api.outcome("every-bar", "BTCUSDT"),
        (outcome) => outcome === "HALTED",
      );
      expect(await decided()).toEqual(before);
      await must("SetTradingHalt", { halted: false });
      await decidesAfter(production.api, Date.now());
      await expectWholeJournal(client);
    },
  );
});
