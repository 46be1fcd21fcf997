import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import { copyTemplate } from "./cluster-template.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import { queryable } from "./pglite-client.ts";
import type { Queryable } from "./queryable.ts";
import { StoppingPglite } from "./stopping-pglite.ts";
import { SYNCED_START_PARAMS, SyncedNodeFs } from "./synced-node-fs.ts";
import { syncFolder, syncTree } from "./synced-tree.ts";

export interface PgliteOptions {
  /** A directory, made where it does not exist; `memory` keeps nothing. */
  readonly dataDir: string;
  /**
   * Where clusters to copy are kept between processes; without it, a new one is made from nothing,
   * which takes seconds.
   */
  readonly templates?: string;
}

/**
 * Starts the embedded PostgreSQL, ready when it resolves; one a process and directory, shared by
 * the adapters. Fails with `failed_precondition` where another process has the directory, or it
 * cannot be used.
 */
export async function openPglite({ dataDir, templates }: PgliteOptions): Promise<Queryable> {
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
    return queryable(await openCluster(directory, templates), release);
  } catch (error) {
    release();
    throw unusable(directory, error);
  }
}

/**
 * A mark stands beside a new cluster until all of it is on the disk, and so before anything is
 * stored in it: what a process leaves that is killed meanwhile, or a cut of power, could not be
 * started again, and is made anew. The mark comes and goes on the disk as well, since one that
 * came back would have a cluster in use made anew.
 */
async function openCluster(directory: string, templates: string | undefined): Promise<PGlite> {
  const cluster = join(directory, "postgres");
  const unfinished = join(directory, "postgres.unfinished");
  if (existsSync(unfinished)) {
    rmSync(cluster, { recursive: true, force: true });
  }
  if (existsSync(cluster)) {
    return open(cluster);
  }
  writeFileSync(unfinished, "");
  await syncFolder(directory);
  const db = templates === undefined ? await open(cluster) : await openCopy(cluster, templates);
  // PGlite makes files that everybody may write: nobody else may come near them.
  chmodSync(cluster, 0o700);
  await syncTree(cluster);
  rmSync(unfinished, { force: true });
  await syncFolder(directory);
  return db;
}

/**
 * A template is a matter of speed alone: where it cannot be had or opened, the cluster is made
 * without it.
 */
async function openCopy(cluster: string, templates: string): Promise<PGlite> {
  try {
    await copyTemplate(templates, cluster);
    return await open(cluster);
  } catch {
    rmSync(cluster, { recursive: true, force: true });
    return open(cluster);
  }
}

async function open(cluster: string): Promise<PGlite> {
  const db = new StoppingPglite({
    fs: new SyncedNodeFs(cluster),
    startParams: [...SYNCED_START_PARAMS],
    relaxedDurability: false,
  });
  await db.waitReady;
  return db;
}

function unusable(directory: string, error: unknown): RuntimeError {
  const text = `the embedded database in DATA_DIR ${directory} cannot be opened: ${errorText(error)}`;
  return new RuntimeError("failed_precondition", text, { cause: error });
}
