import { RuntimeError } from "../../domain/errors.ts";
import type { ExitReason } from "../../domain/exit.ts";
import { type ClosedPosition, isClosed, type Position } from "../../domain/position.ts";
import type { Side } from "../../domain/strategy.ts";
import type { PositionBook, Rejection } from "../../ports/position-book.ts";
import { guarded } from "./faults.ts";
import { type Fence, UNFENCED } from "./fence.ts";
import { migrate } from "./migrate.ts";
import { chunked, PAGE_ROWS, readPages, rowsOf } from "./pages.ts";
import {
  CLOSED,
  CLOSED_AFTER,
  GET,
  LAST_CLOSE_SEQUENCE,
  OPEN,
  PUT,
  REJECT,
  REJECTION,
  SETTLED,
} from "./position-sql.ts";
import type { Queryable } from "./queryable.ts";
import { NO_SORT } from "./strategy-sql.ts";

interface PositionRow {
  readonly position_id: string;
  readonly strategy_id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly decision_id: string | null;
  readonly size_usd: number;
  readonly entry_price: number;
  readonly opened_at: number;
  readonly exit_price: number | null;
  readonly closed_at: number | null;
  readonly fees_usd: number;
  readonly close_sequence: number | null;
  readonly exit_reason: ExitReason | null;
}

/**
 * Positions and rejections in the tables sg_positions and sg_rejections. The client stays open when
 * this is closed.
 */
export function sqlPositions(client: Queryable, fence: Fence = UNFENCED): PositionBook {
  const db = guarded(client);

  async function read(text: string, params: readonly unknown[]): Promise<Position[]> {
    const { rows } = await db.query<PositionRow>(text, params);
    return rows.map(positionOf);
  }

  async function readClosed(text: string, params: readonly unknown[]): Promise<ClosedPosition[]> {
    return (await read(text, params)).filter(isClosed);
  }

  return {
    ready: () => migrate(client),
    async get(positionId) {
      return (await read(GET, [positionId]))[0];
    },
    async put(position) {
      const { rows } = await fence.write((epoch) => db.query(PUT, [...columnsOf(position), epoch]));
      if (rows.length === 0) {
        throw new RuntimeError("aborted", `position ${position.positionId} is closed, and cannot be opened again`);
      }
    },
    open: () => readPages((last, size) => read(OPEN, [last?.positionId ?? "", size])),
    closed: (strategyId, start, end) => closedBetween(db, [strategyId, start ?? null, end ?? null]),
    closedAfter(sequence, limit, strategyIds = []) {
      const ids = strategyIds.length === 0 ? null : strategyIds;
      return readPages((last, size) => readClosed(CLOSED_AFTER, [last?.closeSequence ?? sequence, size, ids]), limit);
    },
    async lastCloseSequence() {
      const { rows } = await db.query<{ readonly last: number }>(LAST_CLOSE_SEQUENCE);
      return rows[0]?.last ?? 0;
    },
    async reject({ decisionId, reason, time }) {
      await fence.write((epoch) => db.query(REJECT, [decisionId, reason, time, epoch]));
    },
    async rejection(decisionId) {
      return (await db.query<Rejection>(REJECTION, [decisionId])).rows[0];
    },
    settled: (decisionIds) => settledOf(db, decisionIds),
    async close() {},
  };
}

/**
 * As one statement, a page at a time: without statistics, which an embedded database never makes,
 * each page would sort all that is left. `params`: strategy, start, end.
 */
function closedBetween(db: Queryable, params: readonly unknown[]): Promise<readonly ClosedPosition[]> {
  return db.transaction(async (tx) => {
    await tx.query(NO_SORT);
    const all: ClosedPosition[] = [];
    for await (const rows of rowsOf<PositionRow>(tx, CLOSED, params, PAGE_ROWS)) {
      all.push(...rows.map(positionOf).filter(isClosed));
    }
    return all;
  });
}

async function settledOf(db: Queryable, decisionIds: readonly string[]): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const some of chunked(decisionIds, PAGE_ROWS)) {
    for (const { decision_id } of (await db.query<{ readonly decision_id: string }>(SETTLED, [some])).rows) {
      ids.add(decision_id);
    }
  }
  return ids;
}

function positionOf(row: PositionRow): Position {
  return {
    positionId: row.position_id,
    strategyId: row.strategy_id,
    symbol: row.symbol,
    side: row.side,
    ...(row.decision_id !== null && { decisionId: row.decision_id }),
    sizeUsd: row.size_usd,
    entryPrice: row.entry_price,
    openedAt: row.opened_at,
    ...(row.exit_price !== null && { exitPrice: row.exit_price }),
    ...(row.closed_at !== null && { closedAt: row.closed_at }),
    feesUsd: row.fees_usd,
    ...(row.close_sequence !== null && { closeSequence: row.close_sequence }),
    ...(row.exit_reason !== null && { exitReason: row.exit_reason }),
  };
}

function columnsOf(position: Position): readonly unknown[] {
  return [
    position.positionId,
    position.strategyId,
    position.symbol,
    position.side,
    position.decisionId ?? null,
    position.sizeUsd,
    position.entryPrice,
    position.openedAt,
    position.exitPrice ?? null,
    position.closedAt ?? null,
    position.feesUsd,
    position.closeSequence ?? null,
    position.exitReason ?? null,
  ];
}
