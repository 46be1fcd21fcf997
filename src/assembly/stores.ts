import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { PostgresOptions } from "../adapters/postgres/pool.ts";
import type { Queryable } from "../adapters/postgres/queryable.ts";
import { sqlJournal } from "../adapters/postgres/sql-journal.ts";
import { type SqlLease, sqlLease } from "../adapters/postgres/sql-lease.ts";
import { sqlPolicy } from "../adapters/postgres/sql-policy.ts";
import { sqlPositions } from "../adapters/postgres/sql-positions.ts";
import { sqlState } from "../adapters/postgres/sql-state.ts";
import { sqlStrategies } from "../adapters/postgres/sql-strategies.ts";
import type { Config } from "../config.ts";
import type { RuntimeError } from "../domain/errors.ts";
import type { OnThrown } from "../domain/guarded.ts";
import type { EngineStores } from "../engine/engine-options.ts";
import type { Clock } from "../ports/clock.ts";
import type { PolicyStore } from "../ports/policy-store.ts";
import { CLUSTER_TEMPLATES } from "../process/cache-folder.ts";
import type { Cleanups } from "../process/cleanups.ts";
import { closeToOthers } from "../process/private-folder.ts";

export interface StoresOptions {
  readonly clock: Clock;
  /** Where this process serves. */
  readonly address: () => string;
  /**
   * Another process took the lease, so what the engine remembers may be other than what is stored.
   */
  readonly onLost: (error: RuntimeError) => void;
  readonly cleanups: Cleanups;
  /** Told of what a store's listener throws. */
  readonly onThrown: OnThrown;
}

export interface OpenStores {
  readonly stores: EngineStores;
  readonly lease: SqlLease;
}

/** The lease's connections: few, and given up before the lease is over. */
const LEASE_LIMITS = { connectTimeoutMs: 1_000, statementTimeoutMs: 1_000, maxConnections: 3 };

/**
 * Appends, one at a time, and the policy: neither waits for a connection behind whoever reads or
 * reports.
 */
const WRITER_LIMITS = { maxConnections: 2 };

/**
 * Opens the stores that the settings name. Those on servers are not connected yet: `readyStores`
 * does that. The lease is let go after whatever is closed before the stores has written its last.
 */
export async function openStores(config: Config, options: StoresOptions): Promise<OpenStores> {
  const { cleanups, onThrown, ...leaseOptions } = options;
  const open = await opener(config, onThrown);
  const db = await open();
  cleanups.add(() => db.close());
  const isSole = config.databaseUrl === undefined;
  // Of its own: a lease that waits behind slow readers for a connection would be lost.
  const leaseDb = isSole ? db : await open(LEASE_LIMITS);
  cleanups.add(() => leaseDb.close());
  const writerDb = isSole ? db : await open(WRITER_LIMITS);
  cleanups.add(() => writerDb.close());
  const holder = `${hostname()} ${randomUUID()}`;
  const lease = sqlLease(leaseDb, { ...leaseOptions, holder, ttlMs: config.leaseTtlMs, isSole });
  const stores = {
    strategies: sqlStrategies(db, lease),
    policy: config.redisUrl === undefined ? sqlPolicy(writerDb, lease) : await openRedis(config.redisUrl, onThrown),
    journal: sqlJournal(db, lease, writerDb),
    positions: sqlPositions(db, lease),
  };
  for (const store of Object.values(stores)) {
    cleanups.add(() => store.close());
  }
  cleanups.add(() => lease.release());
  return { stores: { ...stores, state: sqlState(db), lease }, lease };
}

/** Clients are loaded only where they are used: a start waits for nothing that it does not need. */
async function opener(
  { databaseUrl, dataDir }: Config,
  onThrown: OnThrown,
): Promise<(options?: PostgresOptions) => Queryable | Promise<Queryable>> {
  if (databaseUrl !== undefined) {
    const { openPostgres } = await import("../adapters/postgres/pool.ts");
    return (options) => openPostgres(databaseUrl, { ...options, onThrown });
  }
  const { openPglite } = await import("../adapters/postgres/pglite.ts");
  if (dataDir === "memory") {
    return () => openPglite({ dataDir });
  }
  closeToOthers(dataDir);
  return async () => {
    const db = await openPglite({ dataDir, templates: CLUSTER_TEMPLATES });
    // A new cluster is a copy with the modes of its template.
    closeToOthers(dataDir);
    return db;
  };
}

async function openRedis(url: string, onThrown: OnThrown): Promise<PolicyStore> {
  const { redisPolicy } = await import("../adapters/redis/redis-policy.ts");
  return redisPolicy({ url, onThrown });
}

/**
 * Connects and migrates. Fails with `unavailable` where one cannot be reached, and may then be
 * called again.
 */
export async function readyStores({ strategies, policy, journal, positions }: EngineStores): Promise<void> {
  for (const store of [strategies, policy, journal, positions]) {
    await store.ready();
  }
}

/** Where the stores and the feed point, without secrets. */
export function adapterNames(config: Config): Readonly<Record<string, string>> {
  const database = config.databaseUrl === undefined ? "pglite" : "postgres";
  return {
    strategies: database,
    policy: config.redisUrl === undefined ? database : "redis",
    journal: database,
    positions: database,
    market_data: config.marketData,
    ...(config.databaseUrl === undefined && { data_dir: config.dataDir }),
  };
}
