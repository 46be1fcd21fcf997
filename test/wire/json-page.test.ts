import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serveWebRig } from "./serve-web-rig.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/json.md"), "utf8");

function block(pattern: RegExp): string {
  const [, text] = pattern.exec(PAGE) ?? [];
  if (text === undefined) {
    throw new Error(`docs/json.md has nothing like ${pattern}`);
  }
  return text;
}

describe("docs/json.md", () => {
  it("shows a strategy that is accepted without a warning", async () => {
    const { post } = await serveWebRig();
    const { status, warnings } = await post("StrategyService/SaveStrategy", block(/ -d '(\{.*?\})'/s));
    expect([status, warnings]).toEqual([200, []]);
  });

  it("shows what a strategy with many faults is really answered", async () => {
    const { post } = await serveWebRig();
    const { violations } = await post("StrategyService/SaveStrategy", block(/```json\n(.*?)```/s));
    const width = Math.max(...violations.map(({ field }) => field.length)) + 2;
    const told = violations.map(({ field, description }) => `${field.padEnd(width)}${description}\n`);
    expect(told.join("")).toBe(block(/```text\n(.*?)```/s));
  });
});
