import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** What tests need and had to be built or downloaded; goes away with node_modules. */
const FOLDER = fileURLToPath(new URL("../../node_modules/.cache/provided/", import.meta.url));

const LOCK_LIMIT_MS = 600_000;

/**
 * The folder of this name, filled by `build` unless it was filled before. The name carries the
 * versions of what is in it. `intact` looks whether an earlier filling can still be used. Several
 * processes may ask at once; one builds.
 */
export async function cached(
  name: string,
  build: (folder: string) => Promise<void>,
  intact: (folder: string) => boolean = () => true,
): Promise<string> {
  const folder = join(FOLDER, name);
  const complete = join(folder, ".complete");
  if (existsSync(complete) && intact(folder)) {
    return folder;
  }
  mkdirSync(FOLDER, { recursive: true });
  const release = await lock(join(FOLDER, `${name}.lock`));
  try {
    if (!existsSync(complete) || !intact(folder)) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      await build(folder);
      writeFileSync(complete, "");
    }
  } finally {
    release();
  }
  return folder;
}

/** Takes the lock file, waiting for a living holder; one left by a dead process is taken over. */
async function lock(path: string): Promise<() => void> {
  const limit = performance.now() + LOCK_LIMIT_MS;
  while (performance.now() < limit) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    }
    if (isAbandoned(path)) {
      rmSync(path, { force: true });
    } else {
      await wait(100);
    }
  }
  throw new Error(
    `${path} was held for longer than ${LOCK_LIMIT_MS / 1_000} s; remove it if nothing is being installed`,
  );
}

function isAbandoned(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    // Empty for the moment between making the file and writing to it.
    if (pid > 0) {
      process.kill(pid, 0);
    }
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
