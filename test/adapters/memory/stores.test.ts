import { describe } from "vitest";
import { memoryJournal } from "../../../src/adapters/memory/memory-journal.ts";
import { memoryPolicy } from "../../../src/adapters/memory/memory-policy.ts";
import { memoryPositions } from "../../../src/adapters/memory/memory-positions.ts";
import { decisionJournalContract } from "../../contracts/decision-journal.ts";
import { policyStoreContract } from "../../contracts/policy-store.ts";
import { positionBookContract } from "../../contracts/position-book.ts";

describe("memoryJournal", () => decisionJournalContract(async () => memoryJournal()));

describe("memoryPositions", () => positionBookContract(async () => memoryPositions()));

describe("memoryPolicy", () =>
  policyStoreContract(async () => {
    const store = memoryPolicy();
    return { store, plant: async (parts) => store.plant(parts) };
  }));
