import { type Policy, type PolicyChange, RISK_MODE_FACTOR } from "../../domain/policy.ts";

/**
 * The policy with a change laid over it, part by part the stricter of both: a change that waits for
 * its store can only hold trading back.
 */
export function strictest(policy: Policy, change: PolicyChange): Policy {
  const { riskMode = policy.riskMode, globalMinConfidence = 0, allowedStrategies = [] } = change;
  const stricter: Policy = {
    ...policy,
    riskMode: RISK_MODE_FACTOR[riskMode] < RISK_MODE_FACTOR[policy.riskMode] ? riskMode : policy.riskMode,
    globalMinConfidence: Math.max(policy.globalMinConfidence, globalMinConfidence),
    ...(change.halted === true && { halted: true, haltReason: change.haltReason ?? policy.haltReason }),
  };
  return underBoth(stricter, allowedStrategies);
}

/**
 * Lets through only whom the policy's list and this one both name; an empty list names everybody.
 */
function underBoth(policy: Policy, list: readonly string[]): Policy {
  const { allowedStrategies: before } = policy;
  if (before.length === 0 || list.length === 0) {
    return { ...policy, allowedStrategies: before.length === 0 ? list : before };
  }
  const names = new Set(list);
  const both = before.filter((strategyId) => names.has(strategyId));
  if (both.length > 0 || policy.halted) {
    return { ...policy, allowedStrategies: both.length > 0 ? both : before };
  }
  // No list says that nobody may trade.
  const haltReason = "no strategy is both on the list ordered, which is not written yet, and on the one in the store";
  return { ...policy, halted: true, haltReason };
}

/**
 * Whether a change lets nothing through that the policy does not: a halt, a smaller risk mode, a
 * higher least confidence, a shorter allow-list.
 */
export function isSafer(policy: Policy, change: PolicyChange): boolean {
  const { riskMode, globalMinConfidence, allowedStrategies, halted } = change;
  return (
    change.currentRegime === undefined &&
    halted !== false &&
    (riskMode === undefined || RISK_MODE_FACTOR[riskMode] <= RISK_MODE_FACTOR[policy.riskMode]) &&
    (globalMinConfidence === undefined || globalMinConfidence >= policy.globalMinConfidence) &&
    (allowedStrategies === undefined || isShorter(allowedStrategies, policy))
  );
}

/** Whether a list names no strategy that the policy keeps out. An empty one lets all through. */
function isShorter(list: readonly string[], policy: Policy): boolean {
  if (list.length === 0) {
    return false;
  }
  const allowed = new Set(policy.allowedStrategies);
  return allowed.size === 0 || list.every((strategyId) => allowed.has(strategyId));
}
