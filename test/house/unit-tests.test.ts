import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../deploy/lock.ts";
import { toolNeeds } from "../tool-needs.ts";
import { UNIT } from "../unit.ts";

const files = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
  .map((path) => `test/${path.replaceAll("\\", "/")}`)
  .filter((path) => path.endsWith(".ts"));
const inUnit = (path: string) => UNIT.some((part) => path.startsWith(part));

/** What starts a program; what finds one is in tool-needs.ts. */
const PROGRAMS = /from "(?:node:child_process|[./]*\/running-(?:server|process)\.ts)"/;

describe("the unit tests", () => {
  it("start no program", () => {
    const unit = files.filter(inUnit);
    expect(unit.length).toBeGreaterThan(60);
    const needs = toolNeeds();
    const starts = (path: string) => PROGRAMS.test(readFileSync(path, "utf8")) || needs(path).size > 0;
    expect(unit.filter((path) => starts(join(ROOT, path)))).toEqual([]);
    expect(starts(join(ROOT, "test/upgrade/upgrade.test.ts"))).toBe(true);
  });

  it("are in folders and files that are there", () => {
    expect(UNIT.filter((part) => !files.some((path) => path.startsWith(part)))).toEqual([]);
  });
});
