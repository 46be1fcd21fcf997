import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apiPage } from "./api-page.ts";
import { comment, ofField, ofMethod, readContract } from "./contract.ts";

const contract = readContract();
const page = apiPage(contract);

/** The text below a heading, up to the next one of any level. */
function section(heading: string): string {
  const [, text = ""] = page.split(`\n${heading}\n`);
  return (text.split(/^#/m)[0] ?? "").replace(/\s+/g, " ");
}

describe("docs/api.md", () => {
  it("is current; if not, run: npm run docs:api", () => {
    expect(readFileSync(join(import.meta.dirname, "../../docs/api.md"), "utf8")).toBe(page);
  });

  it("has every call, message, field and value, with number and comment", () => {
    const { services, messages, enums } = contract;
    const calls = services.flatMap(({ methods }) => methods);
    expect(calls.length).toBeGreaterThan(20);
    const words = page.replace(/\s+/g, " ").replaceAll("\\", "");
    expect(calls.filter(({ name }) => !page.includes(`\n### ${name}\n`))).toEqual([]);
    const fields = messages.flatMap((message) => message.fields);
    expect(fields.filter(({ name, number }) => !page.includes(`- \`${name}\` = ${number}, `))).toEqual([]);
    const values = enums.flatMap((one) => one.values);
    expect(values.filter(({ name, number }) => !page.includes(`- \`${name}\` = ${number}`))).toEqual([]);
    const comments = [...calls.map(ofMethod), ...fields.map(ofField)].map(comment);
    expect(comments.filter((text) => text !== "").length).toBeGreaterThan(120);
    expect(comments.filter((text) => !words.includes(text))).toEqual([]);
    expect(calls.map(ofMethod).map(comment)).not.toContain("");
  });

  it("names the errors that comments name, at the call that they are about", () => {
    expect(section("### GetStrategy")).toContain("Errors of its own: NOT_FOUND.");
    expect(section("### SaveStrategy")).toContain("ABORTED");
    expect(section("### ReportPositionClosed")).toContain("ALREADY_EXISTS");
    expect(section("### GenerateSignals")).toMatch(
      /own: NOT_FOUND, FAILED_PRECONDITION, RESOURCE_EXHAUSTED, UNAVAILABLE/,
    );
    expect(section("### GetPolicy")).not.toContain("Errors of its own");
  });

  it("is wrapped at 100 columns", () => {
    expect(page.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });
});
