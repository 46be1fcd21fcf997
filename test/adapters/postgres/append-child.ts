import { openPglite } from "../../../src/adapters/postgres/pglite.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { decision } from "../../contracts/decision-samples.ts";

/**
 * Run by pglite.test.ts as a process of its own, to be killed: appends decisions to the journal in
 * the directory named by its first argument and, once each is acknowledged, writes the sequence to
 * its output.
 */
const db = await openPglite({ dataDir: process.argv[2] ?? "" });
const journal = sqlJournal(db);
await journal.ready();
const last = await journal.lastSequence();
for (let sequence = last + 1; ; sequence++) {
  await journal.append([decision(sequence)]);
  process.stdout.write(`${sequence}\n`);
}
