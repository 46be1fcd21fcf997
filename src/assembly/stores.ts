import { sqlJournal } from "../adapters/postgres/journal.ts";
import { openPglite } from "../adapters/postgres/pglite.ts";
import { sqlPolicy } from "../adapters/postgres/policy.ts";
import { openPostgres } from "../adapters/postgres/pool.ts";
import { sqlPositions } from "../adapters/postgres/positions.ts";
import { sqlStrategies } from "../adapters/postgres/strategies.ts";
import { redisPolicy } from "../adapters/redis/policy.ts";
import type { Config } from "../config.ts";
import type { EngineStores } from "../engine/engine.ts";
import type { Cleanups } from "../process/cleanups.ts";

/** Opens the stores that the settings name. Those on servers are not connected yet: `readyStores` does that. */
export async function openStores(config: Config, cleanups: Cleanups): Promise<EngineStores> {
  const db = config.databaseUrl === undefined ? await openPglite(config) : openPostgres(config.databaseUrl);
  cleanups.add(() => db.close());
  const stores = {
    strategies: sqlStrategies(db),
    policy: config.redisUrl === undefined ? sqlPolicy(db) : redisPolicy({ url: config.redisUrl }),
    journal: sqlJournal(db),
    positions: sqlPositions(db),
  };
  for (const store of Object.values(stores)) {
    cleanups.add(() => store.close());
  }
  return stores;
}

/** Connects and migrates. Fails with `unavailable` where one cannot be reached, and may then be called again. */
export async function readyStores(stores: EngineStores): Promise<void> {
  for (const store of Object.values(stores)) {
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
