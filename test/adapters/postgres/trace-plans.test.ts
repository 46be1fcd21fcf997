import { expect, it } from "vitest";
import type { Queryable, Statements } from "../../../src/adapters/postgres/queryable.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { embeddedDatabase } from "./embedded.ts";

const opened = embeddedDatabase();

const FILL = `
  INSERT INTO sg_decisions (sequence, decision_id, strategy_id, strategy_version, symbol, side, timestamp, bar_close_time,
    valid_until, shadow, decision)
  SELECT i, 'd' || i, 's' || i % 50, 1, 'S' || i % 3, 'LONG', at, at, at + interval '1 min', false, '{}'
  FROM (SELECT i, to_timestamp(1700000000 + i * 60) AS at FROM generate_series(1, 20000) i) AS made`;

/** The bar close of a row of these. */
const close = (i: number) => (1_700_000_000 + i * 60) * 1_000;

/** A journal full of decisions, and the plans of what is asked of it. */
async function watchedJournal() {
  const db = await opened();
  const plans: string[] = [];
  const explained = (to: Statements): Statements => ({
    async query(text, params) {
      if (/^\s*(WITH|SELECT|DECLARE)/.test(text) && text.includes("sg_decisions")) {
        plans.push(JSON.stringify((await to.query<object>(`EXPLAIN ${text}`, params)).rows));
      }
      return to.query(text, params);
    },
  });
  const watched: Queryable = {
    ...db,
    ...explained(db),
    transaction: (work, options) => db.transaction((tx) => work(explained(tx)), options),
  };
  await db.query(FILL);
  return { journal: sqlJournal(watched), plans, db };
}

it.each(["without statistics", "with statistics"])("what gates ask for is found by indexes, %s", async (when) => {
  const { journal, plans, db } = await watchedJournal();
  if (when === "with statistics") {
    await db.query("ANALYZE sg_decisions");
  }
  expect(await journal.find(["d7", "d8", "none"])).toHaveLength(2);
  expect(await journal.read({ includeShadow: true, limit: 1_000, validAt: close(19_990) })).toHaveLength(1);
  const question = { strategyId: "s7", symbol: "S1", barCloseTime: close(1_207), time: close(1_207) };
  expect(await journal.tracesAt([question])).toHaveLength(1);
  let found = 0;
  await journal.traces({ validAfter: close(19_990), closedBy: close(20_000) }, (page) => {
    found += page.length;
  });
  expect(found).toBe(150 + 11);
  await journal.drop({ before: close(100), keepNewestFrom: close(50), limit: 20 });
  expect(plans).toHaveLength(5);
  for (const plan of plans) {
    expect(plan, plan).not.toMatch(/Seq Scan on sg_decisions/);
  }
  expect(plans[0]).toContain("sg_decisions_decision_id_key");
  expect(plans[1]).toContain("sg_decisions_by_validity");
  expect(plans[2]).toContain("sg_decisions_by_pair");
  expect(plans[3]).toContain("Index Only Scan using sg_decisions_by_pair");
  expect(plans[4]).toContain("sg_decisions_by_time");
});
