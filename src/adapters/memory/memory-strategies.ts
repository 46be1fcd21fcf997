import { createChanges } from "../../domain/changes.ts";
import { compareCodePoints } from "../../domain/decision.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { STATUSES, type Status, type StoredStrategy, toDraft } from "../../domain/strategy.ts";
import type {
  StrategyCursor,
  StrategyRepository,
  StrategyWrite,
  StrategyWriteResult,
} from "../../ports/strategy-repository.ts";

export interface MemoryStrategiesOptions {
  /** What the store holds at first, as others would have written it: it need not be valid. */
  readonly stored?: readonly StoredStrategy[];
}

/** A status set, or a strategy deleted, with the reason given for it. */
export interface StatusNote {
  readonly strategyId: string;
  readonly status: Status | "DELETED";
  readonly reason: string;
  readonly time: number;
}

export interface MemoryStrategies extends StrategyRepository {
  /** The status history, oldest first. */
  readonly notes: readonly StatusNote[];
  /** Puts a row there as another writer would. */
  plant(stored: StoredStrategy): void;
  /** Takes a row away as another writer would. */
  remove(strategyId: string): void;
}

/** Strategies that live as long as the process. */
export function memoryStrategies(options: MemoryStrategiesOptions = {}): MemoryStrategies {
  const rows = new Map((options.stored ?? []).map((stored) => [stored.strategyId, stored]));
  /** When each row was changed or removed last, counted in changes. */
  const changedAt = new Map<string, number>();
  let revision = 0;
  const notes: StatusNote[] = [];
  const changes = createChanges();

  function note(strategyId: string): void {
    revision++;
    changedAt.set(strategyId, revision);
  }

  function withStatus(statuses: readonly Status[]): readonly StoredStrategy[] {
    return [...rows.values()].filter((row) => hasStatus(row, statuses)).sort(compareStored);
  }

  function write({ config, expectedVersion }: StrategyWrite, time: number): StrategyWriteResult {
    const before = rows.get(config.strategyId);
    const found = before?.version ?? 0;
    if (found !== expectedVersion) {
      return { conflict: { found } };
    }
    const stored: StoredStrategy = {
      strategyId: config.strategyId,
      draft: toDraft(config),
      version: found + 1,
      createdAt: before?.createdAt ?? time,
      updatedAt: time,
      ...(before?.lastExecutedAt !== undefined && { lastExecutedAt: before.lastExecutedAt }),
    };
    rows.set(config.strategyId, stored);
    note(config.strategyId);
    return { stored };
  }

  return {
    notes,
    plant(stored) {
      rows.set(stored.strategyId, stored);
      note(stored.strategyId);
      changes.notify();
    },
    remove(strategyId) {
      rows.delete(strategyId);
      note(strategyId);
      changes.notify();
    },
    async ready() {},
    async byStatus(statuses) {
      return withStatus(statuses);
    },
    async changedSince(statuses, mark, take) {
      const all = [...rows.values()].filter((row) => hasStatus(row, statuses) || isStray(row)).sort(compareStored);
      const handed = async (strategies: readonly StoredStrategy[]) => {
        await take?.(strategies);
        return take === undefined ? strategies : [];
      };
      const now = String(revision);
      if (mark === undefined) {
        return { complete: true, strategies: await handed(all), gone: [], mark: now };
      }
      const changed = new Set([...changedAt].filter(([, at]) => at > Number(mark)).map(([id]) => id));
      const strategies = all.filter(({ strategyId }) => changed.has(strategyId));
      const there = new Set(strategies.map(({ strategyId }) => strategyId));
      const gone = [...changed].filter((id) => !there.has(id));
      return { complete: false, strategies: await handed(strategies), gone, mark: now };
    },
    async get(ids) {
      return new Map(ids.flatMap((id) => entry(rows, id)));
    },
    async list({ status, after, limit }) {
      return [...rows.values()]
        .filter((row) => status === undefined || hasStatus(row, [status]))
        .filter((row) => after === undefined || comparePlaces(placeOf(row), after) > 0)
        .sort(compareStored)
        .slice(0, limit);
    },
    async save(writes, time) {
      if (new Set(writes.map(({ config }) => config.strategyId)).size !== writes.length) {
        throw new RuntimeError("internal", "a strategy id comes twice in one save; write it once");
      }
      const results = writes.map((one) => write(one, time));
      if (results.some((result) => "stored" in result)) {
        changes.notify();
      }
      return results;
    },
    async setStatus(strategyId, status, reason, time) {
      const before = rows.get(strategyId);
      if (before?.draft === undefined || before.draft.status === status) {
        return before;
      }
      const after = { ...before, draft: { ...before.draft, status }, version: before.version + 1, updatedAt: time };
      rows.set(strategyId, after);
      note(strategyId);
      notes.push({ strategyId, status, reason, time });
      changes.notify();
      return after;
    },
    async delete(strategyId, reason, time) {
      const row = rows.get(strategyId);
      if (row === undefined) {
        return undefined;
      }
      if (hasStatus(row, ["LIVE", "SHADOW"])) {
        return "active";
      }
      rows.delete(strategyId);
      note(strategyId);
      notes.push({ strategyId, status: "DELETED", reason, time });
      changes.notify();
      return "deleted";
    },
    async touch(executions) {
      for (const [id, time] of executions) {
        const row = rows.get(id);
        if (row !== undefined && time > (row.lastExecutedAt ?? Number.NEGATIVE_INFINITY)) {
          rows.set(id, { ...row, lastExecutedAt: time });
        }
      }
    },
    changes: (signal) => changes.watch(signal),
    async close() {
      changes.end();
    },
  };
}

function entry(rows: ReadonlyMap<string, StoredStrategy>, id: string): readonly [string, StoredStrategy][] {
  const row = rows.get(id);
  return row === undefined ? [] : [[id, row]];
}

/** A row that cannot be read as a draft has no status here; SQL stores know it still. */
function hasStatus(row: StoredStrategy, statuses: readonly Status[]): boolean {
  return row.draft === undefined || statuses.some((status) => status === row.draft?.status);
}

/** Whether the status is none that there is. */
function isStray(row: StoredStrategy): boolean {
  return !hasStatus(row, STATUSES);
}

function placeOf(row: StoredStrategy): StrategyCursor {
  const score = row.draft?.fitnessScore;
  return { strategyId: row.strategyId, ...(score !== undefined && { fitnessScore: score }) };
}

function compareStored(a: StoredStrategy, b: StoredStrategy): number {
  return comparePlaces(placeOf(a), placeOf(b));
}

/** Best fitness first, those without a readable one last, then by id. */
function comparePlaces(a: StrategyCursor, b: StrategyCursor): number {
  const [x, y] = [rank(a), rank(b)];
  return x < y ? -1 : x > y ? 1 : compareCodePoints(a.strategyId, b.strategyId);
}

function rank({ fitnessScore }: StrategyCursor): number {
  return fitnessScore !== undefined && Number.isFinite(fitnessScore) ? -fitnessScore : Number.POSITIVE_INFINITY;
}
