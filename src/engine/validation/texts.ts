import { composedSymbol, isSymbol, SYMBOL_RULE } from "../../domain/symbol.ts";

/**
 * Longest part of a caller's text that a message repeats: enough to recognise it, whatever the
 * length of what came.
 */
const QUOTE_LENGTH = 80;

/** A caller's text for a message: in quotes, escaped, cut where it is long. */
export function quoted(text: string): string {
  const cut = text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH)}…` : text;
  return JSON.stringify(cut.toWellFormed());
}

/**
 * What is wrong with a free text, whose length is counted in code points; undefined where nothing
 * is (R42).
 */
export function textFault(text: string, bounds: { readonly least: number; readonly most: number }): string | undefined {
  if (text.length === 0 && bounds.least > 0) {
    return `is empty, must have 1 to ${bounds.most} characters`;
  }
  if (!text.isWellFormed()) {
    return `is ${quoted(text)} with half a surrogate pair, which is no character: send well-formed Unicode`;
  }
  if (text.includes("\0")) {
    return `is ${quoted(text)} with U+0000, which cannot be stored: leave it out`;
  }
  const length = codePoints(text);
  return length > bounds.most
    ? `is ${quoted(text)}, ${length} characters long, must have at most ${bounds.most}`
    : undefined;
}

/** What is wrong with a name for people: 1 to 200 characters, not all of them blank. */
export function nameFault(name: string): string | undefined {
  const fault = textFault(name, { least: 1, most: 200 });
  return fault === undefined && name.trim() === "" ? `is ${quoted(name)}, must not be blank` : fault;
}

/** What is wrong with a symbol, here and in requests (R42); undefined where nothing is. */
export function symbolFault(symbol: string): string | undefined {
  if (isSymbol(symbol)) {
    return undefined;
  }
  const composed = composedSymbol(symbol);
  return composed === undefined
    ? `is ${quoted(symbol)}, must be ${SYMBOL_RULE}`
    : `is ${quoted(symbol)} with its letters in parts, must be in Unicode's composed form (NFC): ${quoted(composed)}`;
}

const STRATEGY_ID = /^[A-Za-z0-9_\-.]{1,128}$/;

export function strategyIdFault(strategyId: string): string | undefined {
  return STRATEGY_ID.test(strategyId)
    ? undefined
    : `is ${quoted(strategyId)}, must be 1 to 128 of a-z, A-Z, 0-9, '_', '-', '.'`;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) {
    count++;
  }
  return count;
}
