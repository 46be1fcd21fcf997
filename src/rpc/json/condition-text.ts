import type { JsonValue } from "@bufbuild/protobuf";
import { isOperatorLike } from "../../engine/validation/operator-words.ts";
import { written } from "./shown.ts";

/** Two expressions, each at its longest. */
const LONGEST = 1_100;
/** No strategy has more. */
const MOST_CONDITIONS = 32;

/** A condition in parts. */
export interface Parts {
  readonly name: string;
  readonly operator: string;
  readonly right: { readonly value: number } | { readonly indicator: string };
}

/** The parts of a condition that was written as one text or list; undefined where it is none. */
export function partsOf(json: JsonValue): Parts | undefined {
  const [name, operator, operand, ...more] = typeof json === "string" ? wordsOf(json) : scalarsOf(json);
  if (typeof name !== "string" || typeof operator !== "string" || operand === undefined || more.length > 0) {
    return undefined;
  }
  const number = typeof operand === "number" || /^-?\d+(\.\d+)?$/.test(operand) ? Number(operand) : undefined;
  return { name, operator, right: number === undefined ? { indicator: String(operand) } : { value: number } };
}

/** The keys and values to write for it. */
export function partsText({ name, operator, right }: Parts): string {
  return Object.entries({ name, operator, ...right })
    .map(([key, value]) => `"${key}": ${written(value)}`)
    .join(", ");
}

/**
 * The conditions of a text such as "RSI < 30 AND CLOSE > EMA_20"; undefined where not all of them
 * are some.
 */
export function conditionsIn(text: string): JsonValue[] | undefined {
  if (text.length > LONGEST * MOST_CONDITIONS) {
    return undefined;
  }
  const texts = text.split(/\s*(?:,|;|\n|&&|\|\||\s(?:AND|OR)\s)\s*/i, MOST_CONDITIONS + 1);
  const isSeveral = texts.length > 1 && texts.length <= MOST_CONDITIONS;
  return isSeveral && texts.every((part) => partsOf(part) !== undefined) ? texts : undefined;
}

function wordsOf(text: string): readonly string[] {
  if (text.length > LONGEST) {
    return [];
  }
  const [left = "", operator, right = "", ...more] = text.trim().split(/\s*(<=|>=|==|!=|<|>)\s*/);
  if (operator !== undefined) {
    return more.length === 0 && isSide(left) && isSide(right) ? [left, operator, right] : [];
  }
  const words = text.trim().split(/\s+/);
  const at = words.findIndex((word, i) => i > 0 && isOperatorLike(word));
  const sides = [words.slice(0, at).join(" "), words.slice(at + 1).join(" ")];
  return at > 0 && sides.every(isSide) ? [sides[0] ?? "", words[at] ?? "", sides[1] ?? ""] : [];
}

/** One word, or an expression with blanks between its parts. */
function isSide(text: string): boolean {
  return /^[^\s=!]+$/.test(text) || (/^[\w.()[\]@,+*/\s-]+$/.test(text) && /[-+*/(]/.test(text));
}

function scalarsOf(json: JsonValue): readonly (string | number)[] {
  const isPart = (part: JsonValue) => typeof part === "number" || (typeof part === "string" && part.length <= 100);
  return Array.isArray(json) && json.length === 3 && json.every(isPart) ? (json as (string | number)[]) : [];
}
