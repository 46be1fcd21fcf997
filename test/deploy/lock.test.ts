import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { run } from "../provide/command.ts";
import { ROOT } from "./deploy-tools.ts";
import { readDockerfile } from "./dockerfile.ts";

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
}

const text = readFileSync(join(ROOT, "package-lock.json"), "utf8");
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockedPackage>> };
const locked = Object.entries(packages).filter(([path]) => path !== "");

describe("the lock", () => {
  it("is taken by npm ci as it is, without asking a registry", async () => {
    const folder = mkdtempSync(join(tmpdir(), "test-lock-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const name of ["package.json", "package-lock.json"]) {
      copyFileSync(join(ROOT, name), join(folder, name));
    }
    const cache = ["--offline", `--cache=${join(folder, "cache")}`];
    const said = await run("npm", ["ci", "--dry-run", "--ignore-scripts", ...cache], { cwd: folder });
    expect(said).toMatch(/added \d{3} packages/);
    expect(readFileSync(join(folder, "package-lock.json"), "utf8")).toBe(text);
  });

  it("has a version and a strong hash for every package", () => {
    expect(locked.length).toBeGreaterThan(200);
    const loose = locked.filter(([, { version, integrity, link }]) => {
      return link === true || version === undefined || !integrity?.startsWith("sha512-");
    });
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it("names no registry, folder or machine", () => {
    expect(locked.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
    // Where people can be paid is the one kind of address that packages bring along.
    expect(text.match(/"(?!url")[^"]*": "(?:\w+:)?\/\/?[^"]*"/g) ?? []).toEqual([]);
    expect(readFileSync(join(ROOT, ".npmrc"), "utf8")).toMatch(/^omit-lockfile-registry-resolved=true$/m);
  });

  it("is left as it is by the npm of Debian 13, which knows no `libc`", () => {
    expect(text).not.toContain('"libc"');
  });

  it("is what the image and CI install from", () => {
    expect(readDockerfile().install).toMatch(/^npm ci --omit=dev --ignore-scripts /);
    const ci = readFileSync(join(ROOT, ".ci/run"), "utf8");
    expect(ci).toMatch(/^if \[ -d node_modules \]; then npm install .*; else npm ci .*; fi$/m);
  });
});
