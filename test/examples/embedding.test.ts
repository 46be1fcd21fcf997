import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXAMPLE_LIMIT, ROOT, runExample } from "./run-example.ts";

const PROGRAM = "examples/judge-without-feed.ts";
const PAGE = readFileSync(join(ROOT, "docs/embedding.md"), "utf8");

function block(info: string): string | undefined {
  return new RegExp(`^\`\`\`${info}\\n(.*?)^\`\`\`$`, "ms").exec(PAGE)?.[1];
}

describe("the page for embedders", EXAMPLE_LIMIT, () => {
  it("shows the program of examples as it is, and what it prints", async () => {
    expect(block("ts program")).toBe(readFileSync(join(ROOT, PROGRAM), "utf8"));
    expect(block("text output")).toBe(await runExample(PROGRAM));
  });

  it("names parts that the engine has", () => {
    const sources = [...PAGE.matchAll(/`((?:src|test|examples)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
    expect(sources.length).toBeGreaterThan(8);
    for (const path of sources) {
      expect(() => readFileSync(join(ROOT, path)), path).not.toThrow(/ENOENT/);
    }
  });
});
