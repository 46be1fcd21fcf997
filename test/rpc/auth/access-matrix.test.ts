import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accessPage, cellCount } from "./access-page.ts";
import { callersOf, expected, METHODS, WAYS } from "./matrix.ts";
import { matrixServers } from "./matrix-servers.ts";

describe("the matrix method × caller × way", () => {
  it("is answered as the table of rights says, and refused calls never reach the engine", {
    timeout: 120_000,
  }, async () => {
    const servers = await matrixServers();
    const wrong: string[] = [];
    let cells = 0;
    for (const way of WAYS) {
      for (const caller of callersOf(way)) {
        for (const method of METHODS) {
          const wanted = expected(method, caller, way);
          const { outcome, hasReachedEngine } = await servers.call(method, caller, way);
          if (outcome !== wanted || (outcome !== "served" && hasReachedEngine)) {
            wrong.push(`${method}, ${caller.name}, ${way.name}: ${outcome} and not ${wanted}`);
          }
          cells++;
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(cells).toBe(cellCount());
    expect(cells).toBeGreaterThan(2_000);
  });
});

describe("docs/access.md", () => {
  it("is what npm run docs:access prints", () => {
    expect(readFileSync(join(import.meta.dirname, "../../../docs/access.md"), "utf8")).toBe(accessPage());
  });
});
