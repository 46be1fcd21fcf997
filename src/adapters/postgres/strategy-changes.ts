import { randomUUID } from "node:crypto";
import type { Status, StoredStrategy } from "../../domain/strategy.ts";
import type { StrategyChanges } from "../../ports/strategy-repository.ts";
import { readPages } from "./pages.ts";
import type { Queryable, Statements } from "./queryable.ts";
import { type StrategyRow, storedOf } from "./strategy-row.ts";
import { CHANGED_SINCE, GONE_SINCE, MOMENT, ONE_MOMENT, READ_BY_STATUS } from "./strategy-sql.ts";

/** A page is decoded in one turn of the event loop; this many strategies take a few ms. */
const PAGE_STRATEGIES = 250;
const PAGE_IDS = 10_000;

/** Half of the day that the table of those gone reaches back. */
const MARK_AGE_MS = 12 * 3_600_000;

/** What a mark says: from which transaction on changes may not have been seen, and when it was made. */
interface Mark {
  /** Transaction numbers count within one server's life; a break may be the start of another, such as a replica's. */
  readonly era: string;
  /** The oldest transaction that was open then. */
  readonly oldest: string;
  /** The server's time, ms. */
  readonly time: number;
}

type Ranked = { readonly rank: number; readonly stored: StoredStrategy };
type Changed = { readonly changedIn: string; readonly stored: StoredStrategy };

export interface StrategyReader {
  all(statuses: readonly Status[]): Promise<readonly StoredStrategy[]>;
  since(statuses: readonly Status[], mark?: string): Promise<StrategyChanges>;
  /** Makes all marks given so far void. */
  forget(): void;
}

/** Reads many strategies as of one moment, a page at a time. */
export function strategyChanges(db: Queryable): StrategyReader {
  let era: string = randomUUID();

  return {
    all: (statuses) => atOneMoment(db, (tx) => readAll(tx, statuses)),
    since(statuses, given) {
      return atOneMoment(db, async (tx) => {
        const { rows } = await tx.query<Omit<Mark, "era">>(MOMENT);
        const now = rows[0] ?? { oldest: "0", time: 0 };
        const mark = JSON.stringify({ era, ...now } satisfies Mark);
        const before = given === undefined ? undefined : (JSON.parse(given) as Mark);
        if (before === undefined || before.era !== era || now.time - before.time > MARK_AGE_MS) {
          return { complete: true, strategies: await readAll(tx, statuses), gone: [], mark };
        }
        const strategies = await readChanged(tx, statuses, before.oldest);
        return { complete: false, strategies, gone: await readGone(tx, statuses, before.oldest), mark };
      });
    },
    forget() {
      era = randomUUID();
    },
  };
}

function atOneMoment<Result>(db: Queryable, read: (tx: Statements) => Promise<Result>): Promise<Result> {
  return db.transaction(async (tx) => {
    await tx.query(ONE_MOMENT);
    return await read(tx);
  });
}

async function readAll(tx: Statements, statuses: readonly Status[]): Promise<readonly StoredStrategy[]> {
  const wanted = [...new Set(statuses)];
  const found = await readPages<Ranked>(
    async (last, size) => {
      const cursor = last ? [last.rank, last.stored.strategyId] : [Number.NEGATIVE_INFINITY, ""];
      const page = await tx.query<StrategyRow & { readonly fitness_rank: number }>(READ_BY_STATUS, [
        wanted,
        ...cursor,
        size,
      ]);
      return page.rows.map((row) => ({ rank: row.fitness_rank, stored: storedOf(row) }));
    },
    { pageRows: PAGE_STRATEGIES },
  );
  return found.map(({ stored }) => stored);
}

async function readChanged(
  tx: Statements,
  statuses: readonly Status[],
  oldest: string,
): Promise<readonly StoredStrategy[]> {
  const found = await readPages<Changed>(
    async (last, size) => {
      const cursor = last ? [last.changedIn, last.stored.strategyId] : ["0", ""];
      const page = await tx.query<StrategyRow & { readonly changed_in: string }>(CHANGED_SINCE, [
        statuses,
        oldest,
        ...cursor,
        size,
      ]);
      return page.rows.map((row) => ({ changedIn: row.changed_in, stored: storedOf(row) }));
    },
    { pageRows: PAGE_STRATEGIES },
  );
  return found.map(({ stored }) => stored);
}

async function readGone(tx: Statements, statuses: readonly Status[], oldest: string): Promise<readonly string[]> {
  const found = await readPages<{ readonly strategy_id: string }>(
    async (last, size) =>
      (await tx.query<{ readonly strategy_id: string }>(GONE_SINCE, [statuses, oldest, last?.strategy_id ?? "", size]))
        .rows,
    { pageRows: PAGE_IDS },
  );
  return found.map((row) => row.strategy_id);
}
