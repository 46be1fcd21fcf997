import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { openPostgres, type PostgresOptions } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { startPostgres } from "../../provide/postgres.ts";
import type { PrivateServer } from "../../provide/server.ts";

let server: PrivateServer;
const clients: Queryable[] = [];

beforeAll(async () => {
  server = await startPostgres();
});

afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

afterAll(() => server?.close());

function client(options: PostgresOptions = {}): Queryable {
  const db = openPostgres(server.url, options);
  clients.push(db);
  return db;
}

/** With the event loop standing still. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

const INSERT_ONE = "INSERT INTO each_of (n) VALUES ($1::integer)";

async function table(db: Queryable): Promise<void> {
  await db.query("CREATE TABLE IF NOT EXISTS each_of (n integer)");
  await db.query("TRUNCATE each_of");
}

async function written(): Promise<readonly number[]> {
  const { rows } = await client().query<{ n: number }>("SELECT n FROM each_of ORDER BY n");
  return rows.map(({ n }) => n);
}

it("statements in a pipeline are all written, and counted, as often as it is asked for", async () => {
  const db = client({ maxConnections: 1 });
  await table(db);
  expect(await db.writeEach(INSERT_ONE, "test_each", [[1], [2]])).toBe(2);
  expect(await db.writeEach(INSERT_ONE, "test_each", [[3]])).toBe(1);
  expect(await db.writeEach(INSERT_ONE, "test_each", [])).toBe(0);
  expect(await written()).toEqual([1, 2, 3]);
});

it.each([
  ["and all are sent", 0],
  ["before all are sent", 20],
])("statements in a pipeline leave nothing where one is refused %s, and the connection in use", async (_, pauseMs) => {
  const db = client({ maxConnections: 1 });
  await table(db);
  const pid = async () => (await db.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows;
  const before = await pid();
  function* each() {
    for (const n of [1, 2, "no number", 4, 5, 6]) {
      pause(pauseMs);
      yield [n];
    }
  }
  await expect(db.writeEach(INSERT_ONE, "test_each", each())).rejects.toThrow("invalid input syntax");
  expect(await pid()).toEqual(before);
  expect(await written()).toEqual([]);
});

interface Answered {
  handleCommandComplete(message: object): void;
}

it("the server says what a statement has done before the next one is there, and so acknowledges what has come", async () => {
  const db = client();
  await table(db);
  const query = vi.spyOn(Client.prototype, "query");
  /** By then the answers would be too few bytes for the server to send them on its own account. */
  const MOST = 100;
  let sent = 0;
  let isAnswered = false;
  function noteAnswer(pipeline: Answered): void {
    const { handleCommandComplete } = pipeline;
    pipeline.handleCommandComplete = (message) => {
      isAnswered = true;
      handleCommandComplete.call(pipeline, message);
    };
  }
  function* each() {
    while (!isAnswered && sent < MOST) {
      pause(5);
      yield [++sent];
      if (sent === 1) {
        noteAnswer(query.mock.calls[0]?.[0] as unknown as Answered);
      }
    }
  }
  const written = await db.writeEach(INSERT_ONE, "test_each", each());
  query.mockRestore();
  expect(isAnswered).toBe(true);
  expect(sent).toBeLessThan(MOST);
  expect(written).toBe(sent);
});

it.each([
  ["written", 3, "fulfilled"],
  ["refused", "no number", "rejected"],
])(
  "what is written in a pipeline is let go once it is %s, though the client holds on to the pipeline",
  async (_, last, outcome) => {
    const db = client();
    await table(db);
    const query = vi.spyOn(Client.prototype, "query");
    const { result, given } = write(db, [1, 2, last]);
    const [{ status }] = await Promise.allSettled([result]);
    const held = query.mock.calls.map(([pipeline]) => pipeline);
    query.mockRestore();
    expect(status).toBe(outcome);
    expect(held).toHaveLength(1);
    collectGarbage();
    expect(given.deref()).toBeUndefined();
    // Until here.
    expect(held[0]).toBeDefined();
  },
);

function write(
  db: Queryable,
  all: readonly unknown[],
): { readonly result: Promise<number>; readonly given: WeakRef<object> } {
  function* each() {
    for (const one of all) {
      yield [one];
    }
  }
  const given = each();
  return { result: db.writeEach(INSERT_ONE, "test_each", given), given: new WeakRef(given) };
}

it("statements in a pipeline leave nothing where the parameters of one cannot be made", async () => {
  const db = client({ maxConnections: 1 });
  await table(db);
  function* each() {
    yield [1];
    yield [2];
    throw new Error("cannot be made");
  }
  await expect(db.writeEach(INSERT_ONE, "test_each", each())).rejects.toThrow("cannot be made");
  expect(await db.writeEach(INSERT_ONE, "test_each", [[3]])).toBe(1);
  expect(await written()).toEqual([3]);
});

it("statements in a pipeline leave nothing where the server falls silent before all are sent", async () => {
  const db = client({ maxConnections: 1, statementTimeoutMs: 100 });
  await table(db);
  const { rows } = await db.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const backend = rows[0]?.pid ?? 0;
  function* each() {
    for (let n = 1; ; n++) {
      if (n === 3) {
        process.kill(backend, "SIGSTOP");
      }
      // What is sent must not fill the connection's buffer: then nothing else would reach the server either.
      pause(20);
      yield [n];
    }
  }
  await expect(db.writeEach(INSERT_ONE, "test_each", each())).rejects.toThrow("timeout");
  process.kill(backend, "SIGCONT");
  await vi.waitFor(async () => {
    const { rows: left } = await client().query("SELECT FROM pg_stat_activity WHERE pid = $1", [backend]);
    expect(left).toEqual([]);
  });
  expect(await written()).toEqual([]);
});
