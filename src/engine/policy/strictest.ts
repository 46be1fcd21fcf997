import { type Policy, type PolicyChange, RISK_MODE_FACTOR } from "../../domain/policy.ts";

/** The policy with an order laid over it, part by part the stricter of both: an order that waits for its store can only hold trading back. */
export function strictest(policy: Policy, order: PolicyChange): Policy {
  const { riskMode = policy.riskMode, globalMinConfidence = 0 } = order;
  const isHeldBack = order.halted === true;
  return {
    ...policy,
    riskMode: RISK_MODE_FACTOR[riskMode] < RISK_MODE_FACTOR[policy.riskMode] ? riskMode : policy.riskMode,
    globalMinConfidence: Math.max(policy.globalMinConfidence, globalMinConfidence),
    allowedStrategies: isShorter(order.allowedStrategies, policy) ? order.allowedStrategies : policy.allowedStrategies,
    halted: policy.halted || isHeldBack,
    haltReason: isHeldBack ? (order.haltReason ?? policy.haltReason) : policy.haltReason,
  };
}

/** Whether an order lets nothing through that the policy does not: a halt, a smaller risk mode, a higher least confidence, a shorter allow-list. */
export function isSafer(policy: Policy, order: PolicyChange): boolean {
  const { riskMode, globalMinConfidence, allowedStrategies, halted } = order;
  return (
    order.currentRegime === undefined &&
    halted !== false &&
    (riskMode === undefined || RISK_MODE_FACTOR[riskMode] <= RISK_MODE_FACTOR[policy.riskMode]) &&
    (globalMinConfidence === undefined || globalMinConfidence >= policy.globalMinConfidence) &&
    (allowedStrategies === undefined || isShorter(allowedStrategies, policy))
  );
}

/** Whether a list names no strategy that the policy keeps out. An empty one lets all through. */
function isShorter(list: readonly string[] | undefined, policy: Policy): list is readonly string[] {
  if (list === undefined || list.length === 0) {
    return false;
  }
  const allowed = new Set(policy.allowedStrategies);
  return allowed.size === 0 || list.every((strategyId) => allowed.has(strategyId));
}
