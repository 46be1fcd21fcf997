import { createChanges } from "../../domain/changes.ts";
import { compareCodePoints } from "../../domain/decision.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { STATUSES, type Status, type StoredStrategy, toDraft } from "../../domain/strategy.ts";
import type {
  StrategyChanges,
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
  const changes = createChanges();
  const rows = new Rows(options.stored ?? [], () => changes.notify());
  const notes: StatusNote[] = [];

  return {
    notes,
    plant: (stored) => rows.put(stored),
    remove: (strategyId) => rows.remove(strategyId),
    async ready() {},
    byStatus: async (statuses) => rows.where((row) => hasStatus(row, statuses)),
    async changedSince(statuses, mark, take) {
      const { strategies, ...changed } = rows.since(statuses, mark);
      await take?.(strategies);
      return { ...changed, strategies: take === undefined ? strategies : [] };
    },
    get: async (ids) => rows.byIds(ids),
    async list({ status, after, limit }) {
      const isOnPage = (row: StoredStrategy) =>
        (status === undefined || hasStatus(row, [status])) &&
        (after === undefined || comparePlaces(placeOf(row), after) > 0);
      return rows.where(isOnPage).slice(0, limit);
    },
    async save(writes, time) {
      refuseTwice(writes);
      return writes.map((one) => rows.write(one, time));
    },
    async setStatus(strategyId, status, reason, time) {
      const { row, isChanged } = rows.setStatus(strategyId, status, time);
      if (isChanged) {
        notes.push({ strategyId, status, reason, time });
      }
      return row;
    },
    async delete(strategyId, reason, time) {
      const fate = rows.delete(strategyId);
      if (fate === "deleted") {
        notes.push({ strategyId, status: "DELETED", reason, time });
      }
      return fate;
    },
    async touch(executions) {
      for (const [id, time] of executions) {
        rows.touch(id, time);
      }
    },
    changes: (signal) => changes.watch(signal),
    async close() {
      changes.end();
    },
  };
}

function refuseTwice(writes: readonly StrategyWrite[]): void {
  if (new Set(writes.map(({ config }) => config.strategyId)).size !== writes.length) {
    throw new RuntimeError("internal", "a strategy id comes twice in one save; write it once");
  }
}

/** The stored strategies, and which of them changed when. */
class Rows {
  readonly #rows: Map<string, StoredStrategy>;
  /** When each row was changed or removed last, counted in changes. */
  readonly #changedAt = new Map<string, number>();
  readonly #onChange: () => void;
  #revision = 0;

  constructor(stored: readonly StoredStrategy[], onChange: () => void) {
    this.#onChange = onChange;
    this.#rows = new Map(stored.map((row) => [row.strategyId, row]));
  }

  /** What changed since a mark, or everything, and the mark of now. */
  since(statuses: readonly Status[], mark: string | undefined): StrategyChanges {
    const all = this.where((row) => hasStatus(row, statuses) || isStray(row));
    const now = String(this.#revision);
    if (mark === undefined) {
      return { complete: true, strategies: all, gone: [], mark: now };
    }
    const changed = new Set([...this.#changedAt].filter(([, at]) => at > Number(mark)).map(([id]) => id));
    const strategies = all.filter(({ strategyId }) => changed.has(strategyId));
    const there = new Set(strategies.map(({ strategyId }) => strategyId));
    return { complete: false, strategies, gone: [...changed].filter((id) => !there.has(id)), mark: now };
  }

  byIds(ids: readonly string[]): ReadonlyMap<string, StoredStrategy> {
    const found = ids.map((id) => this.#rows.get(id)).filter((row) => row !== undefined);
    return new Map(found.map((row) => [row.strategyId, row]));
  }

  /** In the order of lists. */
  where(isWanted: (row: StoredStrategy) => boolean): readonly StoredStrategy[] {
    return [...this.#rows.values()].filter(isWanted).sort(compareStored);
  }

  put(row: StoredStrategy): void {
    this.#rows.set(row.strategyId, row);
    this.#note(row.strategyId);
  }

  remove(strategyId: string): void {
    this.#rows.delete(strategyId);
    this.#note(strategyId);
  }

  setStatus(strategyId: string, status: Status, time: number): { row: StoredStrategy | undefined; isChanged: boolean } {
    const before = this.#rows.get(strategyId);
    if (before?.draft === undefined || before.draft.status === status) {
      return { row: before, isChanged: false };
    }
    const row = { ...before, draft: { ...before.draft, status }, version: before.version + 1, updatedAt: time };
    this.put(row);
    return { row, isChanged: true };
  }

  /** What became of it; undefined where there is none. */
  delete(strategyId: string): "active" | "deleted" | undefined {
    const row = this.#rows.get(strategyId);
    if (row === undefined) {
      return undefined;
    }
    if (hasStatus(row, ["LIVE", "SHADOW"])) {
      return "active";
    }
    this.remove(strategyId);
    return "deleted";
  }

  write({ config, expectedVersion }: StrategyWrite, time: number): StrategyWriteResult {
    const before = this.#rows.get(config.strategyId);
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
    this.put(stored);
    return { stored };
  }

  /** Is no change of the strategy. */
  touch(strategyId: string, time: number): void {
    const row = this.#rows.get(strategyId);
    if (row !== undefined && time > (row.lastExecutedAt ?? Number.NEGATIVE_INFINITY)) {
      this.#rows.set(strategyId, { ...row, lastExecutedAt: time });
    }
  }

  #note(strategyId: string): void {
    this.#revision++;
    this.#changedAt.set(strategyId, this.#revision);
    this.#onChange();
  }
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
