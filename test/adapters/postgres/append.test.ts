import { describe, expect, it, onTestFinished } from "vitest";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import type { RuntimeError } from "../../../src/domain/errors.ts";
import { decision } from "../../contracts/decision-samples.ts";
import { refusal } from "../../contracts/refusal.ts";
import { startPostgres } from "../../provide/postgres.ts";
import { embeddedDatabase } from "./embedded.ts";
import { servedDatabase } from "./served.ts";

const server = servedDatabase();

/** The same database, whose statements may take no longer than 200 ms. */
function impatient(db: Queryable): Queryable {
  return {
    ...db,
    query: (text, params) => db.transaction((tx) => tx.query(text, params), { statementTimeoutMs: 200 }),
  } as Queryable;
}

describe("an append on PostgreSQL that waits for another writer", () => {
  it("writes nothing once its time is over, and leaves the journal as it was", async () => {
    const db = await server();
    const journal = sqlJournal(db);
    await journal.append([decision(1)]);
    let late: Promise<RuntimeError> | undefined;
    await db.transaction(async (tx) => {
      await tx.query("SELECT FROM sg_journal FOR UPDATE");
      late = refusal(journal.append([decision(2)], 300), "deadline_exceeded");
      await tx.query("SELECT pg_sleep(0.6)");
    });
    await late;
    expect(await journal.lastSequence()).toBe(1);
    await journal.append([decision(2)], 60_000);
    expect(await journal.lastSequence()).toBe(2);
  });

  it("waits for no connection behind those who read, where it has one of its own", async () => {
    const own = await startPostgres();
    onTestFinished(() => own.close());
    const reads = openPostgres(own.url, { maxConnections: 1 });
    const writer = openPostgres(own.url, { maxConnections: 1 });
    const journal = sqlJournal(reads, undefined, writer);
    await journal.ready();
    await reads.transaction(async () => {
      await journal.append([decision(1)], 60_000);
      await journal.probe([decision(2)]);
    });
    expect(await journal.lastSequence()).toBe(1);
    await Promise.all([reads.close(), writer.close()]);
  });

  it("is what a probe tries: it fails as long as the table is locked, though the journal's row is not", async () => {
    const db = await server();
    const journal = sqlJournal(db);
    await db.transaction(async (tx) => {
      await tx.query("LOCK TABLE sg_decisions IN ACCESS EXCLUSIVE MODE");
      await refusal(sqlJournal(impatient(db)).probe([decision(1)]), "unavailable");
    });
    await journal.probe([decision(1)]);
  });

  it("is written where the other is done in time", async () => {
    const db = await server();
    const journal = sqlJournal(db);
    let waited: Promise<void> | undefined;
    await db.transaction(async (tx) => {
      await tx.query("SELECT FROM sg_journal FOR UPDATE");
      waited = journal.append([decision(1)], 60_000);
      await tx.query("SELECT pg_sleep(0.3)");
    });
    await waited;
    expect(await journal.lastSequence()).toBe(1);
  });
});

const MANY = Array.from({ length: 1_200 }, (_, i) => decision(i + 1));

describe("an append of many decisions", () => {
  const embedded = embeddedDatabase();

  it("is one statement on PostgreSQL", async () => {
    const db = await server();
    const statements: string[] = [];
    const watched: Queryable = {
      ...db,
      query(text, params) {
        statements.push(text);
        return db.query(text, params);
      },
      transaction: () => Promise.reject(new Error("an append is no transaction of several statements")),
    };
    const journal = sqlJournal(watched);
    await journal.append(MANY);
    expect(statements).toHaveLength(1);
    expect(await journal.lastSequence()).toBe(1_200);
  });

  it("lets other work run on the embedded database, and writes all or none", async () => {
    const db = await embedded();
    const journal = sqlJournal(db);
    let turns = 0;
    let isDone = false;
    const other = () => {
      turns++;
      if (!isDone) {
        setImmediate(other);
      }
    };
    setImmediate(other);
    await journal.append(MANY);
    isDone = true;
    expect(turns).toBeGreaterThan(5);
    expect(await journal.lastSequence()).toBe(1_200);
    const [first, ...others] = MANY.map((one) => decision(one.sequence + 1_200));
    const twice = decision(1, { sequence: 2_400 });
    await refusal(journal.append([first ?? twice, ...others.slice(0, -1), twice]), "aborted");
    expect(await journal.lastSequence()).toBe(1_200);
  });
});
