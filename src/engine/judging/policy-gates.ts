import type { Outcome } from "../../domain/decision.ts";
import type { Policy } from "../../domain/policy.ts";
import type { CompiledStrategy } from "../strategies/compile.ts";

/** An outcome with what decided it, for people. */
export interface Refusal {
  readonly outcome: Outcome;
  readonly because: string;
}

/** A refusal whose words are found only where they are asked for: a sweep refuses by the hundred thousand, and seldom says why. */
class QuietRefusal implements Refusal {
  readonly outcome: Outcome;
  readonly #because: () => string;

  constructor(outcome: Outcome, because: () => string) {
    this.outcome = outcome;
    this.#because = because;
  }

  get because(): string {
    return this.#because();
  }
}

export function refusal(outcome: Outcome, because: () => string): Refusal {
  return new QuietRefusal(outcome, because);
}

/** The policy that a sweep judges under: a snapshot fresh enough to be used, or why there is none (R29). */
export type PolicyInForce =
  | { readonly policy: Policy; readonly allowed: ReadonlySet<string> }
  | { readonly policy?: undefined; readonly fault: string };

/** R26 up to REGIME_NOT_ALLOWED: what can be said without a look at the market. */
export function policyGate(
  compiled: CompiledStrategy,
  symbol: string,
  inForce: PolicyInForce,
  regime: string | undefined,
): Refusal | undefined {
  return orderGate(compiled, inForce) ?? coverageGate(compiled, symbol) ?? regimeGate(compiled, regime);
}

/** R26 up to POLICY_UNAVAILABLE: whether anything at all may be decided. */
export function tradingGate(inForce: PolicyInForce): Refusal | undefined {
  if (inForce.policy === undefined) {
    return { outcome: "POLICY_UNAVAILABLE", because: inForce.fault };
  }
  if (inForce.policy.halted) {
    return { outcome: "HALTED", because: inForce.policy.haltReason || "no reason given" };
  }
  return undefined;
}

/** R26 up to NOT_ALLOWED: the orders, which are the same on every symbol. */
export function orderGate(compiled: CompiledStrategy, inForce: PolicyInForce): Refusal | undefined {
  const { strategy } = compiled;
  const stopped = tradingGate(inForce);
  if (stopped !== undefined || inForce.policy === undefined) {
    return stopped;
  }
  if (strategy.status !== "LIVE" && strategy.status !== "SHADOW") {
    return { outcome: "NOT_ACTIVE", because: `its status is ${strategy.status}, needs LIVE or SHADOW` };
  }
  if (inForce.allowed.size > 0 && !inForce.allowed.has(strategy.strategyId)) {
    const count = inForce.allowed.size;
    return {
      outcome: "NOT_ALLOWED",
      because: `${strategy.strategyId} is not among the ${count} ${count === 1 ? "strategy" : "strategies"} allowed`,
    };
  }
  return undefined;
}

function coverageGate(compiled: CompiledStrategy, symbol: string): Refusal | undefined {
  if (compiled.symbols.size > 0 && !compiled.symbols.has(symbol)) {
    return { outcome: "SYMBOL_NOT_COVERED", because: `${compiled.strategy.symbols.join(", ")}, not ${symbol}` };
  }
  return undefined;
}

/** R28. */
export function regimeGate(compiled: CompiledStrategy, regime: string | undefined): Refusal | undefined {
  if (compiled.regimes.size === 0) {
    return undefined;
  }
  const allowed = compiled.strategy.allowedRegimes.join(", ");
  if (regime === undefined) {
    return { outcome: "REGIME_UNKNOWN", because: `the strategy fires only in ${allowed}` };
  }
  if (!compiled.regimes.has(regime)) {
    return { outcome: "REGIME_NOT_ALLOWED", because: `the regime is ${regime}, needs one of ${allowed}` };
  }
  return undefined;
}
