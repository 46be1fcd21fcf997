import { randomUUID } from "node:crypto";
import type { Status, StoredStrategy } from "../../domain/strategy.ts";
import type { StrategyChanges, TakePage } from "../../ports/strategy-repository.ts";
import { rowsOf } from "./pages.ts";
import type { Queryable, Statements } from "./queryable.ts";
import { type StrategyRow, storedOf } from "./strategy-row.ts";
import { allByStatus, CHANGED_SINCE, GONE_SINCE, MOMENT, NO_SORT, ONE_MOMENT } from "./strategy-sql.ts";

/** A page is decoded in one turn of the event loop; this many strategies take a few ms. */
const PAGE_STRATEGIES = 400;
const PAGE_IDS = 10_000;

/** Half of the day that the table of those gone reaches back. */
const MARK_AGE_MS = 12 * 3_600_000;

/**
 * What a mark says: from which transaction on changes may not have been seen, and when it was made.
 */
interface Mark {
  /**
   * Transaction numbers count within one server's life; a break may be the start of another, such
   * as a replica's.
   */
  readonly era: string;
  /** The oldest transaction that was open then. */
  readonly oldest: string;
  /** The server's time, ms. */
  readonly time: number;
}

export interface StrategyReader {
  all(statuses: readonly Status[]): Promise<readonly StoredStrategy[]>;
  since(statuses: readonly Status[], mark?: string, take?: TakePage): Promise<StrategyChanges>;
  /** Makes all marks given so far void. */
  forget(): void;
}

/** Reads many strategies as of one moment, a page at a time. */
export function strategyChanges(db: Queryable): StrategyReader {
  let era: string = randomUUID();

  return {
    all: (statuses) =>
      atOneMoment(db, async (tx) => {
        const all: StoredStrategy[] = [];
        await readAll(tx, statuses, false, into(all));
        return all;
      }),
    since(statuses, given, take) {
      return atOneMoment(db, async (tx) => {
        const { rows } = await tx.query<Omit<Mark, "era">>(MOMENT);
        const strategies: StoredStrategy[] = [];
        const now = rows[0] ?? { oldest: "0", time: 0 };
        const mark = JSON.stringify({ era, ...now } satisfies Mark);
        const before = given === undefined ? undefined : (JSON.parse(given) as Mark);
        if (before === undefined || before.era !== era || now.time - before.time > MARK_AGE_MS) {
          await readAll(tx, statuses, true, take ?? into(strategies));
          return { complete: true, strategies, gone: [], mark };
        }
        const params = [statuses, before.oldest];
        await readStrategies(tx, CHANGED_SINCE, params, take ?? into(strategies));
        return { complete: false, strategies, gone: await readGone(tx, params), mark };
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

async function readAll(tx: Statements, statuses: readonly Status[], strays: boolean, take: TakePage): Promise<void> {
  const wanted = [...new Set(statuses)];
  if (wanted.length > 0 || strays) {
    await tx.query(NO_SORT);
    await readStrategies(tx, allByStatus(wanted.length, strays), wanted, take);
  }
}

async function readStrategies(tx: Statements, text: string, params: readonly unknown[], take: TakePage): Promise<void> {
  for await (const rows of rowsOf<StrategyRow>(tx, text, params, PAGE_STRATEGIES)) {
    await take(rows.map(storedOf));
  }
}

function into(all: StoredStrategy[]): TakePage {
  return async (page) => {
    for (const stored of page) {
      all.push(stored);
    }
  };
}

async function readGone(tx: Statements, params: readonly unknown[]): Promise<readonly string[]> {
  const all = new Set<string>();
  for await (const rows of rowsOf<{ readonly strategy_id: string }>(tx, GONE_SINCE, params, PAGE_IDS)) {
    for (const { strategy_id } of rows) {
      all.add(strategy_id);
    }
  }
  return [...all];
}
