import { describe } from "vitest";
import { sqlJournal } from "../../../src/adapters/postgres/journal.ts";
import { sqlPolicy } from "../../../src/adapters/postgres/policy.ts";
import { sqlPositions } from "../../../src/adapters/postgres/positions.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/strategies.ts";
import type { PolicyParts } from "../../../src/domain/policy-parts.ts";
import { decisionJournalContract } from "../../contracts/decision-journal.ts";
import { policyStoreContract } from "../../contracts/policy-store.ts";
import { positionBookContract } from "../../contracts/position-book.ts";
import { strategyRepositoryContract } from "../../contracts/strategy-repository.ts";
import { embeddedDatabase } from "./embedded.ts";
import { servedDatabase } from "./served.ts";

describe.each([
  ["PGlite", embeddedDatabase],
  ["PostgreSQL", servedDatabase],
])("on %s", (_, open) => {
  const database = open();

  describe("sqlStrategies", () =>
    strategyRepositoryContract(async () => {
      const db = await database();
      const remove = async (strategyId: string) => {
        await db.query("DELETE FROM sg_strategies WHERE strategy_id = $1", [strategyId]);
      };
      return { repository: await ready(sqlStrategies(db)), remove };
    }));

  describe("sqlJournal", () => decisionJournalContract(async () => ready(sqlJournal(await database()))));

  describe("sqlPositions", () => positionBookContract(async () => ready(sqlPositions(await database()))));

  describe("sqlPolicy", () =>
    policyStoreContract(async () => {
      const db = await database();
      const store = await ready(sqlPolicy(db));
      return { store, plant: (parts) => plant(db, parts) };
    }));
});

async function plant(db: Queryable, parts: PolicyParts): Promise<void> {
  await db.query("INSERT INTO sg_policy DEFAULT VALUES ON CONFLICT DO NOTHING");
  for (const [part, value] of Object.entries(parts)) {
    const column = part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    await db.query(`UPDATE sg_policy SET ${column} = $1`, [value]);
  }
}

async function ready<Port extends { ready(): Promise<void> }>(port: Port): Promise<Port> {
  await port.ready();
  return port;
}
