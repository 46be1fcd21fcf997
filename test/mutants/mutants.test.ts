import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../deploy/lock.ts";
import { mutated } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";

const sources = new Map<string, string>();

function sourceOf(file: string): string {
  const source = sources.get(file) ?? readFileSync(join(ROOT, file), "utf8");
  sources.set(file, source);
  return source;
}

describe("the mutants", () => {
  it("still apply, and are still TypeScript: one that does not even load would pass for killed", () => {
    for (const mutant of MUTANTS) {
      const text = mutated(mutant, sourceOf(mutant.file));
      expect(() => stripTypeScriptTypes(text), mutant.name).not.toThrow();
    }
  });

  it("have a name each, and tests that are there", () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    const missing = MUTANTS.flatMap(({ tests }) => tests).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
    expect(MUTANTS.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it("that are stale are named, with what to do", () => {
    const stale = { name: "gone", file: "src/a.ts", find: "x", replace: "y", tests: [] };
    expect(() => mutated(stale, "abc")).toThrow('mutant "gone": src/a.ts does not hold "x" any more');
    expect(() => mutated(stale, "x x")).toThrow('mutant "gone": src/a.ts holds "x" 2 times');
    expect(mutated(stale, "a x b")).toBe("a y b");
  });
});
