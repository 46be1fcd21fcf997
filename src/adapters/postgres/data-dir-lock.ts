import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errorText, RuntimeError } from "../../domain/errors.ts";

/** SQLite's code for a lock that another holds. */
const SQLITE_BUSY = 5;

/**
 * Makes this process the only one on a data directory until the answer is called.
 *
 * Node has no file locks of its own; an exclusive transaction of its SQLite is one. The operating
 * system lets go of it when the process ends, however it ends, so a lock is never stale and needs
 * no guess about process ids, which come again. The id beside it is for the message only.
 */
export function lockDataDir(dataDir: string): () => void {
  const pidFile = join(dataDir, "lock.pid");
  let held: DatabaseSync | undefined;
  try {
    held = new DatabaseSync(join(dataDir, "lock"));
    held.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    held?.close();
    throw refusal(error, dataDir, pidFile);
  }
  const lock = held;
  let released = false;
  return () => {
    if (!released) {
      released = true;
      lock.close();
    }
  };
}

function refusal(error: unknown, dataDir: string, pidFile: string): RuntimeError {
  const busy = error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
  const text = busy
    ? `DATA_DIR ${dataDir} is in use by process ${holder(pidFile)}: stop that one or choose another directory`
    : `DATA_DIR ${dataDir} cannot be locked (${errorText(error)}): choose a directory this process may write`;
  return new RuntimeError("failed_precondition", text, { cause: error });
}

function holder(pidFile: string): string {
  try {
    return readFileSync(pidFile, "utf8").trim() || "unknown";
  } catch {
    return "unknown";
  }
}
