import { compareCodePoints } from "../../domain/decision.ts";
import type { Findings } from "./findings.ts";
import { quoted, textFault } from "./texts.ts";

/** Most regimes and symbols of a strategy (R42). */
const MOST_ENTRIES = 100;
const MOST_LABELS = 32;

/** A list of distinct texts, in its own order. Undefined where something was refused. */
export function checkTexts(
  findings: Findings,
  field: string,
  texts: readonly string[],
  faultOf: (text: string) => string | undefined,
): readonly string[] | undefined {
  const before = findings.violations.length;
  if (texts.length > MOST_ENTRIES) {
    findings.refuse(field, `has ${texts.length} entries, must have at most ${MOST_ENTRIES}`);
  }
  const seen = new Map<string, number>();
  for (const [index, text] of texts.slice(0, MOST_ENTRIES).entries()) {
    const first = seen.get(text);
    if (first !== undefined) {
      findings.refuse(`${field}[${index}]`, `is ${quoted(text)} again, as ${field}[${first}]: leave one out`);
    } else {
      seen.set(text, index);
      findings.accept(`${field}[${index}]`, faultOf(text));
    }
  }
  return findings.violations.length === before ? [...texts] : undefined;
}

const ANYTHING: ReadonlySet<string> = new Set(["any", "all", "*", "none", "every"]);

/**
 * Warns of regimes that are named as if they were all of them, or none: no controller publishes
 * such a one.
 */
export function warnOfWords(findings: Findings, regimes: readonly string[]): void {
  for (const [index, regime] of regimes.entries()) {
    if (ANYTHING.has(regime.trim().toLowerCase())) {
      findings.warn(
        `allowed_regimes[${index}]: ${quoted(regime)} is taken for the name of a regime: ` +
          "leave allowed_regimes empty where any regime will do",
      );
    }
  }
}

/** Labels, with their keys in code-point order. Undefined where something was refused. */
export function checkLabels(
  findings: Findings,
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const before = findings.violations.length;
  const entries = Object.entries(labels).sort(([a], [b]) => compareCodePoints(a, b));
  if (entries.length > MOST_LABELS) {
    findings.refuse("labels", `has ${entries.length} entries, must have at most ${MOST_LABELS}`);
  }
  for (const [key, value] of entries.slice(0, MOST_LABELS)) {
    const path = `labels[${quoted(key)}]`;
    const keyFault = textFault(key, { least: 0, most: 64 });
    findings.accept(path, keyFault && `key ${keyFault}`);
    findings.accept(path, textFault(value, { least: 0, most: 256 }));
  }
  // fromEntries makes an own property of every key, "__proto__" too.
  return findings.violations.length === before ? Object.fromEntries(entries) : undefined;
}
