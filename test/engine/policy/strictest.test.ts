import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Policy, type PolicyChange, RISK_MODE_FACTOR, RISK_MODES } from "../../../src/domain/policy.ts";
import { isSafer, strictest } from "../../../src/engine/policy/strictest.ts";

const STRATEGIES = ["a", "b", "c"];
const lists = fc.subarray(STRATEGIES);
const levels = fc.constantFrom(0, 0.5, 0.7, 0.9);
const policies: fc.Arbitrary<Policy> = fc.record({
  riskMode: fc.constantFrom(...RISK_MODES),
  globalMinConfidence: levels,
  allowedStrategies: lists,
  halted: fc.boolean(),
  haltReason: fc.constant(""),
});
const changes: fc.Arbitrary<Omit<PolicyChange, "currentRegime">> = fc.record(
  {
    riskMode: fc.constantFrom(...RISK_MODES),
    globalMinConfidence: levels,
    allowedStrategies: lists,
    halted: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** What a policy lets through: which strategies, from which confidence on, at which size. */
function allowed({ halted, allowedStrategies }: Policy): readonly string[] {
  return halted ? [] : STRATEGIES.filter((id) => allowedStrategies.length === 0 || allowedStrategies.includes(id));
}

function expectNoBolder(policy: Policy, than: Policy): void {
  expect(allowed(than)).toEqual(expect.arrayContaining([...allowed(policy)]));
  expect(policy.globalMinConfidence).toBeGreaterThanOrEqual(than.globalMinConfidence);
  expect(RISK_MODE_FACTOR[policy.riskMode]).toBeLessThanOrEqual(RISK_MODE_FACTOR[than.riskMode]);
}

describe("a change of the policy that waits for its store", () => {
  it("lets nothing through that the policy does not, whatever another has written meanwhile", () => {
    fc.assert(
      fc.property(policies, changes, (policy, change) => {
        const both = strictest(policy, change);
        expectNoBolder(both, policy);
        // Nor anything that the change itself forbids.
        const { halted: _, ...parts } = change;
        expectNoBolder(both, {
          ...policy,
          riskMode: "AGGRESSIVE",
          globalMinConfidence: 0,
          allowedStrategies: [],
          ...parts,
        });
        expect(both.halted || change.halted !== true).toBe(true);
      }),
    );
  });

  it("is held before it is written exactly where it lets nothing more through", () => {
    fc.assert(
      fc.property(policies, changes, (policy, change) => {
        if (isSafer(policy, change)) {
          expectNoBolder({ ...policy, ...change }, policy);
          expect(change.halted).not.toBe(false);
        }
      }),
    );
    const open: Policy = {
      riskMode: "NORMAL",
      globalMinConfidence: 0.5,
      allowedStrategies: [],
      halted: false,
      haltReason: "",
    };
    for (const change of [
      { halted: true },
      { riskMode: "DEFENSIVE" },
      { globalMinConfidence: 0.6 },
      { allowedStrategies: ["a"] },
    ] as const) {
      expect(isSafer(open, change)).toBe(true);
    }
  });
});
