import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { anchors, links, pages, pageText, ROOT } from "./markdown.ts";

/** What is wrong with the links of a page. */
function broken(page: string): readonly string[] {
  const text = pageText(page);
  return links(text).flatMap((target) => {
    const [file = "", anchor] = target.split("#");
    const path = file === "" ? page : normalize(join(dirname(page), file));
    if (!existsSync(join(ROOT, path))) {
      return [`${page}: ${target} leads to no file`];
    }
    return anchor === undefined || anchors(pageText(path)).has(anchor)
      ? []
      : [`${page}: ${target} leads to no heading`];
  });
}

describe("the links of all pages", () => {
  it("lead to files and headings that are there", () => {
    expect(pages().length).toBeGreaterThan(25);
    expect(pages().flatMap((page) => links(pageText(page))).length).toBeGreaterThan(100);
    expect(pages().flatMap(broken)).toEqual([]);
  });

  it("lead to every page of docs from README or from another page", () => {
    const linked = pages().flatMap((page) =>
      links(pageText(page)).map((target) => normalize(join(dirname(page), target.replace(/#.*/, "")))),
    );
    const alone = pages().filter((page) => page.startsWith("docs/") && !linked.includes(page));
    expect(alone).toEqual([]);
  });

  it("are known by the names that GitHub gives to headings", () => {
    const text = "# The engine is not ready: what now?\n## `a` & b\n## R5 Gaps\n## R5 Gaps\n```\n# no heading\n```\n";
    expect([...anchors(text)]).toEqual(["the-engine-is-not-ready-what-now", "a--b", "r5-gaps", "r5-gaps-1"]);
  });
});
