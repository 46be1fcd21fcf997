import { chmodSync, lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { errorText, RuntimeError } from "../domain/errors.ts";

const OTHERS = 0o077;

/** What the service keeps in its data folder: the folder may be one that has other things in it. */
const OURS = /^(postgres|market-time|lock)/;

/**
 * Makes the data folder where there is none, and closes it and what the service keeps in it to
 * everyone but the owner; what the process makes from now on is closed, too. Fails with
 * `failed_precondition` where it cannot. A folder of somebody else's stays as it is, as where a
 * volume is mounted: this process may not change it.
 */
export function closeToOthers(folder: string): void {
  process.umask(OTHERS);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // Whoever opens the database says what is wrong with the folder.
    return;
  }
  try {
    if (lstatSync(folder).uid === process.getuid?.()) {
      close(folder);
    }
    for (const entry of readdirSync(folder).filter((name) => OURS.test(name))) {
      closeTree(join(folder, entry));
    }
  } catch (error) {
    const text = `cannot close ${folder} to others: ${errorText(error)}; give it to the user of this process`;
    throw new RuntimeError("failed_precondition", text, { cause: error });
  }
}

function closeTree(path: string): void {
  close(path);
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    for (const entry of readdirSync(path)) {
      closeTree(join(path, entry));
    }
  }
}

function close(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSymbolicLink() && (found.mode & OTHERS) !== 0) {
    chmodSync(path, found.mode & 0o7700);
  }
}
