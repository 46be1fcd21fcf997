import { describe } from "vitest";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { sqlPolicy } from "../../../src/adapters/postgres/sql-policy.ts";
import { sqlPositions } from "../../../src/adapters/postgres/sql-positions.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/sql-strategies.ts";
import { decisionJournalContract } from "../../contracts/decision-journal.ts";
import { policyStoreContract } from "../../contracts/policy-store.ts";
import { positionBookContract } from "../../contracts/position-book.ts";
import { strategyRepositoryContract } from "../../contracts/strategy-repository.ts";
import { embeddedDatabase } from "./embedded.ts";
import { plantPolicy } from "./plant-policy.ts";
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
      return { store, plant: (parts) => plantPolicy(db, parts) };
    }));
});

async function ready<Port extends { ready(): Promise<void> }>(port: Port): Promise<Port> {
  await port.ready();
  return port;
}
