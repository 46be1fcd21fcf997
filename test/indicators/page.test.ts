import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { indicatorsPage } from "../../src/indicators/page.ts";
import { INDICATOR_NAMES } from "../../src/indicators/registry.ts";

const page = indicatorsPage();

describe("docs/indicators.md", () => {
  it("is current; if not, run: npm run docs:indicators", () => {
    expect(readFileSync(join(import.meta.dirname, "../../docs/indicators.md"), "utf8")).toBe(page);
  });

  it.each(INDICATOR_NAMES)("lists %s", (name) => {
    expect(page).toContain(`\n| ${name} |`);
  });
});
