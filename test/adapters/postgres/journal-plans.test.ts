import { expect, it } from "vitest";
import type { Queryable, Statements } from "../../../src/adapters/postgres/queryable.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { embeddedDatabase } from "./embedded.ts";

const opened = embeddedDatabase();

const FILL = `
  INSERT INTO sg_decisions (sequence, decision_id, strategy_id, strategy_version, symbol, side, timestamp, bar_close_time,
    valid_until, shadow, decision)
  SELECT i, 'd' || i, 's', 1, CASE i WHEN 50000 THEN 'last' ELSE 'S' || i % 3 END, 'LONG', now(), now(), now(), false, '{}'
  FROM generate_series(1, 50000) i`;

/** Rows that any part of the plan gave, a run of it. */
function rowsOf(plan: unknown): number {
  const { "Actual Rows": rows = 0, Plans = [] } = plan as { "Actual Rows"?: number; Plans?: readonly unknown[] };
  return Math.max(rows, ...Plans.map(rowsOf));
}

it("the journal is read in windows by its key: no statement looks through more, however much there is", async () => {
  const db = await opened();
  const plans: { readonly Plan: unknown }[] = [];
  const explained = (to: Statements): Statements => ({
    async query<Row>(text: string, params?: readonly unknown[]) {
      if (text.includes("sg_decisions")) {
        const { rows } = await to.query<Record<string, { readonly Plan: unknown }[]>>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
          params,
        );
        plans.push(...(rows[0]?.["QUERY PLAN"] ?? []));
      }
      return to.query<Row>(text, params);
    },
  });
  const watched: Queryable = {
    ...db,
    ...explained(db),
    transaction: (work, options) => db.transaction((tx) => work(explained(tx)), options),
  };
  await db.query(FILL);
  const journal = sqlJournal(watched);
  for (const query of [
    {},
    { after: 1_000 },
    { after: 1_000, upTo: 50_000 },
    { after: 9, upTo: 50_000, symbols: ["S1"] },
  ]) {
    expect(await journal.read({ ...query, includeShadow: false, limit: 200 })).toHaveLength(200);
  }
  expect(await journal.read({ symbols: ["none"], includeShadow: false, limit: 200 })).toEqual([]);
  expect(await journal.read({ symbols: ["last"], includeShadow: false, limit: 200 })).toHaveLength(1);
  expect(plans.length).toBeGreaterThan(8);
  for (const { Plan } of plans) {
    expect(JSON.stringify(Plan)).toContain("sg_decisions_pkey");
    expect(rowsOf(Plan)).toBeLessThanOrEqual(16_000);
  }
});

it("a read that nobody waits for any more ends within a window", async () => {
  const db = await opened();
  await db.query(FILL);
  let statements = 0;
  const stop = new AbortController();
  const watched: Queryable = {
    ...db,
    query(text, params) {
      statements++;
      stop.abort();
      return db.query(text, params);
    },
  };
  const journal = sqlJournal(watched);
  const query = { symbols: ["none"], includeShadow: true, limit: 200, signal: stop.signal };
  expect(await journal.read(query)).toEqual([]);
  expect(statements).toBe(1);
});
