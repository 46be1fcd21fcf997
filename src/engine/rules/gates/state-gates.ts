import { formatTime } from "../conditions/format.ts";
import type { StateGate } from "./gate.ts";
import { refusal } from "./refusal.ts";

/** R30. */
export const ALREADY_DECIDED: StateGate = {
  outcome: "ALREADY_DECIDED",
  needs: "state",
  refuse(proposal, state) {
    const made = state.decided(proposal);
    if (made === undefined) {
      return undefined;
    }
    const { decisionId, timestamp } = made;
    const { barCloseTime } = proposal;
    const closed = () => `for the bar that closed at ${formatTime(barCloseTime)}`;
    return refusal("ALREADY_DECIDED", () => `decision ${decisionId} was made at ${formatTime(timestamp)} ${closed()}`);
  },
};

/** R31. */
export const COOLDOWN: StateGate = {
  outcome: "COOLDOWN",
  needs: "state",
  refuse(proposal, state) {
    const { judgedAt, cooldownMs } = proposal;
    const newest = state.newest(proposal, judgedAt) ?? Number.NEGATIVE_INFINITY;
    const ago = judgedAt - newest;
    if (ago >= cooldownMs) {
      return undefined;
    }
    const cooldown = `and its cooldown is ${cooldownMs / 1000} s`;
    return refusal("COOLDOWN", () => `it fired at ${formatTime(newest)}, ${ago / 1000} s ago, ${cooldown}`);
  },
};

/** R32. */
export const MAX_POSITIONS: StateGate = {
  outcome: "MAX_POSITIONS",
  needs: "state",
  refuse({ strategyId, shadow, judgedAt, asOf, maxPositions }, state) {
    // SHADOW strategies open no positions.
    const open = shadow ? 0 : state.open(strategyId);
    const reserved = state.reserved(strategyId, shadow, judgedAt, asOf);
    if (open + reserved < maxPositions) {
      return undefined;
    }
    return refusal("MAX_POSITIONS", () => `${open} open and ${reserved} reserved of ${maxPositions} allowed`);
  },
};

/** R25. */
export const LEVELS_FAILED: StateGate = {
  outcome: "FAILED",
  needs: "state",
  refuse: ({ fault }) => (fault === undefined ? undefined : { outcome: "FAILED", because: fault }),
};

/** R80. */
export const LEVELS_INVALID: StateGate = {
  outcome: "LEVELS_INVALID",
  needs: "state",
  refuse: ({ invalidLevels }) =>
    invalidLevels === undefined ? undefined : { outcome: "LEVELS_INVALID", because: invalidLevels },
};
