import { readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";

const SYNCED_AT_ONCE = 16;

/** Files, then the folders that name them: a machine that fails later has all of it. */
export async function syncTree(folder: string): Promise<void> {
  await syncAll(pathsIn(folder, false));
  await syncAll([...pathsIn(folder, true), folder, dirname(folder)]);
}

/** The names in it, as they are: what was made, renamed and removed. */
export async function syncFolder(folder: string): Promise<void> {
  await syncAll([folder]);
}

/** All files, or all folders, below the folder. */
export function pathsIn(folder: string, areFolders: boolean): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() === areFolders)
    .map((entry) => join(entry.parentPath, entry.name));
}

async function syncAll(paths: readonly string[]): Promise<void> {
  const left = paths.values();
  const worker = async () => {
    for (const path of left) {
      const file = await open(path, "r");
      await file.sync().finally(() => file.close());
    }
  };
  await Promise.all(Array.from({ length: SYNCED_AT_ONCE }, worker));
}
