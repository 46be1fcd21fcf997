import { RuntimeError } from "../../domain/errors.ts";
import { guarded } from "./faults.ts";
import { STRATEGIES } from "./migrations/0001-strategies.ts";
import { DECISIONS } from "./migrations/0002-decisions.ts";
import { POSITIONS } from "./migrations/0003-positions.ts";
import { POLICY } from "./migrations/0004-policy.ts";
import { CHANGES } from "./migrations/0005-changes.ts";
import { STRAY_STATUSES } from "./migrations/0006-strays.ts";
import { LEASE } from "./migrations/0007-lease.ts";
import { JOURNAL } from "./migrations/0008-journal.ts";
import { DECISION_TRACES } from "./migrations/0009-decision-traces.ts";
import { JUDGED } from "./migrations/0010-judged.ts";
import { READABLE } from "./migrations/0011-readable.ts";
import { EXITS } from "./migrations/0012-exits.ts";
import { ENTRY_RULES } from "./migrations/0013-entry-rules.ts";
import { EXIT_DECISIONS } from "./migrations/0014-exit-decisions.ts";
import { EXIT_RULES } from "./migrations/0015-exit-rules.ts";
import { COMPUTED_LEVELS } from "./migrations/0016-computed-levels.ts";
import type { Migration } from "./migrations/migration.ts";
import type { Queryable, Statements } from "./queryable.ts";

/** Forward only: what has been released is never edited, a change is a new one at the end. */
export const MIGRATIONS: readonly Migration[] = [
  STRATEGIES,
  DECISIONS,
  POSITIONS,
  POLICY,
  CHANGES,
  STRAY_STATUSES,
  LEASE,
  JOURNAL,
  DECISION_TRACES,
  JUDGED,
  READABLE,
  EXITS,
  ENTRY_RULES,
  EXIT_DECISIONS,
  EXIT_RULES,
  COMPUTED_LEVELS,
];

/**
 * Held during a migration, so that of two processes that start at once the second waits and finds
 * it done.
 */
const LOCK = "SELECT pg_advisory_xact_lock(7321640015)";

const CREATE_LEDGER = `
  CREATE TABLE IF NOT EXISTS sg_migrations (
    id integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

const LEDGER_EXISTS = "SELECT to_regclass('sg_migrations') IS NOT NULL AS exists";

const NEWEST = "SELECT coalesce(max(id), 0) AS id FROM sg_migrations";

const CLAIM = "INSERT INTO sg_migrations (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING id";

/** A change of a large table takes its time, and a second starter waits for the first. */
const LIMITS = { statementTimeoutMs: 300_000 };

const INSUFFICIENT_PRIVILEGE = "42501";

const underway = new WeakMap<Queryable, Promise<void>>();

/**
 * Brings the tables to this program's version. Once a client, however many adapters ask for it; a
 * failure may be tried again.
 */
export function migrate(db: Queryable): Promise<void> {
  const running = underway.get(db);
  if (running !== undefined) {
    return running;
  }
  const run = migrateAll(guarded(db)).catch((error: unknown) => {
    underway.delete(db);
    throw error;
  });
  underway.set(db, run);
  return run;
}

async function migrateAll(db: Queryable): Promise<void> {
  const last = MIGRATIONS.at(-1)?.id ?? 0;
  const newest = await newestOf(db);
  if (newest > last) {
    const text = `the database is at migration ${newest}, this program knows ${last}: start a newer version of it`;
    throw new RuntimeError("failed_precondition", text);
  }
  if (newest < last) {
    await run(db).catch((error: unknown) => {
      throw explained(error, newest, last);
    });
  }
}

/**
 * Read before anything is locked or made: a role that may not make tables can use those that are
 * there.
 */
async function newestOf(db: Statements): Promise<number> {
  const { rows } = await db.query<{ readonly exists: boolean }>(LEDGER_EXISTS);
  return rows[0]?.exists ? ((await db.query<{ readonly id: number }>(NEWEST)).rows[0]?.id ?? 0) : 0;
}

async function run(db: Queryable): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(LOCK);
    await tx.query(CREATE_LEDGER);
  }, LIMITS);
  for (const migration of MIGRATIONS) {
    await db.transaction((tx) => apply(tx, migration), LIMITS);
  }
}

function explained(error: unknown, newest: number, last: number): unknown {
  const cause = error instanceof RuntimeError ? error.cause : error;
  if (typeof cause !== "object" || cause === null || !("code" in cause) || cause.code !== INSUFFICIENT_PRIVILEGE) {
    return error;
  }
  const text = `the database is at migration ${newest} of ${last}, and its role may not change tables: run \`npm run migrate\` as their owner`;
  return new RuntimeError("failed_precondition", text, { cause });
}

/** The id goes in first: a second starter then stops here, even where the lock did not hold it. */
async function apply(tx: Statements, { id, name, statements }: Migration): Promise<void> {
  await tx.query(LOCK);
  const { rows } = await tx.query(CLAIM, [id, name]);
  if (rows.length === 0) {
    return;
  }
  for (const statement of statements) {
    await tx.query(statement);
  }
}
