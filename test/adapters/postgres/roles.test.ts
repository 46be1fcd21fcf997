import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "../../../src/adapters/postgres/migrate.ts";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { sqlLease } from "../../../src/adapters/postgres/sql-lease.ts";
import { sqlPolicy } from "../../../src/adapters/postgres/sql-policy.ts";
import { sqlPositions } from "../../../src/adapters/postgres/sql-positions.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/sql-strategies.ts";
import { systemClock } from "../../../src/process/system-clock.ts";
import { decisionJournalContract } from "../../contracts/decision-journal.ts";
import { decision } from "../../contracts/decision-samples.ts";
import { policyStoreContract } from "../../contracts/policy-store.ts";
import { positionBookContract } from "../../contracts/position-book.ts";
import { refusal } from "../../contracts/refusal.ts";
import { strategyRepositoryContract } from "../../contracts/strategy-repository.ts";
import { config as strategyConfig } from "../../contracts/strategy-samples.ts";
import { startPostgres } from "../../provide/postgres.ts";
import type { PrivateServer } from "../../provide/server.ts";
import { emptyTables } from "./empty-tables.ts";
import { plantPolicy } from "./plant-policy.ts";

const ROLES = readFileSync(fileURLToPath(new URL("../../../src/adapters/postgres/roles.sql", import.meta.url)), "utf8");

const PAGE = readFileSync(fileURLToPath(new URL("../../../docs/postgresql.md", import.meta.url)), "utf8");

const INSERT = `
  INSERT INTO sg_strategies (strategy_id, name, status, entry_indicators, base_size_usd, stop_loss_pct, take_profit_pct)
  VALUES ('a', 'by hand', 'LIVE', '[{"name": "RSI", "operator": "<", "value": 30}]', 1000, 0.02, 0.05)`;

let server: PrivateServer;
let owner: Queryable;
const clients: Queryable[] = [];

/** A client as a user who is a member of the role. */
function as(role: "runtime" | "generator" | "reader"): Queryable {
  const url = new URL(server.url);
  url.username = `the_${role}`;
  const db = openPostgres(url.href);
  clients.push(db);
  return db;
}

beforeAll(async () => {
  server = await startPostgres();
  owner = openPostgres(server.url);
  for (const role of ["runtime", "generator", "reader"]) {
    await owner.query(`CREATE ROLE sg_${role} NOLOGIN`);
    await owner.query(`CREATE ROLE the_${role} LOGIN IN ROLE sg_${role}`);
  }
});

afterAll(async () => {
  await Promise.all([...clients, owner].map((client) => client?.close()));
  await server?.close();
});

describe("a role that may not change tables", () => {
  it("is refused an empty database, with what to do", async () => {
    const error = await refusal(migrate(as("runtime")), "failed_precondition");
    expect(error.message).toContain("run `npm run migrate`");
  });
});

describe("the roles", () => {
  beforeAll(async () => {
    await migrate(owner);
    await owner.query(ROLES);
    await owner.query(ROLES);
  });

  describe("sg_runtime is enough for", () => {
    let db: Queryable;

    beforeAll(() => {
      db = as("runtime");
    });

    async function ready<Port extends { ready(): Promise<void> }>(port: Port): Promise<Port> {
      await emptyTables(owner);
      await port.ready();
      return port;
    }

    describe("strategies", () =>
      strategyRepositoryContract(async () => {
        const remove = async (strategyId: string) => {
          await owner.query("DELETE FROM sg_strategies WHERE strategy_id = $1", [strategyId]);
        };
        return { repository: await ready(sqlStrategies(db)), remove };
      }));

    describe("the journal", () => decisionJournalContract(() => ready(sqlJournal(db))));

    describe("positions", () => positionBookContract(() => ready(sqlPositions(db))));

    describe("the policy", () =>
      policyStoreContract(async () => {
        const store = await ready(sqlPolicy(db));
        return { store, plant: (parts) => plantPolicy(owner, parts) };
      }));
  });

  it.each([
    ["DELETE FROM sg_positions"],
    ["UPDATE sg_decisions SET symbol = 'X'"],
    ["DELETE FROM sg_journal"],
    ["TRUNCATE sg_decisions"],
    ["CREATE TABLE mine ()"],
    ["DROP TABLE sg_policy"],
  ])("refuse sg_runtime: %s", async (text) => {
    await expect(as("runtime").query(text)).rejects.toThrow(/permission denied|must be owner/);
  });

  it("let sg_runtime hold the lease, and write under it", async () => {
    await emptyTables(owner);
    const db = as("runtime");
    const onLost = () => {};
    const options = { holder: "the service", address: () => "here", ttlMs: 3_000, isSole: false, clock: systemClock };
    const lease = sqlLease(db, { ...options, onLost });
    expect(await lease.take()).toBeUndefined();
    const [journal, positions, strategies] = [sqlJournal(db, lease), sqlPositions(db, lease), sqlStrategies(db, lease)];
    expect(await journal.identity()).toMatch(/^[0-9a-f]{12}$/);
    await journal.append([decision(1)]);
    await journal.noteJudged(60_000);
    await positions.reject({ decisionId: "d", reason: "", time: 0 });
    await sqlPolicy(db, lease).change({ halted: true, haltReason: "test" });
    expect(await strategies.setStatus("none", "LIVE", "test", 0)).toBeUndefined();
    await strategies.save([{ config: { ...strategyConfig("gone"), status: "DISABLED" }, expectedVersion: 0 }], 0);
    expect(await strategies.delete("gone", "test", 0)).toBe("deleted");
    await lease.release();
  });

  it("are given all at once or not at all, so that a service that runs meanwhile keeps its rights", async () => {
    await owner.query("ALTER TABLE sg_lease RENAME TO sg_lease_to_come");
    const client = new Client({ connectionString: server.url });
    await client.connect();
    try {
      // As psql does, which goes on behind a fault.
      for (const statements of ROLES.split("\n\n")) {
        await client.query(statements).catch(() => undefined);
      }
      expect((await as("runtime").query("SELECT last_sequence FROM sg_journal")).rows).toHaveLength(1);
    } finally {
      await client.end();
      await owner.query("ALTER TABLE sg_lease_to_come RENAME TO sg_lease");
    }
  });

  it("let sg_generator write strategies, with versions, changes and notices kept for it", async () => {
    await emptyTables(owner);
    const strategies = sqlStrategies(owner);
    await strategies.ready();
    const { mark } = await strategies.changedSince(["LIVE"]);
    const steps = strategies.changes(new AbortController().signal)[Symbol.asyncIterator]();
    const generator = as("generator");
    await generator.query(INSERT);
    expect((await steps.next()).done).toBe(false);
    await generator.query("UPDATE sg_strategies SET fitness_score = 0.9");
    expect((await strategies.byStatus(["LIVE"]))[0]).toMatchObject({ version: 2, draft: { fitnessScore: 0.9 } });
    expect((await strategies.changedSince(["LIVE"], mark)).strategies).toHaveLength(1);
    await generator.query("DELETE FROM sg_strategies");
    expect((await strategies.changedSince(["LIVE"], mark)).gone).toEqual(["a"]);
    await strategies.close();
  });

  it.each([
    ["UPDATE sg_strategies SET version = 7"],
    ["UPDATE sg_strategies SET last_executed_at = now()"],
    ["TRUNCATE sg_strategies"],
    ["SELECT * FROM sg_decisions"],
    ["SELECT * FROM sg_strategies_gone"],
    ["DELETE FROM sg_strategies_gone"],
    ["UPDATE sg_policy SET halted = false"],
    ["INSERT INTO sg_policy (halted) VALUES (false)"],
    ["CREATE TRIGGER mine AFTER DELETE ON sg_strategies FOR EACH ROW EXECUTE FUNCTION sg_notify()"],
  ])("refuse sg_generator: %s", async (text) => {
    await expect(as("generator").query(text)).rejects.toThrow("permission denied");
  });

  it("refuse sg_generator a trigger of its own with the owner's rights", async () => {
    const generator = as("generator");
    await generator.transaction(async (tx) => {
      await tx.query("CREATE TEMPORARY TABLE bait (strategy_id text)");
      const trigger =
        "CREATE TRIGGER mine BEFORE TRUNCATE ON bait FOR EACH STATEMENT EXECUTE FUNCTION sg_strategies_note_gone()";
      await expect(tx.query(trigger)).rejects.toThrow("permission denied");
    });
  });

  it("let sg_generator run the example of docs/postgresql.md", async () => {
    await emptyTables(owner);
    const example = /```sql\n([^`]+)```/.exec(PAGE)?.[1] ?? "";
    await as("generator").query(example);
    const stored = await sqlStrategies(owner).byStatus(["LIVE"]);
    expect(stored.map((one) => one.strategyId)).toEqual(["rsi-reversal"]);
  });

  it("let sg_reader read, and write nothing", async () => {
    const reader = as("reader");
    for (const table of ["sg_strategies", "sg_decisions", "sg_positions", "sg_rejections", "sg_policy", "sg_journal"]) {
      await reader.query(`SELECT * FROM ${table}`);
      await expect(reader.query(`DELETE FROM ${table}`)).rejects.toThrow("permission denied");
      await expect(reader.query(`INSERT INTO ${table} DEFAULT VALUES`)).rejects.toThrow("permission denied");
    }
    await expect(reader.query("UPDATE sg_strategies SET status = 'LIVE'")).rejects.toThrow("permission denied");
  });
});

describe("docs/postgresql.md", () => {
  it("has every column of sg_strategies, those that a generator may write and those that it may not", async () => {
    const { rows } = await owner.query<{ name: string; writable: boolean }>(`
      SELECT attname AS name, has_column_privilege('sg_generator', attrelid, attnum, 'UPDATE') AS writable
      FROM pg_attribute WHERE attrelid = 'sg_strategies'::regclass AND attnum > 0 AND NOT attisdropped`);
    const [first = "", second = ""] = PAGE.split("These are kept by the database");
    const columns = (text: string) =>
      [...text.matchAll(/^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \|/gm)].flatMap(([, names = ""]) =>
        names.replaceAll("`", "").split(", "),
      );
    const of = (writable: boolean) => rows.filter((row) => row.writable === writable).map((row) => row.name);
    const roles = ["sg_runtime", "sg_generator", "sg_reader"];
    expect(
      columns(first)
        .filter((name) => !roles.includes(name))
        .toSorted(),
    ).toEqual(of(true).toSorted());
    expect(columns(second).toSorted()).toEqual(of(false).toSorted());
  });
});
