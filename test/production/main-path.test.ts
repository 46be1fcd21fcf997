import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildExecutor, ExecutorState, startExecutor } from "../clients/executor.ts";
import { decidedIds, type StrategyGenerator, setUpGenerator } from "../clients/strategy-generator.ts";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import {
  decidesAfter,
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

const STRATEGY = "pullback-1s";

let folder: string;
let stores: Stores;
let exchange: FakeExchange;
let generator: StrategyGenerator;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "test-production-"));
  [stores, exchange, generator, program] = await Promise.all([
    startStores(),
    startExchange(),
    setUpGenerator(folder),
    buildExecutor(folder),
  ]);
}, 600_000);

afterAll(async () => {
  await exchange?.close();
  await stores?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("on PostgreSQL, Redis and a venue that speaks as Binance does", () => {
  it("decides on a closing bar what Python saved, and Go acts on it", { timeout: 60_000 }, async () => {
    const { server, api } = await startProduction(stores, exchange);
    const state = new ExecutorState();
    onTestFinished(() => rmSync(state.folder, { recursive: true, force: true }));
    const executor = startExecutor(program, { address: server.address, state });
    onTestFinished(() => void executor.kill());
    await executor.says(/following from now on/);
    const launched = await generator(server.address, "--strategy", STRATEGY, "launch", "--timeframe", "1s");
    expect(launched).toContain("now LIVE, version 3");
    expect((await api.status()).adapters).toMatchObject({
      strategies: "postgres",
      journal: "postgres",
      policy: "redis",
      market_data: "binance",
    });

    const [line] = await executor.says(/\d\d:\d\d:\d\d LONG .* by pullback-1s \[.*\] because .*CLOSE is .*, holds/);
    expect(line).toMatch(/BTCUSDT|ETHUSDT/);
    const decided = decidedIds(await generator(server.address, "--strategy", STRATEGY, "decisions"));
    expect(decided).toContain(state.actedIds()[0]);

    const stored = await (await sql(stores.postgres)).query(
      "SELECT status, version, entry_indicators->0->>'name' AS first FROM sg_strategies WHERE strategy_id = $1",
      [STRATEGY],
    );
    expect(stored.rows).toEqual([{ status: "LIVE", version: "3", first: "CLOSE" }]);
  });

  it("is halted by a raw write to Redis within two seconds, and goes on after the next", {
    timeout: 60_000,
  }, async () => {
    const { api } = await startProduction(stores, exchange);
    await insertStrategy(await sql(stores.postgres), "every-bar");
    await decidesAfter(api, 0);
    const redis = rawRedis(stores.redis);
    await redis.set("global:halted", "true");
    const written = Date.now();
    await eventually(
      () => api.status(),
      ({ policy }) => policy?.halted === true,
      2_000,
    );
    const halted = Date.now();
    expect(halted - written).toBeLessThan(2_000);
    expect((await api.status()).whyNot).toEqual([expect.stringContaining("trading is halted")]);
    // A halt is an order, not a fault: the service decides nothing, and is healthy.
    expect((await api.page("/readyz")).status).toBe(503);
    expect((await api.page("/metrics")).text).toMatch(/^strategy_runtime_ready 1$/m);
    expect(await api.outcome("every-bar", "BTCUSDT")).toBe("HALTED");

    // Two bars pass under the halt, and the sweeps of both are over.
    const sweptAfter = (moment: number) =>
      eventually(
        () => api.call<{ lastSweep?: { barCloseTime?: string } }>("GetRuntimeStatus"),
        ({ body }) => Date.parse(body.lastSweep?.barCloseTime ?? "") >= moment,
      );
    await sweptAfter(halted + 2_000);
    await redis.set("global:halted", "false");
    const released = Date.now();
    await isReady(api);
    await decidesAfter(api, released);
    const during = (await api.decisions())
      .map(({ timestamp }) => Date.parse(timestamp))
      .filter((time) => time > halted && time < released - 1_000);
    expect(during).toEqual([]);
  });
});
