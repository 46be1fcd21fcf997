import { RuntimeError } from "../../domain/errors.ts";
import type { PolicyChange } from "../../domain/policy.ts";
import type { PolicyParts } from "../../domain/policy-parts.ts";

/**
 * The keys of the policy, which controllers write too. Strings, but for the set of allowed
 * strategies.
 */
export const KEYS = {
  riskMode: "global:risk_mode",
  globalMinConfidence: "global:min_confidence",
  halted: "global:halted",
  haltReason: "global:halt_reason",
  currentRegime: "global:current_regime",
  allowedStrategies: "global:allowed_strategies",
} as const;

/**
 * Another text after each change that was made through the adapter: what a change that comes late
 * is recognised by.
 */
export const REVISION = "global:revision";

/** A number as text, as any language prints one. No blanks, no hexadecimal, no "nan". */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** What the keys hold; null where there is none. */
export interface StoredPolicy {
  readonly riskMode: string | null;
  readonly globalMinConfidence: string | null;
  readonly halted: string | null;
  readonly haltReason: string | null;
  readonly currentRegime: string | null;
  readonly allowedStrategies: readonly string[];
}

/** Fails with `failed_precondition` where a text says no number or no yes or no (R29). */
export function partsOf(stored: StoredPolicy): PolicyParts {
  const { globalMinConfidence, halted } = stored;
  return {
    ...stored,
    globalMinConfidence: globalMinConfidence === null ? null : numberOf(globalMinConfidence),
    halted: halted === null ? null : booleanOf(halted),
  };
}

function numberOf(text: string): number {
  if (!NUMBER.test(text)) {
    throw unreadable(`${KEYS.globalMinConfidence} is ${shown(text)}, must be a number such as 0.5`);
  }
  return Number(text);
}

/** Python writes True and False. */
function booleanOf(text: string): boolean {
  switch (text.toLowerCase()) {
    case "true":
    case "1":
      return true;
    case "false":
    case "0":
      return false;
    default:
      throw unreadable(`${KEYS.halted} is ${shown(text)}, must be true or false`);
  }
}

export function unreadable(what: string): RuntimeError {
  return new RuntimeError("failed_precondition", `the stored policy cannot be read: ${what}; set it anew`);
}

function shown(text: string): string {
  return JSON.stringify(text).slice(0, 100);
}

/** The strings to write for a change; null deletes the key. */
export function stringsOf(change: PolicyChange): readonly (readonly [key: string, value: string | null])[] {
  const { riskMode, globalMinConfidence, halted, haltReason, currentRegime } = change;
  const all: readonly (readonly [string, string | null | undefined])[] = [
    [KEYS.riskMode, riskMode],
    [KEYS.globalMinConfidence, globalMinConfidence?.toString()],
    [KEYS.halted, halted?.toString()],
    [KEYS.haltReason, haltReason],
    [KEYS.currentRegime, currentRegime],
  ];
  return all.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
}
