import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./provide/command.ts";

/** Runs buf with this project's plugins on PATH. */
function buf(root: string, ...args: readonly string[]): Promise<string> {
  const bin = join(root, "node_modules", ".bin");
  return run(join(bin, "buf"), args, { cwd: root, env: { PATH: `${bin}:${process.env.PATH ?? ""}` } });
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "contract-check-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Fails where the contract breaks clients of an earlier one: that of the newest release, or the
 * first in the history where nothing was released. A shallow clone may hold neither; it is compared
 * with the oldest contract that it has, and says so.
 */
export function breakingChanges(root: string): Promise<string> {
  return inFolder(async (folder) => {
    const reference = await earlierContract(root);
    const archive = join(folder, "contract.tar");
    await run("git", ["archive", "--format=tar", "-o", archive, reference.commit, "proto", "buf.yaml"], { cwd: root });
    await buf(root, "breaking", "--against", archive);
    return `compared with ${reference.what}`;
  });
}

async function earlierContract(root: string): Promise<{ readonly commit: string; readonly what: string }> {
  const git = async (...args: readonly string[]) => (await run("git", args, { cwd: root })).trim();
  const release = await git("tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname").then(
    (tags) => tags.split("\n")[0],
  );
  if (release) {
    return { commit: release, what: `release ${release}` };
  }
  const commit = (await git("log", "--reverse", "--format=%H", "--", "proto")).split("\n")[0];
  if (!commit) {
    throw new Error("no commit holds proto/: the contract cannot be compared with an earlier one");
  }
  const shallow = (await git("rev-parse", "--is-shallow-repository")) === "true";
  const what = `${commit.slice(0, 12)}, the first commit with a contract`;
  return { commit, what: shallow ? `${what} in this SHALLOW clone; the full history may hold an earlier one` : what };
}

/** Fails where gen/ is not what the contract generates, naming the files. */
export function staleGeneratedCode(root: string): Promise<string> {
  return inFolder(async (folder) => {
    await buf(root, "generate", "--output", folder);
    const fresh = readTree(join(folder, "gen"));
    const committed = readTree(join(root, "gen"));
    const names = [...new Set([...fresh.keys(), ...committed.keys()])].sort();
    const stale = names.filter((name) => fresh.get(name) !== committed.get(name));
    if (stale.length > 0) {
      throw new Error(
        `not what the contract generates, run npm run generate: ${stale.map((name) => `gen/${name}`).join(", ")}`,
      );
    }
    return `${names.length} files`;
  });
}

function readTree(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, "utf8")];
    }),
  );
}
