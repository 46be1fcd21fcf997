import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { closeToOthers } from "../../src/process/private-folder.ts";
import { startServer } from "../running-server.ts";

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "test-private-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const before = process.umask();
  onTestFinished(() => void process.umask(before));
  return folder;
}

/** All in the folder, itself included, that others may use. */
function openIn(folder: string): readonly string[] {
  const all = ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })];
  return all.filter((path) => (statSync(join(folder, path)).mode & 0o077) !== 0);
}

describe("the data folder", () => {
  it("is made for its owner alone, and so is what is made later", () => {
    const folder = join(temporary(), "a", "b");
    closeToOthers(folder);
    writeFileSync(join(folder, "market-time"), "1");
    expect(openIn(folder)).toEqual([]);
  });

  it("is closed with all that the service keeps in it, and nothing else", () => {
    const folder = temporary();
    mkdirSync(join(folder, "postgres", "base"), { recursive: true });
    for (const path of ["postgres/base/1", "lock", "market-time", "notes"]) {
      writeFileSync(join(folder, path), "");
      chmodSync(join(folder, path), 0o666);
    }
    const elsewhere = temporary();
    chmodSync(elsewhere, 0o755);
    symlinkSync(elsewhere, join(folder, "postgres", "pg_tblspc"));
    chmodSync(join(folder, "postgres"), 0o755);
    chmodSync(folder, 0o755);
    closeToOthers(folder);
    expect(openIn(folder)).toEqual(["notes", "postgres/pg_tblspc"]);
    expect(statSync(join(folder, "postgres")).mode & 0o777).toBe(0o700);
  });

  it("has nothing for others while the whole service works in it, and after it has ended", async () => {
    const folder = temporary();
    chmodSync(folder, 0o755);
    const server = await startServer({ DATA_DIR: folder });
    expect(existsSync(join(folder, "postgres"))).toBe(true);
    expect(openIn(folder)).toEqual([]);
    expect(await server.kill("SIGTERM")).toBe(0);
    expect(openIn(folder)).toEqual([]);
  });
});
