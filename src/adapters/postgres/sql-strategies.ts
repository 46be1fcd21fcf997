import { createChanges } from "../../domain/changes.ts";
import { RuntimeError } from "../../domain/errors.ts";
import type { StoredStrategy } from "../../domain/strategy.ts";
import type {
  StrategyCursor,
  StrategyRepository,
  StrategyWrite,
  StrategyWriteResult,
} from "../../ports/strategy-repository.ts";
import { guarded } from "./faults.ts";
import { type Fence, UNFENCED } from "./fence.ts";
import { migrate } from "./migrate.ts";
import { chunked, PAGE_ROWS } from "./pages.ts";
import type { Queryable } from "./queryable.ts";
import { strategyChanges } from "./strategy-changes.ts";
import { type StrategyRow, storedOf } from "./strategy-row.ts";
import {
  CHANGED,
  DELETE,
  LIST_ALL,
  LIST_BY_STATUS,
  READ_BY_ID,
  SAVE,
  SET_STATUS,
  TOUCH,
  VERSIONS,
  writesJson,
} from "./strategy-sql.ts";

const SAVE_CHUNK = 250;

type Fate = "deleted" | "active";

/**
 * Strategies in the table sg_strategies, which others may write too. The client stays open when
 * this is closed.
 */
export function sqlStrategies(client: Queryable, fence: Fence = UNFENCED): StrategyRepository {
  const db = guarded(client);
  const changes = createChanges();
  const marked = strategyChanges(db);
  let unlisten: (() => Promise<void>) | undefined;

  return {
    async ready() {
      await migrate(client);
      unlisten ??= await db.listen?.(CHANGED, (heard) => {
        if (heard === "break") {
          marked.forget();
        }
        changes.notify();
      });
    },
    byStatus: (statuses) => marked.all(statuses),
    changedSince: (statuses, mark, take) => marked.since(statuses, mark, take),
    get: (ids) => readByIds(db, ids),
    list: (page) => listPage(db, page),
    async save(writes, time) {
      refuseTwice(writes);
      const results: StrategyWriteResult[] = [];
      for (const chunk of chunked(writes, SAVE_CHUNK)) {
        results.push(...(await saveChunk(db, fence, chunk, time)));
      }
      notifyUnlessHeard(results.length > 0);
      return results;
    },
    async setStatus(strategyId, status, reason, time) {
      const params = [strategyId, status, reason, time];
      const { rows } = await fence.write((epoch) => db.query<StrategyRow>(SET_STATUS, [...params, epoch]));
      notifyUnlessHeard(rows.length > 0);
      return rows[0] && storedOf(rows[0]);
    },
    async delete(strategyId, reason, time) {
      const params = [strategyId, reason, time];
      const { rows } = await fence.write((epoch) => db.query<{ readonly fate: Fate }>(DELETE, [...params, epoch]));
      notifyUnlessHeard(rows[0]?.fate === "deleted");
      return rows[0]?.fate;
    },
    touch: (executions) => touchAll(db, fence, executions),
    changes: (signal) => changes.watch(signal),
    async close() {
      changes.end();
      const stop = unlisten;
      unlisten = undefined;
      await stop?.();
    },
  };

  /** A client that cannot listen hears of this process's changes at least. */
  function notifyUnlessHeard(changed: boolean): void {
    if (changed && db.listen === undefined) {
      changes.notify();
    }
  }
}

function refuseTwice(writes: readonly StrategyWrite[]): void {
  if (new Set(writes.map(({ config }) => config.strategyId)).size !== writes.length) {
    throw new RuntimeError("internal", "a strategy id comes twice in one save; write it once");
  }
}

async function listPage(
  db: Queryable,
  { status, after, limit }: Parameters<StrategyRepository["list"]>[0],
): Promise<readonly StoredStrategy[]> {
  const cursor = [rankOf(after), after?.strategyId ?? ""];
  const { rows } =
    status === undefined
      ? await db.query<StrategyRow>(LIST_ALL, [...cursor, limit])
      : await db.query<StrategyRow>(LIST_BY_STATUS, [...cursor, limit, status]);
  return rows.map(storedOf);
}

async function readByIds(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, StoredStrategy>> {
  const found = new Map<string, StoredStrategy>();
  for (const chunk of chunked(ids, PAGE_ROWS)) {
    const { rows } = await db.query<StrategyRow>(READ_BY_ID, [chunk]);
    for (const stored of rows.map(storedOf)) {
      found.set(stored.strategyId, stored);
    }
  }
  return found;
}

async function touchAll(db: Queryable, fence: Fence, executions: ReadonlyMap<string, number>): Promise<void> {
  for (const chunk of chunked([...executions], PAGE_ROWS)) {
    const [ids, times] = [chunk.map(([id]) => id), chunk.map(([, time]) => time)];
    await fence.write((epoch) => db.query(TOUCH, [ids, times, epoch]));
  }
}

/** fitness_rank of the cursor's place; below all others where there is no cursor. */
function rankOf(after: StrategyCursor | undefined): number {
  if (after === undefined) {
    return Number.NEGATIVE_INFINITY;
  }
  const score = after.fitnessScore;
  return score !== undefined && Number.isFinite(score) ? -score : Number.POSITIVE_INFINITY;
}

async function saveChunk(
  db: Queryable,
  fence: Fence,
  writes: readonly StrategyWrite[],
  time: number,
): Promise<readonly StrategyWriteResult[]> {
  const { rows } = await fence.write((epoch) => db.query<StrategyRow>(SAVE, [writesJson(writes), time, epoch]));
  const written = new Map(rows.map(storedOf).map((stored) => [stored.strategyId, stored]));
  const refused = writes.map(({ config }) => config.strategyId).filter((id) => !written.has(id));
  const versions = refused.length === 0 ? new Map<string, number>() : await versionsOf(db, refused);
  return writes.map(({ config }) => {
    const stored = written.get(config.strategyId);
    return stored ? { stored } : { conflict: { found: versions.get(config.strategyId) ?? 0 } };
  });
}

async function versionsOf(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ readonly strategy_id: string; readonly version: number }>(VERSIONS, [ids]);
  return new Map(rows.map((row) => [row.strategy_id, row.version]));
}
