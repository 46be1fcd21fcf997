import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { MIGRATIONS, migrate } from "./migrate.ts";
import { queryable } from "./pglite-client.ts";
import { pathsIn, syncTree } from "./synced-tree.ts";

/** Makes a new cluster as a copy of the template, which is made first where there is none. */
export async function copyTemplate(templates: string, cluster: string): Promise<void> {
  await makeTemplate(templates);
  cpSync(templateIn(templates), cluster, { recursive: true });
}

/**
 * Makes the template in the folder, unless it is there: an empty cluster with the tables of this
 * version, ended in order.
 */
export async function makeTemplate(templates: string): Promise<void> {
  const template = templateIn(templates);
  if (existsSync(template)) {
    return;
  }
  mkdirSync(templates, { recursive: true });
  const making = mkdtempSync(join(templates, "making-"));
  try {
    const cluster = join(making, "postgres");
    const db = queryable(await PGlite.create({ dataDir: cluster }), () => {});
    await migrate(db).finally(() => db.close());
    // PGlite makes files that everybody may write; what is to be copied is its owner's to change.
    for (const path of pathsIn(cluster, false)) {
      chmodSync(path, 0o644);
    }
    await syncTree(cluster);
    renameSync(cluster, template);
  } catch (error) {
    // Another process may have been first.
    if (!existsSync(template)) {
      throw error;
    }
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** One for each version of the database and of the tables: what is old is never copied. */
function templateIn(templates: string): string {
  const tables = JSON.stringify(MIGRATIONS);
  const hash = createHash("sha256").update(pgliteVersion()).update(tables).digest("hex");
  return join(templates, hash.slice(0, 32));
}

function pgliteVersion(): string {
  const path = join(dirname(fileURLToPath(import.meta.resolve("@electric-sql/pglite"))), "..", "package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
