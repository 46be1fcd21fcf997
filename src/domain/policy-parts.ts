import { compareCodePoints } from "./decision.ts";
import { RuntimeError } from "./errors.ts";
import { DEFAULT_POLICY, type Policy, RISK_MODES, type RiskMode } from "./policy.ts";

/**
 * A policy as a store holds it: any part may be absent, and written by others, so none can be
 * trusted.
 */
export interface PolicyParts {
  readonly riskMode?: string | null | undefined;
  readonly globalMinConfidence?: number | null | undefined;
  /** An entry that is not text makes the whole list unreadable. */
  readonly allowedStrategies?: readonly unknown[] | null | undefined;
  readonly halted?: boolean | null | undefined;
  readonly haltReason?: string | null | undefined;
  readonly currentRegime?: string | null | undefined;
}

/**
 * R29: absent parts mean their default; a part that cannot be read is `failed_precondition`, never
 * default.
 */
export function policyOf(parts: PolicyParts): Policy {
  const regime = parts.currentRegime ?? "";
  return {
    riskMode: riskModeOf(parts.riskMode ?? DEFAULT_POLICY.riskMode),
    globalMinConfidence: confidenceOf(parts.globalMinConfidence ?? DEFAULT_POLICY.globalMinConfidence),
    allowedStrategies: idsOf(parts.allowedStrategies ?? DEFAULT_POLICY.allowedStrategies),
    halted: parts.halted ?? DEFAULT_POLICY.halted,
    haltReason: parts.haltReason ?? DEFAULT_POLICY.haltReason,
    ...(regime !== "" && { currentRegime: regime }),
  };
}

function riskModeOf(text: string): RiskMode {
  const mode = RISK_MODES.find((known) => known === text);
  if (mode === undefined) {
    throw unreadable(`risk mode is "${text}", must be one of ${RISK_MODES.join(", ")}`);
  }
  return mode;
}

function confidenceOf(value: number): number {
  if (!Number.isFinite(value) || value < 0) {
    throw unreadable(`global minimum confidence is ${value}, must be a finite number at or above 0`);
  }
  return value;
}

function idsOf(ids: readonly unknown[]): readonly string[] {
  const texts = ids.filter((id) => typeof id === "string");
  if (texts.length !== ids.length) {
    throw unreadable("allowed strategies hold an entry that is not text; write strategy ids only");
  }
  return [...new Set(texts)].sort(compareCodePoints);
}

function unreadable(what: string): RuntimeError {
  return new RuntimeError("failed_precondition", `the stored policy cannot be read: ${what}; set it anew`);
}
