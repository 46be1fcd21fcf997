import { credentials, Client as GrpcClient, type MethodDefinition } from "@grpc/grpc-js";
import { service as healthService } from "grpc-health-check";
import { Redis } from "ioredis";
import { Client } from "pg";
import { expect, onTestFinished, vi } from "vitest";
import { systemClock } from "../../src/process/system-clock.ts";
import { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { startPostgres } from "../provide/postgres.ts";
import { startRedis } from "../provide/redis.ts";
import type { PrivateServer } from "../provide/server.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { type ServiceApi, serviceApi } from "./service-api.ts";

export const SYMBOLS = ["BTCUSDT", "ETHUSDT"] as const;

/** The servers that a production service stands on, all of them the tests' own. */
export interface Stores {
  readonly postgres: PrivateServer;
  readonly redis: PrivateServer;
  close(): Promise<void>;
}

export async function startStores(): Promise<Stores> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  return {
    postgres,
    redis,
    async close() {
      await Promise.all([postgres.close(), redis.close()]);
    },
  };
}

/** A venue in real time: a 1s bar closes every second. */
export async function startExchange(port = 0): Promise<FakeExchange> {
  const exchange = new FakeExchange({ clock: systemClock, symbols: SYMBOLS });
  await exchange.start(port);
  exchange.run();
  return exchange;
}

export interface Production {
  readonly server: RunningServer;
  readonly api: ServiceApi;
}

/**
 * Starts the service on these servers, as a process of its own; resolves when it answers, ready or
 * not.
 */
export async function startProduction(
  stores: { readonly postgres: { readonly url: string }; readonly redis: { readonly url: string } },
  exchange: { readonly restUrl: string; readonly wsUrl: string },
  env: Readonly<Record<string, string>> = {},
): Promise<Production> {
  const server = await startServer({
    DATABASE_URL: stores.postgres.url,
    REDIS_URL: stores.redis.url,
    MARKET_DATA: "binance",
    BINANCE_REST_URL: exchange.restUrl,
    BINANCE_WS_URL: exchange.wsUrl,
    WEB_ADDRESS: "127.0.0.1:0",
    SYMBOLS: SYMBOLS.join(","),
    ...env,
  });
  return { server, api: serviceApi(server) };
}

/** Decisions on bars that closed between these moments (ms), both excluded. */
export async function decidedBetween(api: ServiceApi, from: number, to: number): Promise<readonly string[]> {
  const times = (await api.decisions()).map(({ timestamp }) => timestamp);
  return times.filter((time) => Date.parse(time) > from && Date.parse(time) < to);
}

/** A client of the test's own, gone with the test. */
export async function sql(postgres: PrivateServer): Promise<Client> {
  const client = new Client({ connectionString: postgres.url });
  // The server under it is killed in some tests; what a test awaits of it fails by itself.
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  return client;
}

/** As `redis-cli`: a controller that writes raw keys. */
export function rawRedis(redis: PrivateServer): Redis {
  const client = new Redis(redis.url, { retryStrategy: () => 50 });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

const INSERT = `
  INSERT INTO sg_strategies (strategy_id, name, status, entry_indicators, base_size_usd, stop_loss_pct, take_profit_pct,
    fitness_score, side, timeframe, cooldown, max_positions, min_confidence)
  VALUES ($1, 'fires on every bar', 'LIVE', '[{"name": "CLOSE", "operator": ">", "value": 0}]', 1000, 0.02, 0.05,
    1, 'LONG', '1s', '0 seconds', 100, 0)`;

/**
 * A generator that writes rows: a strategy that decides on every bar of every symbol, so that any
 * bar without a decision has a reason.
 */
export async function insertStrategy(client: Client, strategyId: string): Promise<void> {
  await client.query(INSERT, [strategyId]);
}

/**
 * Asks until the answer suits, and answers it; a question that fails is asked again. Fails with the
 * last answer after `withinMs`.
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  suits: (answer: T) => boolean,
  withinMs = 10_000,
): Promise<T> {
  let last: unknown;
  return vi.waitFor(
    async () => {
      last = await ask();
      if (!suits(last as T)) {
        throw new Error(`after ${withinMs} ms it is still ${JSON.stringify(last)}`);
      }
      return last as T;
    },
    { timeout: withinMs, interval: 25 },
  );
}

/** The reasons against a decision, as one text; empty where there are none. */
export async function whyNot(api: ServiceApi): Promise<string> {
  return ((await api.status()).whyNot ?? []).join("; ");
}

/** What grpc.health.v1 says of the service as a whole, as a stock client of it is told. */
export function healthOf({ address }: RunningServer): Promise<string> {
  const client = new GrpcClient(address, credentials.createInsecure());
  const check = healthService.Check as MethodDefinition<object, object>;
  return new Promise<string>((resolve, reject) => {
    client.makeUnaryRequest(
      check.path,
      check.requestSerialize,
      check.responseDeserialize,
      { service: "" },
      (error, answer) => (error ? reject(error) : resolve((answer as { readonly status: string }).status)),
    );
  }).finally(() => client.close());
}

export function isReady(api: ServiceApi): Promise<unknown> {
  return eventually(
    () => api.status(),
    ({ ready }) => ready === true,
    20_000,
  );
}

/** Resolves with the reasons once there are any, and the service is not ready. */
export async function faultShows(api: ServiceApi, withinMs?: number): Promise<string> {
  const why = await eventually(
    () => whyNot(api),
    (text) => text !== "",
    withinMs,
  );
  if ((await api.page("/readyz")).status !== 503) {
    throw new Error(`/readyz says ready in spite of: ${why}`);
  }
  return why;
}

/** Resolves when a decision on a bar that closed at or after this moment (ms) is in the journal. */
export function decidesAfter(api: ServiceApi, moment: number): Promise<unknown> {
  return eventually(
    () => api.decisions(),
    (decisions) => decisions.some(({ timestamp }) => Date.parse(timestamp) >= moment),
    20_000,
  );
}

/**
 * No decision comes twice, none is missing, and each bar of each symbol is decided on at most once.
 */
export async function expectWholeJournal(client: Client): Promise<void> {
  const { rows } = await client.query(`
    SELECT count(*)::integer AS n, max(sequence)::integer AS last, min(sequence)::integer AS first,
      count(DISTINCT (strategy_id, symbol, bar_close_time))::integer AS bars,
      (SELECT last_sequence::integer FROM sg_journal) AS given FROM sg_decisions`);
  const { n, last: newest, first, bars, given } = rows[0];
  expect(newest - first + 1).toBe(n);
  expect(bars).toBe(n);
  expect(given).toBe(newest);
}
