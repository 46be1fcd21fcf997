import { existsSync, readFileSync } from "node:fs";
import { migrate } from "./adapters/postgres/migrate.ts";
import { openPostgres } from "./adapters/postgres/pool.ts";
import { errorText, RuntimeError } from "./domain/errors.ts";
import { shownPath } from "./domain/secrets.ts";

/**
 * The command `npm run migrate`: brings the tables in DATABASE_URL to this program's version. The
 * service does so itself at its start where its role may; where it may not, this is run before it,
 * as the tables' owner.
 */
async function main(): Promise<void> {
  const db = openPostgres(databaseUrl());
  try {
    await migrate(db);
  } finally {
    await db.close();
  }
  process.stdout.write("the tables in DATABASE_URL are those of this version\n");
}

function databaseUrl(): string {
  const { DATABASE_URL: url = "", DATABASE_URL_FILE: path = "" } = process.env;
  const given = (url || (path && readSecret(path))).trim();
  if (given === "") {
    throw new RuntimeError(
      "invalid",
      "DATABASE_URL is not set: set it to postgres://owner:password@host:5432/database",
    );
  }
  return given;
}

/** The text of an error of the file system quotes the path, which may be the URL itself. */
function readSecret(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const text = `DATABASE_URL_FILE: cannot read ${shownPath(path, existsSync)} (${code}): name a file that this process may read`;
    throw new RuntimeError("invalid", text);
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`cannot migrate: ${errorText(error)}\n`);
  process.exitCode = 1;
}
