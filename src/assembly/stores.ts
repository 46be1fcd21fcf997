import { sqlJournal } from "../adapters/postgres/journal.ts";
import { sqlPolicy } from "../adapters/postgres/policy.ts";
import { sqlPositions } from "../adapters/postgres/positions.ts";
import type { Queryable } from "../adapters/postgres/queryable.ts";
import { sqlState } from "../adapters/postgres/state.ts";
import { sqlStrategies } from "../adapters/postgres/strategies.ts";
import type { Config } from "../config.ts";
import type { EngineStores } from "../engine/engine.ts";
import type { PolicyStore } from "../ports/policy-store.ts";
import { CLUSTER_TEMPLATES } from "../process/cache-folder.ts";
import type { Cleanups } from "../process/cleanups.ts";

/** Opens the stores that the settings name. Those on servers are not connected yet: `readyStores` does that. */
export async function openStores(config: Config, cleanups: Cleanups): Promise<EngineStores> {
  const db = await openDatabase(config);
  cleanups.add(() => db.close());
  const stores = {
    strategies: sqlStrategies(db),
    policy: config.redisUrl === undefined ? sqlPolicy(db) : await openRedis(config.redisUrl),
    journal: sqlJournal(db),
    positions: sqlPositions(db),
  };
  for (const store of Object.values(stores)) {
    cleanups.add(() => store.close());
  }
  return { ...stores, state: sqlState(db) };
}

/** Clients are loaded only where they are used: a start waits for nothing that it does not need. */
async function openDatabase({ databaseUrl, dataDir }: Config): Promise<Queryable> {
  if (databaseUrl !== undefined) {
    const { openPostgres } = await import("../adapters/postgres/pool.ts");
    return openPostgres(databaseUrl);
  }
  const { openPglite } = await import("../adapters/postgres/pglite.ts");
  return openPglite({ dataDir, templates: CLUSTER_TEMPLATES });
}

async function openRedis(url: string): Promise<PolicyStore> {
  const { redisPolicy } = await import("../adapters/redis/policy.ts");
  return redisPolicy({ url });
}

/** Connects and migrates. Fails with `unavailable` where one cannot be reached, and may then be called again. */
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
