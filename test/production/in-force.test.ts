import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import {
  eventually,
  insertStrategy,
  isReady,
  rawRedis,
  type Stores,
  sql,
  startExchange,
  startProduction,
  startStores,
} from "./production.ts";

/** Five seconds, on a machine as busy as it likes; usual is a second or less. */
const LIMIT_MS = 5_000;
const ROUNDS = 3;

let stores: Stores;
let exchange: FakeExchange;

beforeAll(async () => {
  [stores, exchange] = await Promise.all([startStores(), startExchange()]);
});

afterAll(async () => {
  await exchange?.close();
  await stores?.close();
});

function figures(what: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b).map((ms) => ms.toFixed(0));
  console.log(`${what}: ${sorted.join(", ")} ms`);
}

describe("what others write", () => {
  it("by SQL is in force within seconds of its commit", { timeout: 60_000 }, async () => {
    const { api } = await startProduction(stores, exchange);
    await isReady(api);
    const client = await sql(stores.postgres);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await insertStrategy(client, `written-${round}`);
      const committed = performance.now();
      await eventually(
        () => api.status(),
        ({ liveStrategies }) => liveStrategies === round + 1,
        LIMIT_MS,
      );
      times.push(performance.now() - committed);
    }
    figures("from the commit of a row to in force", times);
    expect(Math.max(...times)).toBeLessThan(LIMIT_MS);

    // And out of force as soon.
    await client.query("DELETE FROM sg_strategies");
    await eventually(
      () => api.status(),
      ({ liveStrategies = 0 }) => liveStrategies === 0,
      LIMIT_MS,
    );
  });

  it("to Redis is in force within seconds", { timeout: 60_000 }, async () => {
    const { api } = await startProduction(stores, exchange);
    await isReady(api);
    const redis = rawRedis(stores.redis);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const halted = round % 2 === 0;
      await redis.set("global:halted", String(halted));
      const written = performance.now();
      await eventually(
        () => api.status(),
        ({ policy }) => (policy?.halted ?? false) === halted,
        LIMIT_MS,
      );
      times.push(performance.now() - written);
    }
    figures("from a raw write to Redis to in force", times);
    expect(Math.max(...times)).toBeLessThan(LIMIT_MS);
  });
});
