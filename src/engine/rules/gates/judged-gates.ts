import { explainConditions } from "../conditions/explanation.ts";
import { formatNumber } from "../conditions/format.ts";
import type { JudgedGate } from "./gate.ts";
import { refusal } from "./refusal.ts";

/** R22's slack for rounding. */
const CONFIDENCE_SLACK = 1e-9;

/** R15. */
export const INDICATOR_NOT_READY: JudgedGate = {
  outcome: "INDICATOR_NOT_READY",
  needs: "conditions",
  refuse: ({ met, compiled, conditions }) =>
    met === undefined ? refusal("INDICATOR_NOT_READY", () => explainConditions(compiled, conditions)) : undefined,
};

export const CONDITIONS_NOT_MET: JudgedGate = {
  outcome: "CONDITIONS_NOT_MET",
  needs: "conditions",
  refuse: ({ met, compiled, conditions }) =>
    met === false ? refusal("CONDITIONS_NOT_MET", () => explainConditions(compiled, conditions)) : undefined,
};

/** R16. */
export const NOT_TRIGGERED: JudgedGate = {
  outcome: "NOT_TRIGGERED",
  needs: "trigger",
  refuse({ heldBefore }) {
    switch (heldBefore) {
      case true:
        return { outcome: "NOT_TRIGGERED", because: "an EDGE strategy fires only when they begin to hold" };
      case undefined: {
        const because = "whether the conditions held on the bar before cannot be known";
        return { outcome: "INDICATOR_NOT_READY", because };
      }
      default:
        return undefined;
    }
  },
};

/** R22. */
export const LOW_CONFIDENCE: JudgedGate = {
  outcome: "LOW_CONFIDENCE",
  needs: "confidence",
  refuse({ confidence = 0, required }) {
    if (confidence >= required - CONFIDENCE_SLACK) {
      return undefined;
    }
    const away = () => `${formatNumber(confidence)}, needs ${formatNumber(required)}`;
    return refusal("LOW_CONFIDENCE", () => `${away()} (${formatNumber(required - confidence)} away)`);
  },
};

export const VETOED: JudgedGate = {
  outcome: "VETOED",
  needs: "confidence",
  refuse: ({ veto }) => (veto === undefined ? undefined : { outcome: "VETOED", because: veto }),
};
