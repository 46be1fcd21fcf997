import { Client } from "pg";
import { openPostgres } from "../../src/adapters/postgres/pool.ts";
import { sqlJournal } from "../../src/adapters/postgres/sql-journal.ts";
import type { ClientAnswer, ClientQuestion } from "../processes/client.ts";
import { ECHO_UNARY, type EchoAnswer, type EchoQuestion } from "../processes/echo.ts";
import { decisionsOf } from "../samples/decisions.ts";
import { plainInsert } from "../samples/plain-insert.ts";
import { startAgedPostgres } from "./aged-postgres.ts";
import { startChild } from "./child.ts";
import { figureOf, type Measure } from "./contest.ts";
import { numberText } from "./number-text.ts";
import type { Size, Yardstick } from "./row.ts";

/** Bare calls a second of the machine that absolute limits were set on. */
const USUAL_ECHO_PER_SECOND = 8_000;
const REQUEST_BYTES = 64;
const RESPONSE_BYTES = 900;
const DECISIONS = 500;
const DOUBLES = 10_000_000;
const ROUNDS = 5;

export async function measureYardstick(size: Size): Promise<Yardstick> {
  const passMs = figureOf(Array.from({ length: ROUNDS }, () => pass(size === "full" ? DOUBLES : 1_000))).median;
  const echoPerSecond = await echo(size === "full" ? 5_000 : 50);
  const insertMs = await insert(size === "full" ? 20 : 2);
  return { echoPerSecond, passMs, ...(insertMs !== undefined && { insertMs }) };
}

/**
 * At most so much time on the usual machine, and on this one in proportion to its speed in this
 * run.
 */
export function atMost(time: number, { echoPerSecond }: Yardstick): NonNullable<Measure["target"]> {
  const limit = (time * USUAL_ECHO_PER_SECOND) / echoPerSecond;
  return {
    text: `<= ${numberText(limit)} (${numberText(time)} at ${numberText(USUAL_ECHO_PER_SECOND)} calls/s)`,
    kept: (ours) => ours <= limit,
  };
}

export function yardstickText({ echoPerSecond, insertMs, passMs }: Yardstick): string {
  const inserted = insertMs === undefined ? "no PostgreSQL" : `${numberText(insertMs)} ms`;
  return (
    `yardstick: bare echo ${numberText(echoPerSecond)} calls/s; plain INSERT of ${DECISIONS} decisions ${inserted}; ` +
    `a pass over ${DOUBLES / 1_000_000} M doubles ${numberText(passMs)} ms`
  );
}

function pass(doubles: number): number {
  const values = Float64Array.from({ length: doubles }, (_, i) => i % 97);
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] as number;
  }
  const ms = performance.now() - start;
  if (Number.isNaN(sum)) {
    throw new Error("the pass over the array came to nothing");
  }
  return ms;
}

async function echo(calls: number): Promise<number> {
  await using server = startChild<EchoQuestion, EchoAnswer>("echo.ts");
  await using client = startChild<ClientQuestion, ClientAnswer>("client.ts");
  const address = String(await server.ask({ ask: "start", responseBytes: RESPONSE_BYTES, streamBytes: [] }));
  const request = new Uint8Array(REQUEST_BYTES);
  const question = { ask: "unary", address, path: ECHO_UNARY, request, calls, inFlight: 50 } as const;
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const { ms } = await client.ask(question);
    rounds.push((calls / ms) * 1_000);
  }
  return figureOf(rounds.slice(1)).median;
}

async function insert(times: number): Promise<number | undefined> {
  const server = await startAgedPostgres().catch(() => undefined);
  if (server === undefined) {
    return undefined;
  }
  const db = openPostgres(server.url);
  const client = new Client({ connectionString: server.url });
  try {
    await sqlJournal(db).ready();
    await client.connect();
    const decisions = decisionsOf(DECISIONS * times, Date.UTC(2024, 0, 1));
    const rounds: number[] = [];
    for (let from = 0; from < decisions.length; from += DECISIONS) {
      const start = performance.now();
      await plainInsert(client, decisions.slice(from, from + DECISIONS));
      rounds.push(performance.now() - start);
    }
    return figureOf(rounds.slice(1)).median;
  } finally {
    await client.end();
    await db.close();
    await server.close();
  }
}
