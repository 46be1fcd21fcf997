import { describe, expect, it } from "vitest";
import { OUTCOMES } from "../../../../src/domain/decision.ts";
import { GATES, OPENING_GATES } from "../../../../src/engine/rules/gates/gates.ts";

describe("the gates", () => {
  it("stand in the order of the outcomes (R26), each once", () => {
    expect(GATES.map(({ outcome }) => outcome)).toEqual(OUTCOMES.filter((outcome) => outcome !== "DECIDED"));
  });

  it("ask for what is known first before what comes later", () => {
    const order = ["policy", "strategy", "symbol", "market", "conditions", "trigger", "confidence", "state"];
    const opening = new Set(["policy", "strategy", "symbol"]);
    const places = GATES.map(({ needs }) => (opening.has(needs) ? 0 : order.indexOf(needs)));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(OPENING_GATES.at(-1)?.needs).toBe("market");
  });
});
