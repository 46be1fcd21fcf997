import { globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { toolNeeds } from "./tool-needs.ts";

const TESTS = fileURLToPath(new URL(".", import.meta.url));

describe("what tests need", () => {
  const needs = toolNeeds();

  it.each([
    ["readme.test.ts", ["clients"]],
    ["clients/browser.test.ts", ["browser"]],
    ["adapters/postgres/sql-lease.test.ts", ["servers"]],
    ["bench/rows.test.ts", ["clients", "servers"]],
    ["count.test.ts", []],
  ])("%s needs %j", (path, groups) => {
    expect([...needs(join(TESTS, path))].sort()).toEqual(groups);
  });

  it("leaves most tests without any tool", () => {
    const files = globSync("**/*.test.ts", { cwd: TESTS });
    const free = files.filter((path) => needs(join(TESTS, path)).size === 0);
    expect(free.length).toBeGreaterThan(files.length / 2);
  });
});
