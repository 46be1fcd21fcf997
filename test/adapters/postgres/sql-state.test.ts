import { describe, expect, it } from "vitest";
import type { Queryable, Statements } from "../../../src/adapters/postgres/queryable.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { sqlPositions } from "../../../src/adapters/postgres/sql-positions.ts";
import { sqlState } from "../../../src/adapters/postgres/sql-state.ts";
import { stateOf } from "../../../src/ports/engine-state.ts";
import { decision } from "../../contracts/decision-samples.ts";
import { embeddedDatabase } from "./embedded.ts";
import { servedDatabase } from "./served.ts";

const T = 1_700_000_000_000;
const ALL = { validAfter: T, closedBy: T };

/** The same client, after each of whose statements somebody else writes. */
function disturbed(db: Queryable, write: () => Promise<void>): Queryable {
  const then = (inner: Statements): Statements => ({
    async query(text, params) {
      const answer = await inner.query<never>(text, params);
      await write();
      return answer;
    },
  });
  return { ...db, ...then(db), transaction: (work, options) => db.transaction((tx) => work(then(tx)), options) };
}

/** Journals a decision, opens and closes positions, and rejects, each time that it is called. */
function writer(db: Queryable): { write(): Promise<void>; readonly written: number } {
  const [journal, positions] = [sqlJournal(db), sqlPositions(db)];
  let written = 0;
  return {
    get written() {
      return written;
    },
    async write() {
      written++;
      await journal.append([decision(written, { symbol: `SYMBOL${written}` })]);
      const opening = {
        positionId: `p${written}`,
        strategyId: "s",
        symbol: "BTCUSDT",
        side: "LONG",
        decisionId: `d${written}`,
        sizeUsd: 1,
        entryPrice: 1,
        openedAt: T,
        feesUsd: 0,
      } as const;
      await positions.put(opening);
      await positions.put({ ...opening, positionId: `c${written}`, exitPrice: 1, closedAt: T, closeSequence: written });
      await positions.reject({ decisionId: decision(written).decisionId, reason: "", time: T });
    },
  };
}

describe("the state that a start reads", () => {
  describe("on PostgreSQL", () => {
    const database = servedDatabase();

    it("is as of one moment, whatever others write between its parts", async () => {
      const db = await database();
      const other = writer(db);
      await other.write();
      const state = await sqlState(disturbed(db, other.write)).read(ALL);
      expect(other.written).toBeGreaterThan(5);
      expect(state.lastSequence).toBeGreaterThan(0);
      const { lastSequence } = state;
      expect(new Set(state.traces.map(({ sequence }) => sequence))).toEqual(
        new Set(Array.from({ length: lastSequence }, (_, i) => i + 1)),
      );
      expect(state.openPositions).toHaveLength(lastSequence);
      expect(state.settledDecisions.size).toBe(lastSequence);
      expect(state.lastCloseSequence).toBe(lastSequence);
    });
  });

  describe("on PGlite", () => {
    const database = embeddedDatabase();

    it("is all that is kept", async () => {
      const db = await database();
      const { write } = writer(db);
      await write();
      await write();
      const state = await sqlState(db).read(ALL);
      expect(state).toEqual(await stateOf(sqlJournal(db), sqlPositions(db), ALL));
      expect(state).toMatchObject({ lastSequence: 2, lastCloseSequence: 2 });
    });
  });
});
