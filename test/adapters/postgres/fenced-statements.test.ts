import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ADAPTER = join(import.meta.dirname, "..", "..", "..", "src", "adapters", "postgres");
/**
 * Who says which epoch is in force is not fenced by it, and migrations come before there is one.
 */
const EXEMPT = ["lease-sql.ts", "migrate.ts"];

const TEXT = /`[^`]*`|"(?:[^"\\\n]|\\.)*"/g;
const WRITES = /\b(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+sg_/;

/** Statements in the adapter's files that write into the engine's tables, with their files. */
function writes(): readonly (readonly [file: string, text: string])[] {
  const files = readdirSync(ADAPTER).filter((file) => file.endsWith(".ts") && !EXEMPT.includes(file));
  return files.flatMap((file) => {
    const code = readFileSync(join(ADAPTER, file), "utf8").replaceAll(/\/\*.*?\*\//gs, "");
    return (code.match(TEXT) ?? []).filter((text) => WRITES.test(text)).map((text) => [file, text] as const);
  });
}

describe("statements that write into the engine's tables", () => {
  it("are found", () => {
    const files = new Set(writes().map(([file]) => file));
    expect(files).toEqual(
      new Set(["decision-traces.ts", "position-sql.ts", "sql-journal.ts", "sql-policy.ts", "strategy-sql.ts"]),
    );
    expect(writes().length).toBeGreaterThanOrEqual(9);
  });

  it.each(writes())("in %s check the epoch (R101)", (_, text) => {
    expect(text).toContain("sg_fence(");
  });
});
