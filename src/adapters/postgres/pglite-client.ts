import { setImmediate as nextTurn } from "node:timers/promises";
import type { PGliteInterface } from "@electric-sql/pglite";
import type { Queryable } from "./queryable.ts";

/** Decisions take it some 15 ms for so many. */
const ROWS_AT_ONCE = 200;

/** PGlite as the adapters see it. `release` is called once it is closed. */
export function queryable(db: PGliteInterface, release: () => void): Queryable {
  let closing: Promise<void> | undefined;

  return {
    rowsAtOnce: ROWS_AT_ONCE,
    async query<Row>(text: string, params: readonly unknown[] = []) {
      return await plain(() => db.query<Row>(text, [...params]));
    },
    transaction: (work) =>
      db.transaction((tx) => work({ query: (text, params = []) => plain(() => tx.query(text, [...params])) })),
    async listen(channel, onNotify) {
      const unlisten = await db.listen(channel, () => onNotify("notify"));
      return async () => {
        if (closing === undefined) {
          await unlisten();
        }
      };
    },
    close() {
      // The lock goes last: nobody may open the directory while this process can still write to it.
      closing ??= db.close().finally(release);
      return closing;
    },
  };
}

/**
 * PGlite hangs the statement and all its parameters on its errors; no log should carry those. And
 * it works without ever leaving the turn of the event loop: without the pause, a call that makes
 * many statements would keep sweeps, streams and signals waiting until its last.
 */
async function plain<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    const result = await run();
    await nextTurn();
    return result;
  } catch (error) {
    if (typeof error === "object" && error !== null) {
      for (const key of ["query", "params", "queryOptions"]) {
        Reflect.deleteProperty(error, key);
      }
    }
    throw error;
  }
}
