import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import {
  decidedBetween,
  decidesAfter,
  eventually,
  faultShows,
  healthOf,
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
/** Older policy is not used: short, so that the tests are. */
const POLICY_MAX_AGE_MS = 2_000;
const ENV = { POLICY_MAX_AGE: `${POLICY_MAX_AGE_MS}ms` };

let stores: Stores;
let exchange: FakeExchange;
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

/** Resolves at a moment at which one more bar has closed since. */
async function aBarCloses(): Promise<void> {
  const until = (Math.floor(Date.now() / 1_000) + 1) * 1_000 + 100;
  await eventually(
    () => Promise.resolve(Date.now()),
    (now) => now >= until,
    3_000,
  );
}

describe("PostgreSQL", () => {
  beforeAll(async () => {
    await stores.postgres.stop();
    production = await startProduction(stores, exchange, ENV);
  });

  afterAll(() => production?.server.close());

  it("down at start is waited for: not ready with the reason, then in use", async () => {
    const { server, api } = production;
    expect(await faultShows(api)).toMatch(/^stores: .*ECONNREFUSED/);
    expect((await api.page("/readyz")).text).toMatch(/^not ready\nstores: /);
    expect((await api.page("/healthz")).status).toBe(200);
    expect(await healthOf(server)).toBe("NOT_SERVING");
    const save = await api.call("SaveStrategy", { strategy: sampleStrategy("too-early") });
    expect(save).toMatchObject({ status: 503, body: { code: "unavailable" } });

    await stores.postgres.start();
    await isReady(api);
    expect(await healthOf(server)).toBe("SERVING");
    await insertStrategy(await sql(stores.postgres), STRATEGY);
    await decidesAfter(api, Date.now());
  });

  it("killed while serving stops decisions and says so; back again, it is used and hears of changes", async () => {
    const { server, api } = production;
    await stores.postgres.stop("SIGKILL");
    const killed = Date.now();
    expect(await faultShows(api)).toMatch(/lease: |journal: |strategies: /);
    expect(await healthOf(server)).toBe("NOT_SERVING");
    const save = await api.call("SaveStrategy", { strategy: sampleStrategy("while-down") });
    expect(save).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(await api.call("ListDecisions")).toMatchObject({ status: 503 });
    await aBarCloses();

    const back = Date.now();
    await stores.postgres.start();
    await isReady(api);
    await decidesAfter(api, Date.now());
    // A bar that closed just before the end may be judged just after it.
    expect(await decidedBetween(api, killed, back - 1_000)).toEqual([]);
    expect(await healthOf(server)).toBe("SERVING");
    // Changes by others are heard of again, not only asked for at the next refresh.
    await insertStrategy(await sql(stores.postgres), "after-the-break");
    await eventually(
      () => api.status(),
      ({ liveStrategies }) => liveStrategies === 2,
    );
  });

  it("with a row that is no strategy: it is rejected with the reason, and stops no other (R44)", async () => {
    const { api } = production;
    const client = await sql(stores.postgres);
    await insertStrategy(client, "broken");
    await client.query(`UPDATE sg_strategies SET entry_indicators = '"RSI"' WHERE strategy_id = 'broken'`);
    const { rejectedStrategies } = await eventually(
      () => api.status(),
      (status) => (status.rejectedStrategies?.length ?? 0) > 0,
    );
    expect(rejectedStrategies).toEqual([
      { strategyId: "broken", explanation: expect.stringContaining("entry_indicators") },
    ]);
    await decidesAfter(api, Date.now());
    expect((await api.page("/readyz")).status).toBe(200);
  });
});

describe("Redis", () => {
  beforeAll(async () => {
    await stores.redis.stop();
    production = await startProduction(stores, exchange, ENV);
  });

  afterAll(() => production?.server.close());

  it("down at start is waited for: not ready with the reason, then in use", async () => {
    const { server, api } = production;
    expect(await faultShows(api)).toMatch(/^stores: Redis cannot be reached/);
    expect(await healthOf(server)).toBe("NOT_SERVING");
    const halt = await api.call("SetTradingHalt", { halted: true, reason: "test" });
    expect(halt).toMatchObject({ status: 503, body: { code: "unavailable" } });

    await stores.redis.start();
    await isReady(api);
    // The order that was refused is not carried out later.
    expect((await api.status()).policy?.halted ?? false).toBe(false);
    await decidesAfter(api, Date.now());
  });

  it("killed while serving stops decisions once the policy is too old; back again, they go on", async () => {
    const { server, api } = production;
    await stores.redis.stop("SIGKILL");
    const killed = Date.now();
    const order = await api.call("SetGlobalMinConfidence", { minConfidence: 0 });
    expect(order).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(await faultShows(api)).toMatch(/^policy: Redis cannot be reached/);
    const old = Date.now();
    expect(old - killed).toBeLessThan(POLICY_MAX_AGE_MS + 1_000);
    expect(await api.outcome(STRATEGY, "BTCUSDT")).toBe("POLICY_UNAVAILABLE");
    expect(await healthOf(server)).toBe("NOT_SERVING");
    await aBarCloses();

    const back = Date.now();
    await stores.redis.start();
    await isReady(api);
    await decidesAfter(api, Date.now());
    expect(await decidedBetween(api, old, back - 1_000)).toEqual([]);
  });

  it("with a value that cannot be read leaves no policy, not the default one, until it is mended (R29)", async () => {
    const { api } = production;
    const redis = rawRedis(stores.redis);
    let seen = Number.POSITIVE_INFINITY;
    for (const [key, value] of [
      ["global:min_confidence", "nan"],
      ["global:risk_mode", "YOLO"],
      ["global:halted", "maybe"],
    ] as const) {
      await redis.multi().flushall().set(key, value).exec();
      const why = await eventually(
        () => whyNot(api),
        (text) => text.includes(value),
      );
      seen = Math.min(seen, Date.now());
      expect(why).toMatch(/^policy: the stored policy cannot be read: /);
      expect(await api.outcome(STRATEGY, "BTCUSDT")).toBe("POLICY_UNAVAILABLE");
      expect((await api.page("/readyz")).status).toBe(503);
    }
    await aBarCloses();
    const mended = Date.now();
    await redis.flushall();
    await isReady(api);
    await decidesAfter(api, Date.now());
    expect(await decidedBetween(api, seen, mended - 1_000)).toEqual([]);
  });
});

function sampleStrategy(strategyId: string): object {
  return {
    strategyId,
    name: "by call",
    status: "STRATEGY_STATUS_LIVE",
    timeframe: "1s",
    side: "SIDE_LONG",
    entryIndicators: [{ name: "RSI", operator: "<", value: 60 }],
    baseSizeUsd: 1_000,
    stopLossPct: 0.02,
    takeProfitPct: 0.05,
  };
}
