import type { CompiledStrategy } from "../conditions/compiled-strategy.ts";
import type {
  Gate,
  GateMemory,
  Judged,
  JudgedGate,
  MarketState,
  OpeningGate,
  PolicyContext,
  Proposal,
  Stage,
  StrategyGate,
} from "./gate.ts";
import { CONDITIONS_NOT_MET, INDICATOR_NOT_READY, LOW_CONFIDENCE, NOT_TRIGGERED, VETOED } from "./judged-gates.ts";
import {
  HALTED,
  MARKET_DATA_UNAVAILABLE,
  NOT_ACTIVE,
  NOT_ALLOWED,
  POLICY_UNAVAILABLE,
  REGIME_NOT_ALLOWED,
  REGIME_UNKNOWN,
  SYMBOL_NOT_COVERED,
} from "./opening-gates.ts";
import type { Refusal } from "./refusal.ts";
import { ALREADY_DECIDED, COOLDOWN, LEVELS_FAILED, LEVELS_INVALID, MAX_POSITIONS } from "./state-gates.ts";

/**
 * R26: every gate, in the order in which they are asked. The explained judge, the sweep by sets and
 * the commit are driven from this list; a new gate is one more entry.
 */
export const GATES: readonly Gate[] = [
  HALTED,
  POLICY_UNAVAILABLE,
  NOT_ACTIVE,
  NOT_ALLOWED,
  SYMBOL_NOT_COVERED,
  REGIME_UNKNOWN,
  REGIME_NOT_ALLOWED,
  MARKET_DATA_UNAVAILABLE,
  INDICATOR_NOT_READY,
  CONDITIONS_NOT_MET,
  NOT_TRIGGERED,
  LOW_CONFIDENCE,
  VETOED,
  ALREADY_DECIDED,
  COOLDOWN,
  MAX_POSITIONS,
  LEVELS_FAILED,
  LEVELS_INVALID,
];

/** The gates that can be asked before any condition is judged. */
export const OPENING_GATES: readonly OpeningGate[] = GATES.filter(
  (gate) => gate.needs === "policy" || gate.needs === "strategy" || gate.needs === "symbol" || gate.needs === "market",
);

const POLICY_GATES = OPENING_GATES.filter((gate) => gate.needs === "policy");
const STATE_GATES = GATES.filter((gate) => gate.needs === "state");
const GATES_OF_STAGE: Readonly<Record<Stage, readonly JudgedGate[]>> = {
  conditions: GATES.filter((gate) => gate.needs === "conditions"),
  trigger: GATES.filter((gate) => gate.needs === "trigger"),
  confidence: GATES.filter((gate) => gate.needs === "confidence"),
};

/** Whether anything at all may be decided. */
export function refusedByPolicy(context: PolicyContext): Refusal | undefined {
  return first(POLICY_GATES, (gate) => gate.refuse(context));
}

/** The first gate that stops a strategy on a symbol before its conditions are judged. */
export function refusedAtOpening(
  compiled: CompiledStrategy,
  market: MarketState & { readonly symbol: string },
  context: PolicyContext,
): Refusal | undefined {
  return first(OPENING_GATES, (gate) => {
    switch (gate.needs) {
      case "policy":
        return gate.refuse(context);
      case "strategy":
        return gate.refuse(compiled, context);
      case "symbol": {
        const symbols = gate.symbols(compiled);
        return symbols.size === 0 || symbols.has(market.symbol) ? undefined : gate.refuse(compiled, market.symbol);
      }
      case "market":
        return gate.refuse(market);
      default:
        return gate satisfies never;
    }
  });
}

/** The first gate of a stage of judging that stops what was judged so far. */
export function refusedAt(stage: Stage, judged: Judged): Refusal | undefined {
  return first(GATES_OF_STAGE[stage], (gate) => gate.refuse(judged));
}

/** R30 to R33 and R25: the first gate that stops a proposal, given what was decided before. */
export function refusedByState(proposal: Proposal, state: GateMemory): Refusal | undefined {
  return first(STATE_GATES, (gate) => gate.refuse(proposal, state));
}

/** Whether no gate but those of the market can stop a strategy, where the policy stops nobody. */
export function isSpared(compiled: CompiledStrategy): boolean {
  return OPENING_GATES.every((gate) => {
    switch (gate.needs) {
      case "strategy":
        return gate.isOpen !== undefined || gate.spares?.(compiled) === true;
      case "symbol":
        return gate.symbols(compiled).size === 0;
      default:
        return true;
    }
  });
}

/**
 * Whether the policy stops nobody: with `isSpared`, no gate but those of the market needs to be
 * asked.
 */
export function doesPolicyStopNobody(context: PolicyContext): boolean {
  return OPENING_GATES.every((gate) => {
    switch (gate.needs) {
      case "policy":
        return gate.refuse(context) === undefined;
      case "strategy":
        return isOpen(gate, context);
      default:
        return true;
    }
  });
}

/** A gate that no policy opens must spare the strategy. */
function isOpen(gate: StrategyGate, context: PolicyContext): boolean {
  return gate.isOpen === undefined || gate.isOpen(context);
}

function first<G>(gates: readonly G[], ask: (gate: G) => Refusal | undefined): Refusal | undefined {
  for (const gate of gates) {
    const refusal = ask(gate);
    if (refusal !== undefined) {
      return refusal;
    }
  }
  return undefined;
}
