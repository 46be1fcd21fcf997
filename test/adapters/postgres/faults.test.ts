import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { migrate } from "../../../src/adapters/postgres/migrate.ts";
import { openPostgres, type PostgresOptions } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { sqlPolicy } from "../../../src/adapters/postgres/sql-policy.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/sql-strategies.ts";
import type { Decision } from "../../../src/domain/decision.ts";
import type { StrategyRepository } from "../../../src/ports/strategy-repository.ts";
import { decision } from "../../contracts/decision-samples.ts";
import { refusal } from "../../contracts/refusal.ts";
import { startPostgres } from "../../provide/postgres.ts";
import type { PrivateServer } from "../../provide/server.ts";

const INSERT = `
  INSERT INTO sg_strategies (strategy_id, name, status, entry_indicators, base_size_usd, stop_loss_pct, take_profit_pct)
  VALUES ($1, 'by hand', 'LIVE', '[{"name": "RSI", "operator": "<", "value": 30}]', 1000, 0.02, 0.05)`;

let server: PrivateServer;
const clients: Queryable[] = [];
const stopped: number[] = [];

beforeAll(async () => {
  server = await startPostgres();
});

afterEach(async () => {
  for (const pid of stopped.splice(0)) {
    process.kill(pid, "SIGCONT");
  }
  await server.start();
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

afterAll(() => server.close());

function client(options: PostgresOptions = {}): Queryable {
  const db = openPostgres(server.url, options);
  clients.push(db);
  return db;
}

async function strategiesOn(db: Queryable): Promise<StrategyRepository> {
  const strategies = sqlStrategies(db);
  await strategies.ready();
  return strategies;
}

/** Holds a backend still: its connections stay open, and say nothing. */
function freeze(pid: number): void {
  process.kill(pid, "SIGSTOP");
  stopped.push(pid);
}

/** Stands between client and server; can drop the clients without a word to the server. */
async function startProxy(target: number): Promise<{ port: number; cutClients(): void; close(): void }> {
  const inner: Socket[] = [];
  const outer: Socket[] = [];
  const proxy = createServer((socket) => {
    const upstream = createConnection(target, "127.0.0.1");
    for (const each of [socket, upstream]) {
      each.on("error", () => {});
    }
    outer.push(socket);
    inner.push(upstream);
    socket.pipe(upstream, { end: false });
    upstream.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as AddressInfo).port,
    cutClients: () => outer.splice(0).forEach((socket) => void socket.destroy()),
    close() {
      proxy.close();
      inner.forEach((socket) => void socket.destroy());
    },
  };
}

async function elapsed(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

describe("a server that is down at start", () => {
  it("is unavailable with the reason, at once, and is used when it comes, by the same objects", async () => {
    await server.stop();
    const db = client();
    const stores = [sqlStrategies(db), sqlPolicy(db), sqlJournal(db)] as const;
    for (const store of stores) {
      const error = await refusal(store.ready(), "unavailable");
      expect(error.message).toMatch(/^the database failed, try again later: .*ECONNREFUSED/);
    }
    await server.start();
    for (const store of stores) {
      await store.ready();
    }
    const [strategies, policy, journal] = stores;
    expect(await journal.lastSequence()).toBe(0);
    const steps = strategies.changes(new AbortController().signal)[Symbol.asyncIterator]();
    const orders = policy.changes(new AbortController().signal)[Symbol.asyncIterator]();
    await db.query(INSERT, ["down-at-start"]);
    await policy.change({ halted: true });
    expect([(await steps.next()).done, (await orders.next()).done]).toEqual([false, false]);
    await policy.change({ halted: false });
  });

  it("is waited for at most the connect timeout where it takes connections and says nothing", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const db = openPostgres(`postgres://postgres@127.0.0.1:${port}/postgres`, { connectTimeoutMs: 200 });
    clients.push(db);
    const strategies = sqlStrategies(db);
    expect(await elapsed(refusal(strategies.ready(), "unavailable"))).toBeLessThan(2_000);
    silent.close();
  });
});

describe("a server that is killed while it is used", () => {
  it("is unavailable, and used again when it is back, with all that was acknowledged", async () => {
    const db = client();
    const journal = sqlJournal(db);
    await journal.ready();
    const last = await journal.lastSequence();
    await journal.append([decision(last + 1)]);
    await server.stop("SIGKILL");
    await refusal(journal.append([decision(last + 2)]), "unavailable");
    await refusal(journal.lastSequence(), "unavailable");
    await server.start();
    expect(await journal.lastSequence()).toBe(last + 1);
    await journal.append([decision(last + 2)]);
    expect(await journal.lastSequence()).toBe(last + 2);
  });

  it("tells those that watch once it is back, and everything is read anew", async () => {
    const db = client();
    const strategies = await strategiesOn(db);
    const policy = sqlPolicy(db);
    await policy.ready();
    await db.query(INSERT, ["before"]);
    const { mark } = await strategies.changedSince(["LIVE"]);
    expect((await strategies.changedSince(["LIVE"], mark)).complete).toBe(false);
    const steps = strategies.changes(new AbortController().signal)[Symbol.asyncIterator]();
    const orders = policy.changes(new AbortController().signal)[Symbol.asyncIterator]();
    const [step, order] = [steps.next(), orders.next()];
    await server.stop("SIGKILL");
    await server.start();
    expect([(await step).done, (await order).done]).toEqual([false, false]);
    const again = await strategies.changedSince(["LIVE"], mark);
    expect(again.complete).toBe(true);
    expect(again.strategies.map((one) => one.strategyId)).toContain("before");
    expect((await strategies.changedSince(["LIVE"], again.mark)).complete).toBe(false);
    const next = steps.next();
    await db.query(INSERT, ["after"]);
    expect((await next).done).toBe(false);
  });
});

describe("connections that are cut", () => {
  it("are replaced, and those that listen are told once", async () => {
    const db = client();
    const watcher = client();
    let breaks = 0;
    let notes = 0;
    await watcher.listen?.("test_cut", (heard) => (heard === "break" ? breaks++ : notes++));
    await watcher.query("SELECT 1");
    await db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL",
    );
    await vi.waitFor(() => expect(breaks).toBe(1));
    await vi.waitFor(async () => expect((await watcher.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]));
    await db.query("NOTIFY test_cut");
    await vi.waitFor(() => expect(notes).toBe(1));
    expect(breaks).toBe(1);
  });

  it("are listened on by others, whatever one that listens throws", async () => {
    const db = client();
    const thrown: unknown[] = [];
    const watcher = client({ onThrown: (error) => thrown.push(error) });
    const bug = new Error("a is undefined");
    let heardByOther = 0;
    await watcher.listen?.("test_thrown", () => {
      throw bug;
    });
    await watcher.listen?.("test_thrown", () => heardByOther++);
    await db.query("NOTIFY test_thrown");
    await vi.waitFor(() => expect(heardByOther).toBe(1));
    await db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL",
    );
    await vi.waitFor(() => expect(heardByOther).toBe(2));
    expect(thrown).toEqual([bug, bug]);
  });

  it("lose a transaction that was open, and nothing else", async () => {
    const db = client();
    await strategiesOn(db);
    const work = db.transaction(async (tx) => {
      await tx.query(INSERT, ["half"]);
      const { rows } = await tx.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      await db.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
      await tx.query(INSERT, ["other half"]);
    });
    await expect(work).rejects.toThrow();
    const { rows } = await db.query("SELECT strategy_id FROM sg_strategies WHERE strategy_id LIKE '%half'");
    expect(rows).toEqual([]);
  });

  it("leave an append in doubt, which is waited for before anything is read", async () => {
    const holder = client();
    await migrate(holder);
    const proxy = await startProxy(Number(new URL(server.url).port));
    const url = new URL(server.url);
    url.port = String(proxy.port);
    const db = openPostgres(url.href);
    clients.push(db);
    const journal = sqlJournal(db);
    await journal.ready();
    const last = await journal.lastSequence();
    let read: Promise<readonly Decision[]> | undefined;
    await holder.transaction(async (tx) => {
      await tx.query("SELECT FROM sg_journal FOR UPDATE");
      const appended = journal.append([decision(last + 1)]);
      await vi.waitFor(async () => expect(await waiting()).toBe(1));
      proxy.cutClients();
      await refusal(appended, "unavailable");
      read = journal.read({ after: last, includeShadow: true, limit: 9 });
      await vi.waitFor(async () => expect(await waiting()).toBe(2));
    });
    expect((await read)?.map((one) => one.sequence)).toEqual([last + 1]);
    await journal.append([decision(last + 2)]);
    expect(await journal.lastSequence()).toBe(last + 2);
    await db.close();
    proxy.close();

    async function waiting(): Promise<number | undefined> {
      const text = "SELECT count(*)::integer AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
      return (await holder.query<{ n: number }>(text)).rows[0]?.n;
    }
  });

  it("are noticed where they fall silent: the one that listens too", async () => {
    const limits = { statementTimeoutMs: 100, listenCheckMs: 100 };
    const watcher = client(limits);
    let breaks = 0;
    await watcher.listen?.("test_silent", (heard) => (breaks += heard === "break" ? 1 : 0));
    const listening =
      "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN \"test_silent\"%' OR query = 'SELECT 1'";
    const { rows } = await client().query<{ pid: number }>(listening);
    for (const { pid } of rows) {
      freeze(pid);
    }
    expect(rows).toHaveLength(1);
    await vi.waitFor(() => expect(breaks).toBe(1), { timeout: 10_000 });
  });

  it("are given up where a statement gets no answer at all", async () => {
    const db = client({ statementTimeoutMs: 100, maxConnections: 1 });
    const { rows } = await db.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    freeze(rows[0]?.pid ?? 0);
    const journal = sqlJournal(db);
    expect(await elapsed(refusal(journal.lastSequence(), "unavailable"))).toBeLessThan(5_000);
    await vi.waitFor(async () => expect(await journal.lastSequence()).toBeGreaterThanOrEqual(0));
  });
});

describe("a server that is slow", () => {
  it("is unavailable after the statement timeout, and the statement does nothing later", async () => {
    const holder = client();
    await migrate(holder);
    const journal = sqlJournal(client({ statementTimeoutMs: 200 }));
    await journal.ready();
    const last = await journal.lastSequence();
    await holder.transaction(async (tx) => {
      await tx.query("SELECT * FROM sg_journal FOR UPDATE");
      const error = await refusal(journal.append([decision(last + 1)]), "unavailable");
      expect(error.message).toContain("statement timeout");
    });
    expect(await journal.lastSequence()).toBe(last);
    await journal.append([decision(last + 1)]);
    expect(await journal.lastSequence()).toBe(last + 1);
  });

  it("gives a statement no more time than the timeout, a migration more", async () => {
    const db = client({ statementTimeoutMs: 200 });
    await expect(db.query("SELECT pg_sleep(60)")).rejects.toThrow("statement timeout");
    const slow = db.transaction((tx) => tx.query("SELECT pg_sleep(1.5)"), { statementTimeoutMs: 30_000 });
    await expect(slow).resolves.toBeDefined();
    await expect(db.transaction((tx) => tx.query("SELECT pg_sleep(60)"))).rejects.toThrow("statement timeout");
    expect((await db.query("SHOW statement_timeout")).rows).toEqual([{ statement_timeout: "200ms" }]);
  });

  it("fails those that find no free connection within the connect timeout", async () => {
    const db = client({ maxConnections: 1, connectTimeoutMs: 500 });
    await db.transaction(async () => {
      await refusal(sqlJournal(db).lastSequence(), "unavailable");
    });
  });

  it("keeps closing waiting for no longer than a second", async () => {
    const db = openPostgres(server.url);
    const { rows } = await db.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    freeze(rows[0]?.pid ?? 0);
    expect(await elapsed(db.close())).toBeLessThan(3_000);
    await db.close();
    await refusal(sqlJournal(db).lastSequence(), "unavailable");
  });
});

describe("a statement that is refused", () => {
  it("leaves the connection in use, also within a transaction", async () => {
    const db = client({ maxConnections: 1 });
    const pid = async () => (await db.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows;
    const before = await pid();
    await expect(db.query("SELECT 1 / 0")).rejects.toThrow("division by zero");
    await expect(db.transaction((tx) => tx.query("SELECT 1 / 0"))).rejects.toThrow("division by zero");
    expect(await pid()).toEqual(before);
  });
});
