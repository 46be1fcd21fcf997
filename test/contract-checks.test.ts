import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { breakingChanges, staleGeneratedCode } from "./contract-checks.ts";
import { run } from "./provide/command.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DECISION = "proto/strategyruntime/v1/decision.proto";

/** A repository with this project's contract as its only commit. */
let folder: string;

function git(...args: readonly string[]): Promise<string> {
  return run("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", ...args], {
    cwd: folder,
  });
}

function edit(path: string, from: string, to: string): void {
  const text = readFileSync(join(folder, path), "utf8");
  expect(text).toContain(from);
  writeFileSync(join(folder, path), text.replace(from, to));
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "test-contract-"));
  for (const name of ["proto", "gen", "buf.yaml", "buf.gen.yaml"]) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await git("init", "--quiet");
  await git("add", "proto", "gen", "buf.yaml", "buf.gen.yaml");
  await git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-m", "contract");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("breakingChanges", () => {
  it("accepts what clients do not notice, and refuses a field that changed", async () => {
    edit(DECISION, "// Position size in USD.", "// Position size, in USD.");
    expect(await breakingChanges(folder)).toMatch(/^compared with [0-9a-f]{12}, the first commit with a contract$/);
    edit(DECISION, "double size_usd = 3;", "float size_usd = 3;");
    await expect(breakingChanges(folder)).rejects.toThrow(/"size_usd".*changed type/);
  });

  it("compares with the newest release where there is one", async () => {
    await git("tag", "v0.9.0");
    edit(DECISION, "double size_usd = 3;", "float size_usd = 3;");
    await git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-am", "break");
    await git("tag", "v0.10.0");
    expect(await breakingChanges(folder)).toBe("compared with release v0.10.0");
  });
});

describe("staleGeneratedCode", () => {
  it("accepts what the contract generates, and names a file that is not", async () => {
    expect(await staleGeneratedCode(folder)).toMatch(/^\d+ files$/);
    edit("gen/strategyruntime/v1/decision_pb.ts", "TradeDecision", "TradeDecisions");
    writeFileSync(join(folder, "gen/old_pb.ts"), "");
    await expect(staleGeneratedCode(folder)).rejects.toThrow(
      /gen\/old_pb\.ts, gen\/strategyruntime\/v1\/decision_pb\.ts$/,
    );
  });
});
