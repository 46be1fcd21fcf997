import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPglite } from "../../../src/adapters/postgres/pglite.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { decision } from "../../contracts/decision-samples.ts";
import { refusal } from "../../contracts/refusal.ts";

const CHILD = fileURLToPath(new URL("append-child.ts", import.meta.url));

let root: string;
let dataDir: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "strategy-runtime-"));
  dataDir = join(root, "data");
});

afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Appender {
  readonly child: ChildProcess;
  /** Waits until this sequence has been acknowledged. */
  reaches(sequence: number): Promise<void>;
  /** Waits for the end of the process and answers with the last sequence acknowledged. */
  last(): Promise<number>;
}

/** A process that appends to the journal of the directory. */
function startAppender(): Appender {
  const child = spawn(process.execPath, [CHILD, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  if (child.stdout === null) {
    throw new Error("the process has no output");
  }
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let acknowledged = 0;

  async function step(): Promise<boolean> {
    const { value, done } = await lines.next();
    acknowledged = done === true ? acknowledged : Number(value);
    return done !== true;
  }

  return {
    child,
    async reaches(sequence) {
      while (acknowledged < sequence) {
        if (!(await step())) {
          throw new Error(`the process ended before sequence ${sequence}`);
        }
      }
    },
    async last() {
      while (await step()) {}
      return acknowledged;
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "close");
  }
}

async function readAll(): Promise<readonly number[]> {
  const db = await openPglite({ dataDir });
  const journal = sqlJournal(db);
  await journal.ready();
  const decisions = await journal.read({ includeShadow: true, limit: 100_000 });
  expect(decisions).toEqual(decisions.map(({ sequence }) => decision(sequence)));
  expect(await journal.lastSequence()).toBe(decisions.length);
  await journal.close();
  await db.close();
  return decisions.map((one) => one.sequence);
}

describe("openPglite on a directory", () => {
  it("has every decision acknowledged before kill -9, twice over, and lets the next process in at once", {
    timeout: 120_000,
  }, async () => {
    let kept: readonly number[] = [];
    for (const more of [40, 40]) {
      const appender = startAppender();
      await appender.reaches(kept.length + more);
      await kill(appender.child);
      kept = await readAll();
      expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => i + 1));
      expect(kept.length).toBeGreaterThanOrEqual(await appender.last());
    }
  });

  it("refuses a second process and names the directory and the process that has it", async () => {
    const before = (await readAll()).length;
    const { child, reaches } = startAppender();
    await reaches(before + 1);
    const error = await refusal(openPglite({ dataDir }), "failed_precondition");
    expect(error.message).toContain(dataDir);
    expect(error.message).toContain(`process ${child.pid}:`);
    await reaches(before + 20);
  });

  it("refuses the same directory twice in one process, and is open to all once closed", async () => {
    const db = await openPglite({ dataDir });
    const error = await refusal(openPglite({ dataDir }), "failed_precondition");
    expect(error.message).toContain(`process ${process.pid}:`);
    await db.close();
    await db.close();
    await (await openPglite({ dataDir })).close();
  });

  it("is not fooled by the id of a living process in a dead one's note", async () => {
    writeFileSync(join(dataDir, "lock.pid"), `${process.ppid}\n`);
    await (await openPglite({ dataDir })).close();
  });

  it("begins again where a process was killed while it made the database", async () => {
    const other = join(root, "unfinished");
    mkdirSync(join(other, "postgres"), { recursive: true });
    writeFileSync(join(other, "postgres", "PG_VERSION"), "18\n");
    await refusal(openPglite({ dataDir: other }), "failed_precondition");
    writeFileSync(join(other, "postgres.unfinished"), "");
    const db = await openPglite({ dataDir: other });
    expect((await db.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await db.close();
    expect(existsSync(join(other, "postgres.unfinished"))).toBe(false);
  });

  it("writes through to the disk before it acknowledges", async () => {
    const db = await openPglite({ dataDir });
    expect((await db.query("SHOW fsync")).rows).toEqual([{ fsync: "on" }]);
    expect((await db.query("SHOW synchronous_commit")).rows).toEqual([{ synchronous_commit: "on" }]);
    await db.close();
  });

  it("refuses a path that is no directory", async () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    const error = await refusal(openPglite({ dataDir: file }), "failed_precondition");
    expect(error.message).toContain(file);
  });
});
