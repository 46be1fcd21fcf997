import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../deploy/lock.ts";
import { run } from "../provide/command.ts";

const AUTHOR = { GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b" };

describe("the pre-commit hook", () => {
  let folder = "";
  const git = (...args: readonly string[]) => run("git", args, { cwd: folder, env: AUTHOR });
  const add = async (path: string, text: string) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
    await git("add", path);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "test-hook-"));
    await git("init", "--quiet");
    for (const name of ["biome.json", "buf.yaml", "tsconfig.json", ".githooks", "package.json", "node_modules"]) {
      symlinkSync(join(ROOT, name), join(folder, name));
    }
    await git("config", "core.hooksPath", ".githooks");
    return () => rmSync(folder, { recursive: true, force: true });
  });

  it("lets good changes through, and those that it has nothing to say of", async () => {
    await add("src/good.ts", "export const ONE = 1;\n");
    await add("notes.md", "# Notes\n");
    await git("commit", "--quiet", "-m", "good");
    expect(await git("log", "--format=%s")).toBe("good\n");
  });

  it.each([
    ["lint", "src/bad.ts", "export const one = 1 as any;\n", /noExplicitAny/],
    ["format", "src/bad.ts", "export const one = 1\n", /format/i],
    ["types", "src/bad.ts", 'export const one: number = "one";\n', /TS2322/],
    ["contract", "proto/a/v1/a.proto", 'syntax = "proto3";\n\npackage b;\n', /PACKAGE_DIRECTORY_MATCH|package/i],
  ])("stops a commit with a fault of %s", async (_, path, text, says) => {
    await add(path, text);
    await expect(git("commit", "-m", "bad")).rejects.toThrow(says);
    await git("rm", "-q", "-f", path);
  });

  it("looks at what is staged, by choice alone", async () => {
    await add("src/bad.ts", "export const one = 1 as any;\n");
    await git("commit", "--quiet", "--no-verify", "-m", "by hand");
    await git("config", "--unset", "core.hooksPath");
    await add("src/worse.ts", "export const two = 2 as any;\n");
    await git("commit", "--quiet", "-m", "no hook");
    expect(await git("log", "--format=%s")).toMatch(/^no hook\nby hand\n/);
  });
});
