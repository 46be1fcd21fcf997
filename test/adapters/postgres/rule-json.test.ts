import { expect, it } from "vitest";
import { ruleOf } from "../../../src/adapters/postgres/rule-json.ts";
import type { ReadFault } from "../../../src/domain/errors.ts";
import { conditionsIn } from "../../../src/domain/rule.ts";

it("a rule of very many parts is read up to the bound, and has few faults", () => {
  const faults: ReadFault[] = [];
  const rules = Array.from({ length: 100_000 }, () => ({ condition: { name: "CLOSE" } }));
  const rule = ruleOf({ all: { rules: [{ any: { rules } }, { any: { rules } }] } }, "entry", faults);
  expect(conditionsIn(rule).length).toBeLessThan(2_000);
  expect(faults.length).toBeGreaterThan(0);
  expect(faults.length).toBeLessThan(10);
});
