import type { Definition, Parameter } from "./definition.ts";
import type { Indicator, ParsedIndicator } from "./indicator.ts";
import { allows, ordered, requirement } from "./parameters.ts";
import { definitionOf, instantiate } from "./registry.ts";
import { meantBy } from "./spelling/meant.ts";

/** Longer texts are refused unread; the longest canonical name has 29 characters. */
const LONGEST_TEXT = 64;
/** Names come from callers, so the memory of them is bounded; the oldest goes first. */
const CACHE_SIZE = 8_192;

const cache = new Map<string, ParsedIndicator>();

/**
 * The indicator that a text names, with all parameters filled in, or why it names none (R8). Any
 * case; ASCII only.
 *
 * Memoised: parsing the same text again costs one look-up.
 */
export function parseIndicator(text: string): ParsedIndicator {
  const known = cache.get(text);
  if (known !== undefined) {
    return known;
  }
  const parsed = parse(text);
  if (text.length <= LONGEST_TEXT) {
    if (cache.size >= CACHE_SIZE) {
      cache.delete(cache.keys().next().value ?? "");
    }
    cache.set(text, parsed);
  }
  return parsed;
}

/**
 * The indicator of this canonical name; a fault here is a programming error, since validated
 * strategies name only known ones.
 */
export function indicatorNamed(name: string): Indicator {
  const parsed = parseIndicator(name);
  if ("fault" in parsed) {
    throw new Error(parsed.fault);
  }
  return parsed.indicator;
}

function parse(text: string): ParsedIndicator {
  if (text === "") {
    return { fault: "indicator name is empty: give one such as RSI_14" };
  }
  if (text.length > LONGEST_TEXT) {
    return { fault: `indicator name ${quote(text)} has ${text.length} characters, at most ${LONGEST_TEXT} are read` };
  }
  if (!/^[0-9A-Za-z_.+-]+$/.test(text)) {
    return { fault: refused(text, `indicator name ${quote(text)} may hold only letters, digits, "_" and "."`) };
  }
  const match = longestKnown(text.toUpperCase().split("_"));
  return match === undefined
    ? { fault: refused(text, `unknown indicator ${quote(text)}`) }
    : withParameters(text, match.definition, match.given);
}

interface Match {
  readonly definition: Definition;
  readonly given: readonly string[];
}

/**
 * The longest known name that the tokens begin with (R8); only tokens that are no words can be
 * parameters.
 */
function longestKnown(tokens: readonly string[]): Match | undefined {
  for (let length = tokens.length; length > 0; length--) {
    const definition = definitionOf(tokens.slice(0, length).join("_"));
    if (definition !== undefined) {
      const given = tokens.slice(length);
      return given.some((token) => /^[A-Z]/.test(token)) ? undefined : { definition, given };
    }
  }
  return undefined;
}

function withParameters(text: string, definition: Definition, given: readonly string[]): ParsedIndicator {
  const { base, parameters } = definition;
  if (given.length > parameters.length) {
    const takes = parameters.length === 0 ? "no parameters" : `at most ${parameters.length} (${names(parameters)})`;
    return { fault: refused(text, `${quote(text)}: ${base} takes ${takes}, ${given.length} given`) };
  }
  const missing = parameters.find((parameter, index) => parameter.default === undefined && given[index] === undefined);
  if (missing !== undefined) {
    return { fault: `${quote(text)}: ${missing.name} is missing, must be ${requirement(missing)}, as in ${base}_20` };
  }
  const faults: string[] = [];
  const values = parameters.map((parameter, index) => {
    const token = given[index];
    if (token !== undefined && !isValid(parameter, token)) {
      faults.push(`${parameter.name} is ${quote(token)}, must be ${requirement(parameter)}`);
    }
    return token === undefined ? (parameter.default ?? Number.NaN) : Number(token);
  });
  if (faults.length === 0 && !ordered(definition, values)) {
    const both = given.length < 2 ? ": give both" : "";
    faults.push(`fast is ${values[0]} and slow ${values[1]}, fast must be below slow${both}`);
  }
  if (faults.length > 0) {
    return { fault: refused(text, `${quote(text)}: ${faults.join("; ")}`) };
  }
  return { indicator: instantiate(definition, values) };
}

function isValid(parameter: Parameter, token: string): boolean {
  const written = parameter.kind === "period" ? /^[1-9][0-9]*$/ : /^(0|[1-9][0-9]*)(\.[0-9]{1,3})?$/;
  return written.test(token) && allows(parameter, Number(token));
}

function names(parameters: readonly Parameter[]): string {
  return parameters.map((parameter) => parameter.name).join(", ");
}

function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
}

/** Why a text is no indicator, and what was probably meant where that can be told. */
function refused(text: string, fault: string): string {
  const meant = meantBy(text);
  if (meant === undefined) {
    return fault.startsWith("unknown") ? `${fault}: no name is near; docs/indicators.md lists them all` : fault;
  }
  if ("why" in meant) {
    return `indicator ${meant.title} is not offered: ${meant.why}`;
  }
  const { names, timeframe, note } = meant;
  const which = names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  const suggestion = `${fault}: did you mean ${which}${timeframe === undefined ? "" : ` on timeframe ${timeframe}`}?`;
  const place = timeframe === undefined ? undefined : "The timeframe has a field of its own";
  return [suggestion, place, note].filter((part) => part !== undefined).join(" ");
}
