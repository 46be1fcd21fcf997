import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serveWebRig, type WebAnswer } from "./serve-web-rig.ts";

interface Case {
  readonly case: string;
  readonly strategy: object;
  readonly expect: "accept" | "warn" | "refuse";
  /** Pairs of a field path and a word that must stand in the answer, all in the first one. */
  readonly must_name: readonly (readonly [string, string])[];
}

/** Strategies as language models write them. */
const CASES: readonly Case[] = readFileSync(join(import.meta.dirname, "strategies.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

function isNamed({ violations, warnings }: WebAnswer, [path, word]: readonly [string, string]): boolean {
  const isAt = (field: string) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
  return (
    violations.some(({ field, description }) => isAt(field) && description.includes(word)) ||
    warnings.some((warning) => warning.includes(path) && warning.includes(word))
  );
}

describe("a strategy as JSON", () => {
  it.each(CASES)("$case: $expect", async ({ strategy, expect: expected, must_name }) => {
    const { post } = await serveWebRig({ symbols: ["BTCUSDT"], venue: ["BTCUSDT"] });
    const answer = await post("StrategyService/SaveStrategy", { strategy, validate_only: true });
    const told = JSON.stringify([answer.violations, answer.warnings], null, 1);
    expect(answer.status, told).toBe(expected === "refuse" ? 400 : 200);
    expect(answer.warnings.length > 0, told).toBe(expected === "warn");
    expect(
      must_name.filter((pair) => !isNamed(answer, pair)),
      told,
    ).toEqual([]);
  });
});
