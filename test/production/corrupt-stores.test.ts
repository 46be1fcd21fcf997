import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import {
  decidesAfter,
  eventually,
  insertStrategy,
  isReady,
  type Production,
  rawRedis,
  type Stores,
  sql,
  startExchange,
  startProduction,
  startStores,
  whyNot,
} from "./production.ts";

const STRATEGY = "every-bar";

let stores: Stores;
let exchange: FakeExchange;
/**
 * The same one in all tests, in their order: what is tried is also that no fault needs a restart.
 */
let production: Production;

beforeAll(async () => {
  [stores, exchange] = await Promise.all([startStores(), startExchange()]);
});

afterAll(async () => {
  await exchange?.close();
  await stores?.close();
});

/**
 * The policy cannot be read for this reason: nothing is decided until it is mended, and then
 * something is.
 */
async function expectNoPolicy(reason: RegExp, mend: () => Promise<unknown>): Promise<void> {
  const { api } = production;
  const why = await eventually(
    () => whyNot(api),
    (text) => reason.test(text),
  );
  expect(why).toMatch(/^policy: the stored policy cannot be read: /);
  expect(await api.outcome(STRATEGY, "BTCUSDT")).toBe("POLICY_UNAVAILABLE");
  expect((await api.page("/readyz")).status).toBe(503);
  await mend();
  await isReady(api);
  await decidesAfter(api, Date.now());
}

describe("Redis", () => {
  beforeAll(async () => {
    production = await startProduction(stores, exchange);
  });

  afterAll(() => production?.server.close());

  it("makes decisions, with its keys as they should be", async () => {
    await insertStrategy(await sql(stores.postgres), STRATEGY);
    await decidesAfter(production.api, Date.now());
  });

  const WRONG: Readonly<Record<string, (redis: Redis) => Promise<unknown>>> = {
    "global:risk_mode": (redis) => redis.rpush("global:risk_mode", "NORMAL"),
    "global:min_confidence": (redis) => redis.hset("global:min_confidence", "value", "0.5"),
    "global:halted": (redis) => redis.sadd("global:halted", "false"),
    "global:current_regime": (redis) => redis.zadd("global:current_regime", 1, "BULL"),
    "global:allowed_strategies": (redis) => redis.set("global:allowed_strategies", STRATEGY),
  };

  it.each(Object.entries(WRONG))(
    "with a value of another type under %s leaves no policy until it is mended",
    async (key, write) => {
      const redis = rawRedis(stores.redis);
      await write(redis);
      await expectNoPolicy(new RegExp(`${key} holds another type of value`), () => redis.del(key));
    },
  );

  it("with bytes that are no text under a key leaves no policy until it is mended", async () => {
    const redis = rawRedis(stores.redis);
    await redis.set("global:risk_mode", Buffer.from([0xff, 0xfe, 0x00]));
    await expectNoPolicy(/risk mode is/, () => redis.del("global:risk_mode"));
  });
});

describe("PostgreSQL", () => {
  beforeAll(async () => {
    production = await startProduction(stores, exchange, { REDIS_URL: "" });
  });

  afterAll(() => production?.server.close());

  it.each([
    ["risk_mode", "'YOLO'"],
    ["global_min_confidence", "'NaN'"],
    ["global_min_confidence", "'Infinity'"],
    ["global_min_confidence", "-1"],
    ["allowed_strategies", "ARRAY['every-bar', NULL]"],
  ])("with a policy whose %s is %s leaves no policy until it is mended", async (column, value) => {
    const client = await sql(stores.postgres);
    await client.query(`INSERT INTO sg_policy (${column}) VALUES (${value})`);
    await expectNoPolicy(/risk mode|confidence|allowed strategies/, () => client.query("DELETE FROM sg_policy"));
  });

  it("with decisions that cannot be read tells whoever reads them; what is decided goes on, after a restart too", async () => {
    const { api, server } = production;
    const client = await sql(stores.postgres);
    await client.query(`UPDATE sg_decisions SET decision = '"a decision"' WHERE sequence = 1`);
    expect(await api.call("ListDecisions")).toMatchObject({ status: 500 });
    const decided = async () =>
      Number((await client.query("SELECT max(sequence) AS last FROM sg_decisions")).rows[0].last);
    const before = await decided();
    await server.restart();
    await isReady(api);
    await eventually(decided, (last) => last > before, 20_000);

    await client.query("DELETE FROM sg_decisions WHERE sequence = 1");
    await decidesAfter(api, Date.now());
  });
});
