import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pageText, ROOT } from "./markdown.ts";

const PAGE = pageText("docs/decisions.md");

describe("docs/decisions.md", () => {
  it("has each decision once, though git joins what two branches add", () => {
    const titles = [...PAGE.matchAll(/^(?:- )?\*\*(.+?)\*\*/gms)].map(([, title = ""]) => title.replace(/\s+/g, " "));
    expect(titles.length).toBeGreaterThan(80);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });

  it("names files that are there", () => {
    const named = [...PAGE.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
