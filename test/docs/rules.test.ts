import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { anchors, pages, pageText, ROOT } from "./markdown.ts";

/**
 * R1 to R56, trees of conditions, and those of more than one process. Numbers are never given twice, and never
 * given away.
 */
const FIRST_RULES = [...Array.from({ length: 56 }, (_, i) => `R${i + 1}`), "R58", "R59", "R100", "R101"];

const ruleNumber = (rule: string): number => Number(rule.slice(1));
const index = pageText("docs/semantics.md");
const rulePages = pages().filter((page) => page.startsWith("docs/semantics/"));
const headings = rulePages.flatMap((page) =>
  [...pageText(page).matchAll(/^### (R\d+) (.+)$/gm)].map(([, rule = "", title = ""]) => ({ page, rule, title })),
);
const rules = headings.map(({ rule }) => rule);

describe("the rules", () => {
  it("have one page each", () => {
    expect(rulePages.length).toBeGreaterThanOrEqual(9);
    expect(rules.filter((rule, i) => rules.indexOf(rule) !== i)).toEqual([]);
    expect(FIRST_RULES.filter((rule) => !rules.includes(rule))).toEqual([]);
  });

  it("are listed in docs/semantics.md, each with its page and title", () => {
    const listed = [...index.matchAll(/^- \[(R\d+)\]\((\S+)#(\S+)\) (.+)$/gm)].map(
      ([, rule = "", page, anchor = "", title]) => ({ rule, page: `docs/${page}`, title, anchor }),
    );
    expect(listed.map(({ rule, page, title }) => ({ page, rule, title }))).toEqual(
      headings.toSorted(
        (a, b) => listed.findIndex((one) => one.rule === a.rule) - listed.findIndex((one) => one.rule === b.rule),
      ),
    );
    expect(listed.filter(({ page, anchor }) => !anchors(pageText(page)).has(anchor))).toEqual([]);
  });

  it("stand in the order of their numbers on each page", () => {
    for (const page of rulePages) {
      const own = headings.filter((heading) => heading.page === page).map(({ rule }) => ruleNumber(rule));
      expect(own, page).toEqual(own.toSorted((a, b) => a - b));
    }
  });

  it("are there where code, tests and pages cite them", () => {
    const files = globSync(["src/**/*.ts", "proto/**/*.proto", "bench/**/*.ts", "examples/**/*.ts"], { cwd: ROOT });
    const citing = [...files, ...pages(), ...globSync("test/**/*.test.ts", { cwd: ROOT })];
    const cited = citing.flatMap((path) =>
      [...pageText(path).matchAll(/\bR([1-9]\d?|10[01])\b/g)].map(([rule]) => ({ path, rule })),
    );
    expect(new Set(cited.map(({ rule }) => rule)).size).toBeGreaterThan(45);
    expect(cited.filter(({ rule }) => !rules.includes(rule))).toEqual([]);
  });
});

describe("each page of docs/semantics", () => {
  it.each(rulePages)("%s has rules and one worked example", (page) => {
    const sections = [...pageText(page).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(["Rules", "Worked example"]);
  });

  it.each(rulePages)("%s is wrapped at 100 columns, save tables and blocks", (page) => {
    const text = pageText(page).replace(/^```.*?^```$/gms, "");
    expect(text.split("\n").filter((line) => line.length > 100 && !line.startsWith("|"))).toEqual([]);
  });
});
