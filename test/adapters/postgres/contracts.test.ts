import { describe } from "vitest";
import { sqlJournal } from "../../../src/adapters/postgres/journal.ts";
import { sqlPolicy } from "../../../src/adapters/postgres/policy.ts";
import { sqlPositions } from "../../../src/adapters/postgres/positions.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/strategies.ts";
import type { PolicyParts } from "../../../src/domain/policy-parts.ts";
import { decisionJournalContract } from "../../contracts/decision-journal.ts";
import { policyStoreContract } from "../../contracts/policy-store.ts";
import { positionBookContract } from "../../contracts/position-book.ts";
import { strategyRepositoryContract } from "../../contracts/strategy-repository.ts";
import { embeddedDatabase } from "./embedded.ts";

const database = embeddedDatabase();

describe("sqlStrategies on PGlite", () =>
  strategyRepositoryContract(async () => ready(sqlStrategies(await database()))));

describe("sqlJournal on PGlite", () => decisionJournalContract(async () => ready(sqlJournal(await database()))));

describe("sqlPositions on PGlite", () => positionBookContract(async () => ready(sqlPositions(await database()))));

describe("sqlPolicy on PGlite", () =>
  policyStoreContract(async () => {
    const db = await database();
    const store = await ready(sqlPolicy(db));
    return { store, plant: (parts) => plant(parts) };

    async function plant(parts: PolicyParts): Promise<void> {
      await db.query("INSERT INTO sg_policy DEFAULT VALUES ON CONFLICT DO NOTHING");
      for (const [part, value] of Object.entries(parts)) {
        const column = part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        await db.query(`UPDATE sg_policy SET ${column} = $1`, [value]);
      }
    }
  }));

async function ready<Port extends { ready(): Promise<void> }>(port: Port): Promise<Port> {
  await port.ready();
  return port;
}
