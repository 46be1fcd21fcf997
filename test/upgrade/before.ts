import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { onTestFinished } from "vitest";
import { findCommand, run } from "../provide/command.ts";
import { providePostgres, startPostgres } from "../provide/postgres.ts";

const DUMP = fileURLToPath(new URL("before-0007.sql", import.meta.url));

/** A PostgreSQL of its own that holds what the version before left. */
export async function databaseOfBefore(): Promise<{ readonly url: string; dumpSchema(): Promise<string> }> {
  const server = await startPostgres();
  onTestFinished(() => server.close());
  const { bin } = await providePostgres();
  const psql = findCommand("psql", [bin]) ?? "psql";
  await run(psql, ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", DUMP, server.url]);
  return { url: server.url, dumpSchema: () => schemaOf(server.url) };
}

/** The tables, functions, indexes and triggers of a database, in the order of pg_dump. */
export async function schemaOf(url: string): Promise<string> {
  const { bin } = await providePostgres();
  const dump = await run(findCommand("pg_dump", [bin]) ?? "pg_dump", [
    "--schema-only",
    "--no-owner",
    "--no-privileges",
    url,
  ]);
  // Some versions of pg_dump begin and end with a word that is another each time.
  return dump.replaceAll(/^\\(un)?restrict .*$/gm, "");
}

/**
 * A DATA_DIR as the version before left it: the embedded database, and the note of where market
 * time stood, which runs ahead of the clock on a simulated market.
 */
export async function dataDirOfBefore(marketTime: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "test-upgrade-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, "data");
  mkdirSync(dataDir);
  const db = await PGlite.create(join(dataDir, "postgres"));
  await db.exec(readFileSync(DUMP, "utf8"));
  await db.close();
  writeFileSync(join(dataDir, "market-time"), String(marketTime));
  return dataDir;
}
