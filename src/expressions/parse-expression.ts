import { parseIndicator } from "../indicators/grammar.ts";
import { meantBy } from "../indicators/spelling/meant.ts";
import { canonicalText } from "./canonical.ts";
import type { Expression } from "./expression.ts";
import { Parser, SyntaxFault } from "./parser.ts";

/** R52: as written; a canonical text may be longer, and is read again where it is stored. */
const LONGEST_TEXT = 512;
/** Longer texts are refused unread. */
const LONGEST_CANONICAL = 1_024;
/** Expressions come from callers, so the memory of them is bounded; the oldest goes first. */
const CACHE_SIZE = 8_192;
/** Texts that hold nothing else can only be names. */
const NAME = /^[A-Za-z0-9_.]*$/;

/** An expression, or why the text is none: where in it, what was expected, and what is near. */
export type ParsedExpression = { readonly expression: Expression } | { readonly fault: string };

const cache = new Map<string, ParsedExpression>();

/** R52. Memoised: parsing the same text again costs one look-up. */
export function parseExpression(text: string): ParsedExpression {
  const known = cache.get(text);
  if (known !== undefined) {
    return known;
  }
  if (text.length > LONGEST_CANONICAL) {
    return { fault: tooLong(text) };
  }
  const parsed = isName(text) ? ofName(text) : parse(text);
  if (cache.size >= CACHE_SIZE) {
    cache.delete(cache.keys().next().value ?? "");
  }
  cache.set(text, parsed);
  return parsed;
}

/** Whether a text can name an indicator, and be no other expression but a number. */
export function isName(text: string): boolean {
  return NAME.test(text) && !/^[0-9]/.test(text);
}

function ofName(text: string): ParsedExpression {
  const parsed = parseIndicator(text);
  return "fault" in parsed ? parsed : { expression: { kind: "reading", reading: parsed.indicator } };
}

function parse(text: string): ParsedExpression {
  try {
    const expression = new Parser(text).parse();
    const canonical = canonicalText(expression);
    if (text.length > LONGEST_TEXT && text !== canonical) {
      return { fault: tooLong(text) };
    }
    const { length } = canonical;
    return length > LONGEST_CANONICAL
      ? {
          fault: `${quoted(text)} has ${length} characters with all parameters, at most ${LONGEST_CANONICAL} are taken`,
        }
      : { expression };
  } catch (error) {
    if (error instanceof SyntaxFault) {
      if (text.length > LONGEST_TEXT) {
        return { fault: tooLong(text) };
      }
      return { fault: meantOtherwise(text) ?? `${quoted(text)}, ${error.description}` };
    }
    throw error;
  }
}

/** Longer texts are no slip of a name. */
const LONGEST_NAME = 64;
/** What no name as other programs write it has. */
const NO_NAME = /[[\]@*]|^\s*\(|\((?:.*\(|\s*$)|\b(?:ABS|MIN|MAX)\b/i;

/** The whole text may be a name as other programs write it: "ta.rsi(close, 14)". */
function meantOtherwise(text: string): string | undefined {
  const meant = text.length > LONGEST_NAME || NO_NAME.test(text) ? undefined : meantBy(text);
  const parsed = meant && parseIndicator(text);
  return parsed !== undefined && "fault" in parsed ? parsed.fault : undefined;
}

function tooLong(text: string): string {
  return `${quoted(text)} has ${text.length} characters, at most ${LONGEST_TEXT} are read`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…`.toWellFormed() : text.toWellFormed());
}
