import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PGlite, type PGliteInterface } from "@electric-sql/pglite";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import type { Queryable } from "./queryable.ts";
import { SYNCED_START_PARAMS, SyncedNodeFs } from "./synced-node-fs.ts";

export interface PgliteOptions {
  /** A directory, made where it does not exist; `memory` keeps nothing. */
  readonly dataDir: string;
}

/**
 * Starts the embedded PostgreSQL, ready when it resolves; one a process and directory, shared by the adapters.
 * Fails with `failed_precondition` where another process has the directory, or it cannot be used.
 */
export async function openPglite({ dataDir }: PgliteOptions): Promise<Queryable> {
  if (dataDir === "memory") {
    return queryable(await PGlite.create({ dataDir: "memory://" }), () => {});
  }
  const directory = resolve(dataDir);
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw unusable(directory, error);
  }
  const release = lockDataDir(directory);
  try {
    return queryable(await openCluster(directory), release);
  } catch (error) {
    release();
    throw unusable(directory, error);
  }
}

/**
 * A mark stands beside a new cluster until it is whole, and so before anything is stored in it: what a process leaves
 * that is killed meanwhile could not be started again, and is made anew.
 */
async function openCluster(directory: string): Promise<PGlite> {
  const cluster = join(directory, "postgres");
  const unfinished = join(directory, "postgres.unfinished");
  if (existsSync(unfinished)) {
    rmSync(cluster, { recursive: true, force: true });
  }
  if (!existsSync(cluster)) {
    writeFileSync(unfinished, "");
  }
  const db = await PGlite.create({
    fs: new SyncedNodeFs(cluster),
    startParams: [...SYNCED_START_PARAMS],
    relaxedDurability: false,
  });
  rmSync(unfinished, { force: true });
  return db;
}

function queryable(db: PGliteInterface, release: () => void): Queryable {
  let closing: Promise<void> | undefined;

  return {
    async query<Row>(text: string, params: readonly unknown[] = []) {
      return await plain(() => db.query<Row>(text, [...params]));
    },
    transaction: (work) =>
      db.transaction((tx) => work({ query: (text, params = []) => plain(() => tx.query(text, [...params])) })),
    async listen(channel, onNotify) {
      const unlisten = await db.listen(channel, () => onNotify("notify"));
      return async () => {
        if (closing === undefined) {
          await unlisten();
        }
      };
    },
    close() {
      // The lock goes last: nobody may open the directory while this process can still write to it.
      closing ??= db.close().finally(release);
      return closing;
    },
  };
}

/**
 * PGlite hangs the statement and all its parameters on its errors; no log should carry those. And it works without ever leaving the turn of
 * the event loop: without the pause, a call that makes many statements would keep sweeps, streams and signals waiting until its last.
 */
async function plain<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    const result = await run();
    await nextTurn();
    return result;
  } catch (error) {
    if (typeof error === "object" && error !== null) {
      for (const key of ["query", "params", "queryOptions"]) {
        Reflect.deleteProperty(error, key);
      }
    }
    throw error;
  }
}

function unusable(directory: string, error: unknown): RuntimeError {
  const text = `the embedded database in DATA_DIR ${directory} cannot be opened: ${errorText(error)}`;
  return new RuntimeError("failed_precondition", text, { cause: error });
}
