import { fileURLToPath } from "node:url";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type GenerateSignalsResponse,
  StrategyRuntimeService,
} from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { decision } from "../contracts/decision-samples.ts";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { connect } from "../rpc/client.ts";
import { RunningProcess } from "../running-process.ts";
import { type Link, openLink } from "./link.ts";
import {
  decidesAfter,
  eventually,
  insertStrategy,
  isReady,
  type Production,
  type Stores,
  sql,
  startExchange,
  startProduction,
  startStores,
} from "./production.ts";

const READERS = 150;
const ROWS = 40_000;
/** Each way: what another room of the same house takes. */
const LINE_MS = 5;
/** Closes of 1s bars while all of them read. */
const CLOSES = 12;
/** What a good reader may wait for longer than it does alone. */
const DELAY_MS = 1_000;
const CHILD = fileURLToPath(new URL("readers-child.ts", import.meta.url));
const { generateSignals } = StrategyRuntimeService.method;

const FILL = `
  INSERT INTO sg_decisions (sequence, decision_id, strategy_id, strategy_version, symbol, side, timestamp, bar_close_time,
    valid_until, shadow, decision)
  SELECT i, lpad(i::text, 32, '0'), 'past', 1, 'BTCUSDT', 'LONG', now() - interval '1 hour', now() - interval '1 hour',
    now() - interval '59 minutes', false,
    (($1::text::jsonb || jsonb_build_object('sequence', i, 'decisionId', lpad(i::text, 32, '0'), 'symbol', 'BTCUSDT'))::text)::json
  FROM generate_series(1, ${ROWS}) AS i`;

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

/** The service over a journal of ROWS decisions, on a line that takes its time. */
async function filled(): Promise<Client> {
  const { server, api } = production;
  const database = await sql(stores.postgres);
  await server.kill("SIGTERM");
  await database.query(FILL, [JSON.stringify(decision(1))]);
  await database.query("UPDATE sg_journal SET last_sequence = $1", [ROWS]);
  await server.restart();
  await isReady(api);
  await insertStrategy(database, "every-bar");
  await decidesAfter(api, Date.now());
  link.delay(LINE_MS);
  return database;
}

/**
 * A reader of what is decided from now on: how long after its bar's close each decision came, ms,
 * by close.
 */
function goodReader(resumeToken = "") {
  const client = connect(production.server.address);
  const stream = client.stream(generateSignals, { follow: true, resumeToken });
  const delays = new Map<number, number>();
  let token = "";
  stream.on("data", (message: GenerateSignalsResponse) => {
    token = message.resumeToken;
    for (const { timestamp } of message.decisions) {
      const close = Number(timestamp?.seconds ?? 0n) * 1_000;
      delays.set(close, Math.max(delays.get(close) ?? 0, Date.now() - close));
    }
  });
  stream.on("error", () => {});
  onTestFinished(() => {
    stream.cancel();
    client.close();
  });
  return {
    get token() {
      return token;
    },
    delays,
    /**
     * Waits until decisions of so many closes from the moment on have come; the largest of their
     * delays.
     */
    async worst(from: number, closes: number): Promise<number> {
      const since = () => [...delays].filter(([close]) => close > from);
      await eventually(
        async () => since(),
        (found) => found.length >= closes,
        60_000,
      );
      return Math.max(...since().map(([, delay]) => delay));
    },
  };
}

describe("150 readers that come back together and read 40,000 decisions each", () => {
  it("delay neither appends nor a good reader, and are gone at once", { timeout: 240_000 }, async () => {
    const { server, api } = production;
    const database = await filled();
    const good = goodReader();
    const alone = await good.worst(Date.now(), 3);
    const before = good.token;
    const child = new RunningProcess(process.execPath, [CHILD, server.address, String(READERS)]);
    onTestFinished(() => void child.kill());
    await child.says(/all are open/);
    const crowd = Date.now();
    const worst = await good.worst(crowd, CLOSES);
    const resumed = goodReader(before);
    const asked = Date.now();
    await eventually(
      async () => resumed.delays.size,
      (closes) => closes > 2,
      60_000,
    );
    const resumeMs = Date.now() - asked;
    const status = await api.call<{ openStreams?: number }>("GetRuntimeStatus");
    expect(status.body.openStreams).toBe(READERS + 2);
    await child.kill();
    const left = performance.now();
    await eventually(
      () => api.call<{ openStreams?: number }>("GetRuntimeStatus"),
      ({ body }) => body.openStreams === 2,
    );
    const goneMs = performance.now() - left;
    console.log(
      `worst delay alone ${alone} ms, among the readers ${worst} ms; resumed in ${resumeMs} ms, gone in ${goneMs.toFixed(0)} ms`,
    );
    expect(child.output).not.toContain("failed");
    expect(worst).toBeLessThan(alone + DELAY_MS);
    expect(resumeMs).toBeLessThan(DELAY_MS);
    expect(goneMs).toBeLessThan(DELAY_MS);
    // Every second was decided on, and its decisions were written.
    const { rows } = await database.query(
      "SELECT count(DISTINCT bar_close_time)::integer AS n FROM sg_decisions WHERE strategy_id = 'every-bar' AND bar_close_time BETWEEN $1 AND $2",
      [new Date(crowd), new Date(crowd + (CLOSES - 1) * 1_000)],
    );
    expect(rows[0]?.n).toBeGreaterThanOrEqual(CLOSES - 1);
  });
});
