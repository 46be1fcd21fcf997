import type { RuleDraft } from "../../../src/domain/strategy.ts";
import { conditionOf } from "./drafts.ts";

/** A rule of one condition: "RSI < 30". */
export function rule(text: string, tag?: string): RuleDraft {
  return { kind: "condition", condition: conditionOf(text), ...(tag !== undefined && { tag }) };
}
