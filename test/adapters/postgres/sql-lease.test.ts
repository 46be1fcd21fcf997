import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { migrate } from "../../../src/adapters/postgres/migrate.ts";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { type SqlLease, sqlLease } from "../../../src/adapters/postgres/sql-lease.ts";
import { sqlPolicy } from "../../../src/adapters/postgres/sql-policy.ts";
import { sqlPositions } from "../../../src/adapters/postgres/sql-positions.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/sql-strategies.ts";
import type { RuntimeError } from "../../../src/domain/errors.ts";
import { systemClock } from "../../../src/process/system-clock.ts";
import { decision } from "../../contracts/decision-samples.ts";
import { refusal } from "../../contracts/refusal.ts";
import { config as strategyConfig } from "../../contracts/strategy-samples.ts";
import { ManualClock, settled } from "../../manual-clock.ts";
import { type Link, openLink } from "../../production/link.ts";
import { startPostgres } from "../../provide/postgres.ts";
import type { PrivateServer } from "../../provide/server.ts";
import { emptyTables } from "./empty-tables.ts";

const TTL_MS = 3_000;
/** Given up long before the held bytes arrive. */
const SHORT = { connectTimeoutMs: 1_000, statementTimeoutMs: 300 };

let server: PrivateServer;
let link: Link;
/** Straight to the server. */
let db: Queryable;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startPostgres();
  db = openPostgres(server.url);
  await migrate(db);
});

beforeEach(async () => {
  await emptyTables(db);
  link = await openLink(server.url);
});

afterEach(async () => {
  for (const one of open.splice(0).reverse()) {
    await one.close();
  }
  await link.close();
});

afterAll(async () => {
  await db?.close();
  await server?.close();
});

interface Holder {
  readonly lease: SqlLease;
  readonly lost: RuntimeError[];
  readonly clock: ManualClock;
}

/** A process that may hold the lease; its own time stands still unless it is told to go on. */
function holder(name: string, client: Queryable = db): Holder {
  const lost: RuntimeError[] = [];
  const clock = new ManualClock(0);
  const options = { holder: name, address: () => `${name}:50051`, ttlMs: TTL_MS, isSole: false, clock };
  const lease = sqlLease(client, { ...options, onLost: (error) => lost.push(error) });
  open.push({ close: () => lease.release() });
  return { lease, lost, clock };
}

/** A client by way of the link, which gives up soon. */
function hasty(): Queryable {
  const client = openPostgres(link.url, SHORT);
  open.push(client);
  return client;
}

async function expire(): Promise<void> {
  await db.query("UPDATE sg_lease SET expires_at = clock_timestamp()");
}

describe("the lease", () => {
  it("goes to the first that takes it; the second waits and says for whom", async () => {
    const [a, b] = [holder("a x"), holder("b y")];
    expect(await a.lease.take()).toBeUndefined();
    expect(await b.lease.take()).toBe("standby: a holds the lease; call a x:50051");
    expect(a.lease.status()).toMatchObject({ role: "active", epoch: 1, activeAddress: "a x:50051" });
    expect(b.lease.status()).toMatchObject({ role: "standby", epoch: 1, activeAddress: "a x:50051" });
    expect(a.lease.fault()).toBeUndefined();
    expect(b.lease.fault()).toContain("standby: a holds the lease");
    await refusal(b.lease.settled(), "unavailable");
  });

  it("goes to one of many that take it at once", async () => {
    const all = Array.from({ length: 8 }, (_, i) => holder(`p${i}`));
    const answers = await Promise.all(all.map(({ lease }) => lease.take()));
    expect(answers.filter((why) => why === undefined)).toHaveLength(1);
  });

  it("is free once it is let go, and the epoch goes up", async () => {
    const [a, b] = [holder("a"), holder("b")];
    await a.lease.take();
    await a.lease.release();
    expect(await b.lease.take()).toBeUndefined();
    expect(b.lease.status()?.epoch).toBeGreaterThan(1);
  });

  it("is free once its time is over by the database's clock, and not before", async () => {
    const [a, b] = [holder("a"), holder("b")];
    await a.lease.take();
    expect(await b.lease.take()).toBeDefined();
    await expire();
    expect(await b.lease.take()).toBeUndefined();
  });

  it("is renewed each second, by its own holder alone", async () => {
    const a = holder("a");
    await a.lease.take();
    const first = a.lease.status()?.expiresAt ?? 0;
    a.clock.advance(1_000);
    await vi.waitFor(() => expect(a.lease.status()?.expiresAt).toBeGreaterThan(first));
    expect(a.lease.status()?.epoch).toBe(1);
  });

  it("does not count any more where it could not be renewed for its time less a second", async () => {
    const a = holder("a", hasty());
    await a.lease.take();
    link.stall();
    a.clock.advance(TTL_MS - 1_000);
    expect(a.lease.fault()).toBeUndefined();
    a.clock.advance(1);
    expect(a.lease.fault()).toContain("could not be renewed for 2001 ms");
  });

  it("taken by another is lost: the first writes nothing and hears of it", async () => {
    const [a, b] = [holder("a"), holder("b")];
    await a.lease.take();
    await expire();
    await b.lease.take();
    const policy = sqlPolicy(db, a.lease);
    const error = await refusal(policy.change({ halted: true }), "unavailable");
    expect(error.message).toContain("epoch 1 of the lease is over");
    await vi.waitFor(() => expect(a.lost).toHaveLength(1));
    expect(a.lost[0]?.message).toContain("b holds the lease");
    await refusal(policy.change({ halted: true }), "unavailable");
    expect((await policy.read()).halted).toBe(false);
  });

  it("is heard to be lost at the next renewal, without a write", async () => {
    const [a, b] = [holder("a"), holder("b")];
    await a.lease.take();
    await expire();
    await b.lease.take();
    a.clock.advance(1_000);
    await vi.waitFor(() => expect(a.lost).toHaveLength(1));
  });

  it("goes on where nobody took it while it could not be renewed", async () => {
    const a = holder("a");
    await a.lease.take();
    await expire();
    a.clock.advance(1_000);
    await vi.waitFor(() => expect(a.lease.fault()).toBeUndefined());
    expect(await a.lease.settled()).toBe(1);
    await sqlPolicy(db, a.lease).change({ halted: true });
  });

  it("waits for a write of the epoch before, and fences what comes after it", async () => {
    const [a, b] = [holder("a"), holder("b")];
    await a.lease.take();
    await expire();
    let taken: string | undefined | "not yet" = "not yet";
    let taking: Promise<void> | undefined;
    await db.transaction(async (tx) => {
      await tx.query("SELECT sg_fence(1)");
      taking = b.lease.take().then((why) => {
        taken = why;
      });
      await vi.waitFor(async () => expect(await waitingForLocks()).toBe(1));
      expect(taken).toBe("not yet");
    });
    await taking;
    expect(taken).toBeUndefined();
    await expect(db.query("SELECT sg_fence(1)")).rejects.toThrow("epoch 1 of the lease is over");
  });

  it("is renewed while a write of its epoch is under way", async () => {
    const a = holder("a");
    await a.lease.take();
    const first = a.lease.status()?.expiresAt ?? 0;
    await db.transaction(async (tx) => {
      await tx.query("SELECT sg_fence(1)");
      a.clock.advance(1_000);
      await vi.waitFor(() => expect(a.lease.status()?.expiresAt).toBeGreaterThan(first));
    });
  });

  it("of a database that nobody else can open is taken at once, and is not renewed", async () => {
    const a = holder("a");
    await a.lease.take();
    const sole = sqlLease(db, {
      holder: "sole",
      address: () => "",
      ttlMs: TTL_MS,
      isSole: true,
      clock: systemClock,
      onLost: () => {},
    });
    expect(await sole.take()).toBeUndefined();
    expect(sole.status()).toEqual({ role: "active", epoch: 2, activeAddress: "" });
    await sole.release();
  });
});

async function waitingForLocks(): Promise<number | undefined> {
  const text = "SELECT count(*)::integer AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
  return (await db.query<{ n: number }>(text)).rows[0]?.n;
}

describe("a write that was given up, and comes late", () => {
  /**
   * The write is kept on its way until it is given up; then `next` is acknowledged; then the late
   * bytes arrive.
   */
  async function lateBehind(
    text: string,
    write: (holder: Holder, client: Queryable) => Promise<unknown>,
    next: (holder: Holder, client: Queryable) => Promise<unknown>,
  ): Promise<Holder> {
    const client = hasty();
    const a = holder("a");
    await a.lease.take();
    const hold = link.hold(text);
    const given = write(a, client);
    await hold.held;
    await refusal(given, "unavailable");
    await next(a, client);
    await hold.letGo();
    return a;
  }

  it("undoes no halt", async () => {
    const a = await lateBehind(
      "INSERT INTO sg_policy",
      ({ lease }, client) => sqlPolicy(client, lease).change({ halted: false }),
      ({ lease }, client) => sqlPolicy(client, lease).change({ halted: true }),
    );
    expect((await sqlPolicy(db).read()).halted).toBe(true);
    expect(await a.lease.settled()).toBe(2);
    expect(a.lost).toEqual([]);
  });

  it("opens no position again that was closed meanwhile", async () => {
    const opening = {
      positionId: "p1",
      strategyId: "s",
      symbol: "BTCUSDT",
      side: "LONG",
      sizeUsd: 1_000,
      entryPrice: 100,
      openedAt: 1_000,
      feesUsd: 0,
    } as const;
    const closing = { ...opening, exitPrice: 110, closedAt: 2_000, closeSequence: 1 };
    await lateBehind(
      "INSERT INTO sg_positions",
      ({ lease }, client) => sqlPositions(client, lease).put(opening),
      async ({ lease }, client) => {
        await sqlPositions(client, lease).put(opening);
        await sqlPositions(client, lease).put(closing);
      },
    );
    expect(await sqlPositions(db).get("p1")).toStrictEqual(closing);
  });

  it("switches no strategy on that was switched off", async () => {
    const config = { ...strategyConfig("s"), status: "SHADOW" } as const;
    await sqlStrategies(db).save([{ config, expectedVersion: 0 }], 1_000);
    await lateBehind(
      "INSERT INTO sg_strategy_status_history",
      ({ lease }, client) => sqlStrategies(client, lease).setStatus("s", "LIVE", "", 2_000),
      ({ lease }, client) => sqlStrategies(client, lease).setStatus("s", "DISABLED", "", 3_000),
    );
    expect((await sqlStrategies(db).get(["s"])).get("s")?.draft?.status).toBe("DISABLED");
  });

  it("deletes no strategy that was saved again", async () => {
    const config = { ...strategyConfig("s"), status: "DISABLED" } as const;
    await sqlStrategies(db).save([{ config, expectedVersion: 0 }], 1_000);
    await lateBehind(
      "'DELETED'",
      ({ lease }, client) => sqlStrategies(client, lease).delete("s", "", 2_000),
      ({ lease }, client) => sqlStrategies(client, lease).save([{ config, expectedVersion: 1 }], 3_000),
    );
    expect((await sqlStrategies(db).get(["s"])).get("s")?.version).toBe(2);
  });

  it("saves no strategy, and notes no rejection", async () => {
    const a = await lateBehind(
      "INSERT INTO sg_rejections",
      ({ lease }, client) => sqlPositions(client, lease).reject({ decisionId: "d", reason: "late", time: 1_000 }),
      ({ lease }) => lease.settled(),
    );
    expect(await sqlPositions(db).rejection("d")).toBeUndefined();
    const client = hasty();
    const hold = link.hold("INSERT INTO sg_strategies");
    const saved = sqlStrategies(client, a.lease).save([{ config: strategyConfig("s"), expectedVersion: 0 }], 1_000);
    await hold.held;
    await refusal(saved, "unavailable");
    await a.lease.settled();
    await hold.letGo();
    expect((await sqlStrategies(db).get(["s"])).size).toBe(0);
  });

  it("notes no execution", async () => {
    await sqlStrategies(db).save([{ config: strategyConfig("s"), expectedVersion: 0 }], 1_000);
    await lateBehind(
      "last_executed_at = sg_time",
      ({ lease }, client) => sqlStrategies(client, lease).touch(new Map([["s", 5_000]])),
      ({ lease }) => lease.settled(),
    );
    expect((await sqlStrategies(db).get(["s"])).get("s")?.lastExecutedAt).toBeUndefined();
  });

  it("journals no decision", async () => {
    await lateBehind(
      "INSERT INTO sg_decisions",
      ({ lease }, client) => sqlJournal(client, lease).append([decision(1)]),
      ({ lease }) => lease.settled(),
    );
    const journal = sqlJournal(db);
    expect(await journal.read({ includeShadow: true, limit: 9 })).toEqual([]);
    expect(await journal.lastSequence()).toBe(0);
  });

  it("drops no decision", async () => {
    await sqlJournal(db).append([decision(1)]);
    await lateBehind(
      "DELETE FROM sg_decisions",
      ({ lease }, client) => {
        const later = Number.MAX_SAFE_INTEGER / 100;
        return sqlJournal(client, lease).drop({ before: later, keepNewestFrom: later, limit: 9 });
      },
      ({ lease }) => lease.settled(),
    );
    expect(await sqlJournal(db).read({ includeShadow: true, limit: 9 })).toHaveLength(1);
  });

  it("makes others wait for a second at most: what has not begun by then is never written", async () => {
    const client = hasty();
    const a = holder("a", client);
    await a.lease.take();
    const hold = link.hold("INSERT INTO sg_policy");
    const given = sqlPolicy(client, a.lease).change({ halted: false });
    await hold.held;
    // The new epoch cannot be taken for as long as this transaction holds the one before.
    await db.transaction(async (tx) => {
      await tx.query("SELECT sg_fence(1)");
      await refusal(given, "unavailable");
      const next = refusal(sqlPolicy(client, a.lease).change({ halted: true }), "unavailable");
      await settled();
      a.clock.advance(1_000);
      expect((await next).message).toMatch(/^nothing was written/);
    });
    await vi.waitFor(async () => {
      a.clock.advance(1_000);
      expect(await a.lease.settled()).toBeGreaterThan(1);
    });
    await hold.letGo();
    expect((await sqlPolicy(db).read()).halted).toBe(false);
  });

  it("is fenced by itself: the new epoch is taken at once, not only before the next write", async () => {
    const client = hasty();
    const a = holder("a");
    await a.lease.take();
    const hold = link.hold("INSERT INTO sg_decisions");
    const given = sqlJournal(client, a.lease).append([decision(1)]);
    await hold.held;
    await refusal(given, "unavailable");
    await vi.waitFor(async () => expect(a.lease.status()?.epoch).toBe(2));
    await hold.letGo();
    expect(await sqlJournal(db).lastSequence()).toBe(0);
  });
});
