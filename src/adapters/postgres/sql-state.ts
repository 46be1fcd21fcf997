import { type StateReader, stateOf } from "../../ports/engine-state.ts";
import { guarded } from "./faults.ts";
import type { Queryable, Statements } from "./queryable.ts";
import { sqlJournal } from "./sql-journal.ts";
import { sqlPositions } from "./sql-positions.ts";
import { ONE_MOMENT } from "./strategy-sql.ts";

/** The engine's state in one snapshot of the database. */
export function sqlState(client: Queryable): StateReader {
  return {
    read: (window, onReading) =>
      guarded(client).transaction(async (tx) => {
        await tx.query(ONE_MOMENT);
        const within = insideOf(tx);
        return await stateOf(sqlJournal(within), sqlPositions(within), window, onReading);
      }),
  };
}

/** A transaction in the place of a client: what would be one of its own runs inside of it. */
function insideOf(tx: Statements): Queryable {
  return {
    query: (text, params) => tx.query(text, params),
    transaction: (work) => work(tx),
    async close() {},
  };
}
