import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { StrategyService } from "../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { STRATEGY_SCHEMA } from "../../src/rpc/strategy-schema.ts";
import { readContract } from "../contract-page/contract.ts";
import { strategySchema } from "../contract-page/strategy-schema.ts";
import { serve } from "./serve.ts";

const ROOT = join(import.meta.dirname, "../..");
const SCHEMA = JSON.parse(STRATEGY_SCHEMA);
/**
 * It looks neither at `required` within a choice nor at unknown keys beside one, so nothing here
 * rests on these two.
 */
const validator = z.fromJSONSchema(SCHEMA);

const takes = (json: unknown): boolean => validator.safeParse(json).success;

const DIP = { name: "RSI", operator: "<", value: 30 };
const LEAST = { strategy_id: "a", name: "A", entry_indicators: [DIP], base_size_usd: 1, stop_loss_pct: 0.1 };
const { entry_indicators: _, ...REST } = LEAST;

interface Case {
  readonly case: string;
  readonly strategy: object;
  readonly expect: "accept" | "warn" | "refuse";
}

/** Strategies as language models write them, and what the service says to each. */
const CASES = readFileSync(join(ROOT, "test/wire/strategies.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line): Case => JSON.parse(line));

describe("the JSON Schema of a strategy", () => {
  it("is the contract's, with a description and an example of every field", () => {
    expect(SCHEMA).toEqual(strategySchema(readContract()));
    expect(STRATEGY_SCHEMA.match(/"description":""/g)).toBeNull();
  });

  it("is told by a call", async () => {
    const { client } = await serve();
    const { jsonSchema } = await client.call(StrategyService.method.getStrategySchema, {});
    expect(JSON.parse(jsonSchema)).toEqual(SCHEMA);
  });

  it.each(CASES.filter(({ expect: expected }) => expected !== "refuse"))(
    "refuses nothing that a save takes: $case",
    ({ strategy }) => {
      expect(validator.safeParse(strategy).error?.issues).toBeUndefined();
    },
  );

  it("takes the strategies of the examples", () => {
    const folder = join(ROOT, "examples/strategies");
    const refused = readdirSync(folder).filter((name) => !takes(JSON.parse(readFileSync(join(folder, name), "utf8"))));
    expect(refused).toEqual([]);
  });

  it.each<[string, object]>([
    ["the least", LEAST],
    ["keys in the other spelling", { strategyId: "a", name: "A", entryIndicators: [DIP], baseSizeUsd: 1 }],
    ["null for what is not given", { ...LEAST, side: null, cooldown: null, version: null }],
    ["names in any case", { ...LEAST, side: "Side_Long", status: "live", entry_logic: 2 }],
    ["a tree", { ...REST, entry: { all: { rules: [{ none: { rules: [{ condition: DIP }] }, tag: "x" }] } } }],
    ["what the service sets itself", { ...LEAST, version: {}, updated_at: [] }],
  ])("takes %s", (_name, json) => {
    expect(validator.safeParse(json).error?.issues).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["a list", [LEAST]],
    ["a number in quotes", { ...LEAST, base_size_usd: "1" }],
    ["another side", { ...LEAST, side: "BUY" }],
    ["a size of 0", { ...LEAST, base_size_usd: 0 }],
    ["a stop of the whole price", { ...LEAST, stop_loss_pct: 1 }],
    ["a condition as a text", { ...LEAST, entry_indicators: ["RSI < 30"] }],
    ["a tree without rules", { ...REST, entry: { all: { rules: [] } } }],
    ["a list as a tree", { ...REST, entry: { all: [{ condition: DIP }] } }],
    ["too many bars", { ...LEAST, entry_indicators: [{ ...DIP, for_bars: 501 }] }],
    ["half a position", { ...LEAST, max_positions: 1.5 }],
  ])("refuses %s", (_name, json) => {
    expect(takes(json)).toBe(false);
  });
});
