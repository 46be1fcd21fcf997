import type { CompiledStrategy } from "../conditions/compiled-strategy.ts";
import type { MarketGate, PolicyGate, StrategyGate, SymbolGate } from "./gate.ts";

export const HALTED: PolicyGate = {
  outcome: "HALTED",
  needs: "policy",
  refuse: ({ inForce: { policy } }) =>
    policy?.halted ? { outcome: "HALTED", because: policy.haltReason || "no reason given" } : undefined,
};

/** A snapshot too old to be used says nothing, a halt included (R29). */
export const POLICY_UNAVAILABLE: PolicyGate = {
  outcome: "POLICY_UNAVAILABLE",
  needs: "policy",
  refuse: ({ inForce }) =>
    inForce.policy === undefined ? { outcome: "POLICY_UNAVAILABLE", because: inForce.fault } : undefined,
};

export const NOT_ACTIVE: StrategyGate = {
  outcome: "NOT_ACTIVE",
  needs: "strategy",
  spares: isActive,
  refuse: (compiled) =>
    isActive(compiled)
      ? undefined
      : { outcome: "NOT_ACTIVE", because: `its status is ${compiled.strategy.status}, needs LIVE or SHADOW` },
};

function isActive({ strategy: { status } }: CompiledStrategy): boolean {
  return status === "LIVE" || status === "SHADOW";
}

export const NOT_ALLOWED: StrategyGate = {
  outcome: "NOT_ALLOWED",
  needs: "strategy",
  isOpen: ({ inForce }) => inForce.policy === undefined || inForce.allowed.size === 0,
  refuse({ strategy: { strategyId } }, { inForce }) {
    if (inForce.policy === undefined || inForce.allowed.size === 0 || inForce.allowed.has(strategyId)) {
      return undefined;
    }
    const count = inForce.allowed.size;
    const allowed = `${count} ${count === 1 ? "strategy" : "strategies"} allowed`;
    return { outcome: "NOT_ALLOWED", because: `${strategyId} is not among the ${allowed}` };
  },
};

export const SYMBOL_NOT_COVERED: SymbolGate = {
  outcome: "SYMBOL_NOT_COVERED",
  needs: "symbol",
  symbols: ({ symbols }) => symbols,
  refuse: ({ strategy }, symbol) => ({
    outcome: "SYMBOL_NOT_COVERED",
    because: `${strategy.symbols.join(", ")}, not ${symbol}`,
  }),
};

/** R28. */
export const REGIME_UNKNOWN: StrategyGate = {
  outcome: "REGIME_UNKNOWN",
  needs: "strategy",
  spares: firesInAny,
  refuse: (compiled, { regime }) =>
    firesInAny(compiled) || regime !== undefined
      ? undefined
      : { outcome: "REGIME_UNKNOWN", because: `the strategy fires only in ${regimesOf(compiled)}` },
};

/** R28. */
export const REGIME_NOT_ALLOWED: StrategyGate = {
  outcome: "REGIME_NOT_ALLOWED",
  needs: "strategy",
  spares: firesInAny,
  refuse: (compiled, { regime }) =>
    firesInAny(compiled) || regime === undefined || compiled.regimes.has(regime)
      ? undefined
      : { outcome: "REGIME_NOT_ALLOWED", because: `the regime is ${regime}, needs one of ${regimesOf(compiled)}` },
};

function firesInAny({ regimes }: CompiledStrategy): boolean {
  return regimes.size === 0;
}

function regimesOf({ strategy }: CompiledStrategy): string {
  return strategy.allowedRegimes.join(", ");
}

/** R7. */
export const MARKET_DATA_UNAVAILABLE: MarketGate = {
  outcome: "MARKET_DATA_UNAVAILABLE",
  needs: "market",
  refuse({ unavailable, barClose }) {
    const because = unavailable ?? (barClose === undefined ? "there is no bar to judge" : undefined);
    return because === undefined ? undefined : { outcome: "MARKET_DATA_UNAVAILABLE", because };
  },
};
