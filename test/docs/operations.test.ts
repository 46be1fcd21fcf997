import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pageText, ROOT } from "./markdown.ts";

const PAGE = pageText("docs/operations.md");
const index = PAGE.split("\n## ").find((section) => section.startsWith("Questions\n")) ?? "";

/** The sections below questions: all third-level headings that are no alert's. */
const questions = [...PAGE.matchAll(/^### ([^\n]+)\n(.*?)(?=^##)/gms)]
  .map(([, title = "", text = ""]) => ({ title, text }))
  .filter(({ title }) => !/^\w+ \(\w+\)$/.test(title));

describe("docs/operations.md", () => {
  it("lists its questions, in their order", () => {
    expect([...index.matchAll(/^- \[(.+)\]\(#/gm)].map(([, title]) => title)).toEqual(
      questions.map(({ title }) => title),
    );
    expect(questions.length).toBeGreaterThan(10);
  });

  it("says of each fault where to look, what it means, and what to do", () => {
    const faults = questions.filter(({ text }) => text.includes("**Look at**"));
    expect(faults.length).toBeGreaterThan(8);
    const lacking = faults.filter(({ text }) => !text.includes("**It means**") || !text.includes("**Do**"));
    expect(lacking.map(({ title }) => title)).toEqual([]);
  });

  it("names metrics that the program has", () => {
    const sources = globSync("src/telemetry/**/*.ts", { cwd: ROOT }).map((path) =>
      readFileSync(join(ROOT, path), "utf8"),
    );
    const known = sources.join("\n");
    const metrics = [...new Set([...PAGE.matchAll(/`strategy_runtime_(\w+)`/g)].map(([, name = ""]) => name))];
    expect(metrics.length).toBeGreaterThan(8);
    expect(metrics.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("names tests that there are", () => {
    const cited = [...PAGE.replace(/\s+/g, " ").matchAll(/\(([a-z/-]+): /g)].map(([, name = ""]) => name);
    const tests = globSync("test/**/*.test.ts", { cwd: ROOT }).map((path) => path.replaceAll("\\", "/"));
    const named = cited.filter((name) => /^[a-z]+(-[a-z]+)+$|\//.test(name));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !tests.some((path) => path.endsWith(`/${name}.test.ts`)))).toEqual([]);
  });

  it("is wrapped at 100 columns, save tables and blocks", () => {
    const text = PAGE.replace(/^```.*?^```$/gms, "");
    expect(text.split("\n").filter((line) => line.length > 100 && !line.startsWith("|"))).toEqual([]);
  });
});
