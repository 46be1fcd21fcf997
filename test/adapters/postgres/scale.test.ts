import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/sql-strategies.ts";
import {
  allByStatus,
  CHANGED_SINCE,
  GONE_SINCE,
  LIST_BY_STATUS,
  MOMENT,
  NO_SORT,
} from "../../../src/adapters/postgres/strategy-sql.ts";
import type { StrategyRepository } from "../../../src/ports/strategy-repository.ts";
import { startPostgres } from "../../provide/postgres.ts";
import type { PrivateServer } from "../../provide/server.ts";

const COUNT = 100_000;
const ACTIVE = ["LIVE", "SHADOW"] as const;

/** A hundredth of them SHADOW, a tenth DISABLED. */
const FILL = `
  INSERT INTO sg_strategies (strategy_id, name, status, entry_indicators, base_size_usd, stop_loss_pct, take_profit_pct,
    fitness_score, allowed_regimes, labels)
  SELECT 's-' || i, 'strategy ' || i,
    CASE WHEN i % 100 = 0 THEN 'SHADOW' WHEN i % 10 = 5 THEN 'DISABLED' ELSE 'LIVE' END,
    '[{"name": "RSI_14", "operator": "<", "value": 30, "timeframe": "1h"},
      {"name": "CLOSE", "operator": ">", "indicator": "EMA_50", "timeframe": "4h"}]',
    1000, 0.02, 0.05, i % 997 / 997.0, '{bull,bear}', '{"family": "rsi"}'
  FROM generate_series(1, ${COUNT}) AS i`;

let server: PrivateServer;
let db: Queryable;
let strategies: StrategyRepository;

beforeAll(async () => {
  server = await startPostgres();
  db = openPostgres(server.url);
  strategies = sqlStrategies(db);
  await strategies.ready();
  await db.transaction((tx) => tx.query(FILL), { statementTimeoutMs: 60_000 });
});

afterAll(async () => {
  await db?.close();
  await server?.close();
});

/** How often other work has its turn while this goes on. */
async function turnsWhile(work: () => Promise<void>): Promise<number> {
  let turns = 0;
  let next: NodeJS.Immediate;
  const turn = () => {
    turns++;
    next = setImmediate(turn);
  };
  next = setImmediate(turn);
  await work();
  clearImmediate(next);
  return turns;
}

describe("a hundred thousand strategies", () => {
  it("are read a few hundred at a time, and other work has its turn in between", { timeout: 120_000 }, async () => {
    let largest = 0;
    let pages = 0;
    const take = async (page: readonly unknown[]) => {
      pages++;
      largest = Math.max(largest, page.length);
    };
    const turns = await turnsWhile(async () => {
      expect(await strategies.changedSince(ACTIVE, undefined, take)).toMatchObject({ complete: true, strategies: [] });
    });
    expect(largest).toBeLessThanOrEqual(500);
    expect(pages * largest).toBeGreaterThanOrEqual(COUNT * 0.9);
    expect(turns).toBeGreaterThanOrEqual(pages - 1);
  });

  it("are read as of one moment, whatever is committed meanwhile", { timeout: 120_000 }, async () => {
    const sizes = new Set<number>();
    for (let round = 1; round <= 5; round++) {
      const writing = new AbortController();
      const writer = (async () => {
        while (!writing.signal.aborted) {
          await db.query("UPDATE sg_strategies SET base_size_usd = base_size_usd + 1 WHERE status = 'SHADOW'");
        }
      })();
      const shadow = await strategies.byStatus(["SHADOW"]);
      writing.abort();
      await writer;
      expect(shadow).toHaveLength(COUNT / 100);
      const found = new Set(shadow.map((one) => one.draft?.baseSizeUsd ?? 0));
      expect(found.size).toBe(1);
      sizes.add([...found][0] ?? 0);
    }
    expect(sizes.size).toBeGreaterThan(1);
  });

  it("are read again only where they changed", async () => {
    const { mark } = await strategies.changedSince(["SHADOW"]);
    await db.query("UPDATE sg_strategies SET name = 'changed' WHERE strategy_id IN ('s-100', 's-200', 's-1')");
    const { strategies: changed, gone, complete } = await strategies.changedSince(["SHADOW"], mark);
    expect(complete).toBe(false);
    expect(changed.map((one) => one.strategyId).toSorted()).toEqual(["s-100", "s-200"]);
    expect(gone).toEqual(["s-1"]);
  });

  it("are found through an index by status, fitness and change", async () => {
    await db.query("ANALYZE sg_strategies");
    const page = await plan(LIST_BY_STATUS, [-0.5, "s-5", 100, "LIVE"]);
    expect(page).toContain("Index Scan using sg_strategies_by_status_and_fitness");
    expect(page).not.toContain("Sort");
    const all = await plan(allByStatus(2, true), ACTIVE, NO_SORT);
    expect(all.match(/Index Scan using sg_strategies_by_status_and_fitness/g)).toHaveLength(2);
    expect(all).toContain("Index Scan using sg_strategies_strays");
    expect(all).toContain("Merge Append");
    for (const text of [page, all]) {
      expect(text).not.toContain("Seq Scan");
    }
  });

  it.each(["without statistics", "with statistics"])("are looked through for changes by an index, %s", async (when) => {
    if (when === "with statistics") {
      await db.query("ANALYZE sg_strategies");
    }
    const { rows } = await db.query<{ oldest: string }>(MOMENT);
    const changed = await plan(CHANGED_SINCE, [ACTIVE, rows[0]?.oldest], MOMENT);
    const gone = await plan(GONE_SINCE, [ACTIVE, rows[0]?.oldest], MOMENT);
    for (const text of [changed, gone]) {
      expect(text).toContain("Index Scan using sg_strategies_by_change");
      expect(text).not.toMatch(/Seq Scan|by_status_and_fitness/);
    }
  });

  function plan(text: string, params: readonly unknown[], first = "SELECT 1"): Promise<string> {
    return db.transaction(async (tx) => {
      await tx.query(first);
      // The planner makes other plans for a cursor, through which all of these are read.
      const cursor = `EXPLAIN DECLARE pages NO SCROLL CURSOR FOR ${text}`;
      const { rows } = await tx.query<{ "QUERY PLAN": string }>(cursor, params);
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    });
  }
});

describe("a change that is committed late", () => {
  it("is not missed by a reader who has seen later ones", async () => {
    const begun = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<void>();
    const late = db.transaction(async (tx) => {
      await tx.query("UPDATE sg_strategies SET name = 'late' WHERE strategy_id = 's-300'");
      await tx.query("DELETE FROM sg_strategies WHERE strategy_id = 's-400'");
      begun.resolve();
      await seen.promise;
    });
    await begun.promise;
    const { mark: first } = await strategies.changedSince(["SHADOW"]);
    await db.query("UPDATE sg_strategies SET name = 'early' WHERE strategy_id = 's-500'");
    const early = await strategies.changedSince(["SHADOW"], first);
    expect(early.strategies.map((one) => one.strategyId)).toEqual(["s-500"]);
    seen.resolve();
    await late;
    const { strategies: changed, gone } = await strategies.changedSince(["SHADOW"], early.mark);
    expect(changed.map((one) => one.draft?.name)).toContain("late");
    expect(gone).toEqual(["s-400"]);
  });
});

describe("the table of those gone", () => {
  it("notes a renamed one, and all of a truncated table", async () => {
    const { mark } = await strategies.changedSince(["SHADOW"]);
    await db.query("UPDATE sg_strategies SET strategy_id = 'renamed' WHERE strategy_id = 's-600'");
    const { strategies: changed, gone } = await strategies.changedSince(["SHADOW"], mark);
    expect(changed.map((one) => one.strategyId)).toEqual(["renamed"]);
    expect(gone).toEqual(["s-600"]);
    await db.transaction((tx) => tx.query("TRUNCATE sg_strategies"), { statementTimeoutMs: 60_000 });
    const after = await strategies.changedSince(["SHADOW"], mark);
    expect(after.strategies).toEqual([]);
    expect(after.gone.length).toBeGreaterThan(COUNT - 10);
    expect(after.gone).toContain("renamed");
  });

  it("is followed no further back than it reaches", async () => {
    const { mark } = await strategies.changedSince(["SHADOW"]);
    const old = JSON.stringify({ ...JSON.parse(mark), time: JSON.parse(mark).time - 13 * 3_600_000 });
    expect((await strategies.changedSince(["SHADOW"], old)).complete).toBe(true);
    const reach =
      "SELECT count(*) FILTER (WHERE gone_at < now() - interval '1 day')::integer AS old FROM sg_strategies_gone";
    await db.query(
      "UPDATE sg_strategies_gone SET gone_at = now() - interval '25 hours' WHERE strategy_id LIKE 's-11%'",
    );
    expect((await db.query(reach)).rows).toEqual([{ old: 1_111 }]);
    await db.query("DELETE FROM sg_strategies WHERE strategy_id = 'any'");
    expect((await db.query(reach)).rows).toEqual([{ old: 0 }]);
  });
});
