import { expect, it } from "vitest";
import { sqlJournal } from "../../../src/adapters/postgres/journal.ts";
import type { Queryable, Statements } from "../../../src/adapters/postgres/queryable.ts";
import { embeddedDatabase } from "./embedded.ts";

const opened = embeddedDatabase();

const FILL = `
  INSERT INTO sg_decisions (sequence, decision_id, strategy_id, strategy_version, symbol, side, timestamp, bar_close_time,
    valid_until, shadow, decision)
  SELECT i, 'd' || i, 's', 1, 'S' || i % 3, 'LONG', now(), now(), now(), false, '{}' FROM generate_series(1, 20000) i`;

it("the journal is read in the order of its key: no page sorts what is behind it, however much that is", async () => {
  const db = await opened();
  const plans: string[] = [];
  const explained = (to: Statements): Statements => ({
    async query(text, params) {
      if (text.includes("sg_decisions")) {
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
  const journal = sqlJournal(watched);
  expect(await journal.traces()).toHaveLength(20_000);
  for (const query of [
    {},
    { after: 1_000 },
    { after: 1_000, upTo: 20_000 },
    { after: 9, upTo: 20_000, symbols: ["S1"] },
  ]) {
    expect(await journal.read({ ...query, includeShadow: false, limit: 200 })).toHaveLength(200);
  }
  expect(plans.length).toBeGreaterThan(8);
  for (const plan of plans) {
    expect(plan, plan).toContain("sg_decisions_pkey");
    expect(plan).not.toContain("Sort");
  }
});
