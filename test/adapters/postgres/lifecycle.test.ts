import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MIGRATIONS, migrate } from "../../../src/adapters/postgres/migrate.ts";
import { openPglite } from "../../../src/adapters/postgres/pglite.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { sqlPolicy } from "../../../src/adapters/postgres/sql-policy.ts";
import { sqlPositions } from "../../../src/adapters/postgres/sql-positions.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/sql-strategies.ts";
import { decision } from "../../contracts/decision-samples.ts";
import { refusal } from "../../contracts/refusal.ts";

let db: Queryable;

beforeAll(async () => {
  db = await openPglite({ dataDir: "memory" });
});

afterAll(() => db.close());

/** The same database as another client would see it. */
function anotherClient(): Queryable {
  return { ...db };
}

describe("migrate", () => {
  beforeEach(async () => {
    await db.query("DROP SCHEMA public CASCADE");
    await db.query("CREATE SCHEMA public");
  });

  async function ledger(): Promise<readonly number[]> {
    const { rows } = await db.query<{ id: number }>("SELECT id FROM sg_migrations ORDER BY id");
    return rows.map((row) => row.id);
  }

  it("runs each migration once, however many start at once and how often", async () => {
    const client = anotherClient();
    await Promise.all([migrate(client), migrate(client), migrate(anotherClient()), migrate(anotherClient())]);
    await migrate(anotherClient());
    expect(await ledger()).toEqual(MIGRATIONS.map(({ id }) => id));
  });

  it("leaves what is stored", async () => {
    const journal = sqlJournal(anotherClient());
    await journal.ready();
    await journal.append([decision(1)]);
    await migrate(anotherClient());
    expect(await journal.lastSequence()).toBe(1);
  });

  it("refuses a database that a newer program has migrated", async () => {
    await migrate(anotherClient());
    await db.query("INSERT INTO sg_migrations (id, name) VALUES (99, 'later')");
    const error = await refusal(migrate(anotherClient()), "failed_precondition");
    expect(error.message).toContain("migration 99");
  });

  it("leaves nothing of a migration that fails, and may be tried again", async () => {
    await db.query("CREATE TABLE sg_positions ()");
    const client = anotherClient();
    await refusal(migrate(client), "unavailable");
    expect(await ledger()).toEqual([1, 2]);
    await db.query("DROP TABLE sg_positions");
    await migrate(client);
    expect(await ledger()).toEqual(MIGRATIONS.map(({ id }) => id));
  });
});

describe("a database that has gone", () => {
  it("makes every method of every port unavailable, with the cause", async () => {
    const gone = await openPglite({ dataDir: "memory" });
    const strategies = sqlStrategies(gone);
    const journal = sqlJournal(gone);
    const positions = sqlPositions(gone);
    const policy = sqlPolicy(gone);
    const ports = [strategies, journal, positions, policy];
    for (const port of ports) {
      await port.ready();
    }
    await gone.close();
    const position = {
      positionId: "p",
      strategyId: "s",
      symbol: "X",
      side: "LONG",
      sizeUsd: 1,
      entryPrice: 1,
    } as const;
    const calls = [
      () => strategies.byStatus(["LIVE"]),
      () => strategies.get(["a"]),
      () => strategies.list({ limit: 1 }),
      () => strategies.setStatus("a", "LIVE", "", 0),
      () => strategies.touch(new Map([["a", 1]])),
      () => journal.append([decision(1)]),
      () => journal.read({ includeShadow: true, limit: 1 }),
      () => journal.lastSequence(),
      () => journal.find(["d"]),
      () => journal.traces({ validAfter: 0, closedBy: 0 }, () => {}),
      () => journal.tracesAt([{ strategyId: "s", symbol: "BTC", barCloseTime: 0, time: 0 }]),
      () => journal.drop({ before: 0, keepNewestFrom: 0, limit: 1 }),
      () => positions.get("p"),
      () => positions.put({ ...position, openedAt: 0, feesUsd: 0 }),
      () => positions.open(),
      () => positions.closed("s"),
      () => positions.closedAfter(0, 1),
      () => positions.lastCloseSequence(),
      () => positions.reject({ decisionId: "d", reason: "", time: 0 }),
      () => positions.rejection("d"),
      () => positions.settled(["d"]),
      () => policy.read(),
      () => policy.change({ halted: true }),
    ];
    for (const call of calls) {
      expect((await refusal(call(), "unavailable")).cause).toBeInstanceOf(Error);
    }
    for (const port of ports) {
      await port.close();
    }
  });
});

describe("a statement that the database refuses", () => {
  it("leaves its parameters out of the error, which may be logged", async () => {
    const error: unknown = await db.query("SELECT $1::text::integer", ["secret"]).catch((thrown: unknown) => thrown);
    expect(Object.keys(error as object)).not.toContain("params");
    expect(Object.keys(error as object)).not.toContain("query");
  });

  it("is invalid where a text holds U+0000", async () => {
    const positions = sqlPositions(anotherClient());
    await positions.ready();
    await refusal(positions.reject({ decisionId: "d", reason: "a\0b", time: 0 }), "invalid");
  });
});
