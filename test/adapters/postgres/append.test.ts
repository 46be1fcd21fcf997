import { describe, expect, it } from "vitest";
import { sqlJournal } from "../../../src/adapters/postgres/journal.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { decision } from "../../contracts/decision-samples.ts";
import { embeddedDatabase } from "./embedded.ts";
import { servedDatabase } from "./served.ts";

describe.each([
  ["PGlite", embeddedDatabase],
  ["PostgreSQL", servedDatabase],
])("an append on %s", (_, open) => {
  const database = open();

  it("is one statement, however many decisions it has", async () => {
    const db = await database();
    const statements: string[] = [];
    const watched: Queryable = {
      ...db,
      query(text, params) {
        statements.push(text);
        return db.query(text, params);
      },
      transaction: () => Promise.reject(new Error("an append is no transaction of several statements")),
    };
    const journal = sqlJournal(watched);
    await journal.append(Array.from({ length: 1_200 }, (_, i) => decision(i + 1)));
    expect(statements).toHaveLength(1);
    expect(await journal.lastSequence()).toBe(1_200);
  });
});
