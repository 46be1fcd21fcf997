import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { freePort } from "../provide/server.ts";
import { startServer } from "../running-server.ts";
import { type Link, openLink } from "./link.ts";
import { eventually, type Stores, sql, startExchange, startProduction, startStores } from "./production.ts";

const ROWS = 100_000;
/** Each way: a hundred pages take some seconds. */
const LINE_MS = 20;

const FILL = `
  INSERT INTO sg_decisions (sequence, decision_id, strategy_id, strategy_version, symbol, side, timestamp, bar_close_time,
    valid_until, shadow, decision)
  SELECT i, lpad(to_hex(i), 32, '0'), 's' || i % 5000, 1, 'X' || i / 5000, 'LONG', now() - interval '1 hour',
    now() - interval '1 hour', now() - interval '59 minutes', false,
    json_build_object('sequence', i, 'decisionId', lpad(to_hex(i), 32, '0'))
  FROM generate_series(1, ${ROWS}) AS i`;

let stores: Stores;
let exchange: FakeExchange;
let link: Link;

beforeAll(async () => {
  [stores, exchange] = await Promise.all([startStores(), startExchange()]);
  link = await openLink(stores.postgres.url);
});

afterAll(async () => {
  await link?.close();
  await exchange?.close();
  await stores?.close();
});

describe("a start that reads a hundred thousand decisions", () => {
  it("listens from the first moment: alive, not ready, and says how far it is", { timeout: 120_000 }, async () => {
    const { server: first } = await startProduction({ postgres: link, redis: stores.redis }, exchange);
    await first.kill("SIGTERM");
    const client = await sql(stores.postgres);
    await client.query(FILL);
    await client.query("UPDATE sg_journal SET last_sequence = $1", [ROWS]);
    link.delay(LINE_MS);
    const port = await freePort();
    const page = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_000) });
      return { status: response.status, text: await response.text() };
    };
    const started = startServer({
      DATABASE_URL: link.url,
      REDIS_URL: stores.redis.url,
      MARKET_DATA: "binance",
      BINANCE_REST_URL: exchange.restUrl,
      BINANCE_WS_URL: exchange.wsUrl,
      WEB_ADDRESS: `127.0.0.1:${port}`,
      SYMBOLS: "BTCUSDT",
    });
    onTestFinished(async () => {
      await (await started).close();
    });
    const said: string[] = [];
    await eventually(
      async () => {
        const { status, text } = await page("/readyz");
        const reason = /starting: ([\d,]+) of at most 100,000 decisions read/.exec(text);
        if (reason?.[1] !== undefined) {
          expect([status, (await page("/healthz")).status]).toEqual([503, 200]);
          said.push(reason[1]);
        }
        return status;
      },
      (status) => status === 200,
      60_000,
    );
    const counts = said.map((text) => Number(text.replaceAll(",", "")));
    expect(new Set(counts).size).toBeGreaterThan(5);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });
});
