import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { type Link, openLink } from "./link.ts";
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
  whyNot,
} from "./production.ts";

const STRATEGY = "every-bar";
/** Older policy is not used: short, so that the tests are. */
const POLICY_MAX_AGE_MS = 2_000;
const ENV = { POLICY_MAX_AGE: `${POLICY_MAX_AGE_MS}ms` };
/** Slower than a store in the same house ever is, and far within the time limits. */
const SLOW_MS = 100;
/** Longer than the service's own time limits: 5 s for a statement, and 1 s more for its answer. */
const LATE_MS = 12_000;
const TEST = { timeout: 60_000 };

let stores: Stores;
let exchange: FakeExchange;
let link: Link;
/**
 * The same one in all tests of a block, in their order: what is tried is also that no fault needs a
 * restart.
 */
let production: Production;

beforeAll(async () => {
  [stores, exchange] = await Promise.all([startStores(), startExchange()]);
});

afterAll(async () => {
  await exchange?.close();
  await stores?.close();
});

async function expectRecovery(): Promise<void> {
  const { server, api } = production;
  await isReady(api);
  await decidesAfter(api, Date.now());
  expect(await healthOf(server)).toBe("SERVING");
}

/**
 * Nothing is missing in the journal's order, and nothing was decided twice, whatever became of
 * single writes.
 */
async function expectWholeJournal(): Promise<void> {
  const decisions = await production.api.decisions();
  expect(decisions.map(({ sequence }) => Number(sequence))).toEqual(decisions.map((_, i) => i + 1));
  expect(new Set(decisions.map(({ decisionId }) => decisionId)).size).toBe(decisions.length);
}

describe("PostgreSQL", () => {
  beforeAll(async () => {
    link = await openLink(stores.postgres.url);
    link.stall();
    production = await startProduction({ postgres: link, redis: stores.redis }, exchange, ENV);
  });

  afterAll(async () => {
    await production?.server.close();
    await link?.close();
  });

  it("that takes connections and says nothing at start is waited for: not ready with the reason", TEST, async () => {
    const { server, api } = production;
    expect(await faultShows(api)).toMatch(/^stores: the database failed, .*timeout/);
    expect(await healthOf(server)).toBe("NOT_SERVING");
    link.resume();
    await isReady(api);
    await insertStrategy(await sql(stores.postgres), STRATEGY);
    await decidesAfter(api, Date.now());
  });

  it("that is slow within the time limits slows decisions, and stops none", TEST, async () => {
    const { api } = production;
    link.delay(SLOW_MS);
    const slow = Date.now();
    await decidesAfter(api, slow + 3_000);
    expect((await api.status()).ready).toBe(true);
    const closes = new Set((await decidedBetween(api, slow, slow + 3_000)).map((time) => Date.parse(time)));
    expect(closes.size).toBe(3);
    link.resume();
  });

  it(
    "that cannot carry out a statement in time stops decisions and says so; once it can, they go on",
    TEST,
    async () => {
      const { api } = production;
      const client = await sql(stores.postgres);
      await client.query("BEGIN");
      await client.query("LOCK TABLE sg_decisions IN ACCESS EXCLUSIVE MODE");
      const locked = Date.now();
      expect(await faultShows(api, LATE_MS)).toMatch(/^journal: .*statement timeout/);
      await client.query("ROLLBACK");
      await expectRecovery();
      // The write of the first bar was cancelled, and its decisions given up with it.
      expect(await decidedBetween(api, locked, locked + 1_000)).toEqual([]);
      await expectWholeJournal();
    },
  );

  it(
    "that falls silent with its connections open stops decisions and says so; heard again, they go on",
    TEST,
    async () => {
      const { server, api } = production;
      link.stall();
      expect(await faultShows(api, LATE_MS)).toMatch(/^lease: the lease could not be renewed/);
      await eventually(
        () => whyNot(api),
        (why) => /journal: |strategies: /.test(why),
        LATE_MS,
      );
      expect(await healthOf(server)).toBe("NOT_SERVING");
      // What was on its way arrives now: a write may have been given up here, and carried out
      // there.
      link.resume();
      await expectRecovery();
      await expectWholeJournal();
    },
  );
});

describe("Redis", () => {
  beforeAll(async () => {
    link = await openLink(stores.redis.url);
    link.stall();
    production = await startProduction({ postgres: stores.postgres, redis: link }, exchange, ENV);
  });

  afterAll(async () => {
    await production?.server.close();
    await link?.close();
  });

  it("that takes connections and says nothing at start is waited for: not ready with the reason", TEST, async () => {
    const { server, api } = production;
    expect(await faultShows(api, LATE_MS)).toMatch(/^stores: Redis cannot be reached or answers too late/);
    expect(await healthOf(server)).toBe("NOT_SERVING");
    link.resume();
    await isReady(api);
    await decidesAfter(api, Date.now());
  });

  it("that is slow within the time limits stops no decision", TEST, async () => {
    const { api } = production;
    link.delay(SLOW_MS);
    const slow = Date.now();
    await decidesAfter(api, slow + 3_000);
    expect((await api.status()).ready).toBe(true);
    link.resume();
  });

  it("that falls silent stops decisions once the policy is too old; heard again, they go on", TEST, async () => {
    const { server, api } = production;
    link.stall();
    const silent = Date.now();
    expect(await faultShows(api)).toMatch(/^policy: /);
    const old = Date.now();
    expect(old - silent).toBeLessThan(POLICY_MAX_AGE_MS + 2_000);
    expect(await api.outcome(STRATEGY, "BTCUSDT")).toBe("POLICY_UNAVAILABLE");
    expect(await healthOf(server)).toBe("NOT_SERVING");
    // One that makes trading safer would be in force at once, and be written when the store is
    // back.
    const order = await api.call("SetGlobalMinConfidence", { minConfidence: 0 });
    expect(order).toMatchObject({ status: 503, body: { code: "unavailable" } });
    await link.dropped();
    const back = Date.now();
    link.resume();
    await expectRecovery();
    // A bar that closed just before the end may be judged just after it.
    expect(await decidedBetween(api, old, back - 1_000)).toEqual([]);
    // The order that was refused is not carried out later: its bytes were on their way, and the
    // connection that had them is gone.
    expect((await api.status()).policy?.globalMinConfidence).toBe(0.5);
  });
});
