import { expect, it } from "vitest";
import type { Queryable, Statements } from "../../../src/adapters/postgres/queryable.ts";
import { sqlPositions } from "../../../src/adapters/postgres/sql-positions.ts";
import { embeddedDatabase } from "./embedded.ts";

const FILL = `
  INSERT INTO sg_positions (position_id, strategy_id, symbol, side, size_usd, entry_price, opened_at, exit_price, closed_at,
    fees_usd, close_sequence)
  SELECT 'p' || i, 's', 'BTC', 'LONG', 1, 1, now(), 2, now() + i * interval '1 second', 0, i FROM generate_series(1, 2500) i`;

const opened = embeddedDatabase();

it("a strategy's closed positions are read by one statement that sorts nothing, however many they are", async () => {
  const db = await opened();
  const plans: string[] = [];
  const explained = (tx: Statements): Statements => ({
    async query(text, params) {
      if (text.startsWith("DECLARE")) {
        const { rows } = await tx.query<object>(text.replace(/^DECLARE .*? FOR/, "EXPLAIN"), params);
        plans.push(JSON.stringify(rows));
      }
      return tx.query(text, params);
    },
  });
  const watched: Queryable = {
    ...db,
    transaction: (work, options) => db.transaction((tx) => work(explained(tx)), options),
  };
  const positions = sqlPositions(watched);
  await positions.ready();
  await db.query(FILL);
  const closed = await positions.closed("s");
  expect(closed.map(({ closeSequence }) => closeSequence)).toEqual(Array.from({ length: 2_500 }, (_, i) => i + 1));
  expect(plans).toHaveLength(1);
  expect(plans[0]).not.toContain("Sort");
});
