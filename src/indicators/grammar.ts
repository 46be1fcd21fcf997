import { type Definition, LARGEST_FACTOR, LONGEST_PERIOD, type Parameter } from "./definition.ts";
import { nearest } from "./edit-distance.ts";
import type { Indicator, ParsedIndicator } from "./indicator.ts";
import { ALIASES, definitionOf, INDICATOR_NAMES, instantiate, REFUSED } from "./registry.ts";

/** Longer texts are refused unread; the longest canonical name has 27 characters. */
const LONGEST_TEXT = 64;
/** Names come from callers, so the memory of them is bounded; the oldest goes first. */
const CACHE_SIZE = 8_192;

const cache = new Map<string, ParsedIndicator>();

/**
 * The indicator that a text names, with all parameters filled in, or why it names none (R8). Any case; ASCII only.
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

/** The indicator of this canonical name; a fault here is a programming error, since validated strategies name only known ones. */
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
    return { fault: `indicator name ${quote(text)} may hold only letters, digits, "_" and "."; ${didYouMean(text)}` };
  }
  const tokens = text.toUpperCase().split("_");
  const match = longestKnown(tokens);
  if (match === undefined) {
    return { fault: unknown(text) };
  }
  const { definition, name, given } = match;
  if (REFUSED.has(name)) {
    return { fault: `indicator ${name} is not offered: ${REFUSED.get(name)}` };
  }
  return definition === undefined ? { fault: unknown(text) } : withParameters(text, definition, given);
}

interface Match {
  readonly name: string;
  /** Absent for a refused name. */
  readonly definition: Definition | undefined;
  readonly given: readonly string[];
}

/** The longest known name that the tokens begin with (R8); only tokens that are no words can be parameters. */
function longestKnown(tokens: readonly string[]): Match | undefined {
  for (let length = tokens.length; length > 0; length--) {
    const name = tokens.slice(0, length).join("_");
    const definition = definitionOf(name);
    if (definition !== undefined || REFUSED.has(name)) {
      const given = tokens.slice(length);
      return given.some((token) => /^[A-Z]/.test(token)) ? undefined : { name, definition, given };
    }
  }
  return undefined;
}

function withParameters(text: string, definition: Definition, given: readonly string[]): ParsedIndicator {
  const { base, parameters } = definition;
  if (given.length > parameters.length) {
    const takes = parameters.length === 0 ? "no parameters" : `at most ${parameters.length} (${names(parameters)})`;
    return { fault: `${quote(text)}: ${base} takes ${takes}, ${given.length} given; ${didYouMean(text)}` };
  }
  const faults: string[] = [];
  const values = parameters.map((parameter, index) => {
    const token = given[index];
    if (token !== undefined && !isValid(parameter, token)) {
      faults.push(`${parameter.name} is ${quote(token)}, must be ${requirement(parameter)}`);
    }
    return token === undefined ? parameter.default : Number(token);
  });
  if (faults.length === 0 && !ordered(parameters, values)) {
    faults.push(`fast is ${values[0]} and slow ${values[1]}, fast must be below slow`);
  }
  if (faults.length > 0) {
    return { fault: `${quote(text)}: ${faults.join("; ")}; ${didYouMean(text)}` };
  }
  return { indicator: instantiate(definition, values) };
}

function isValid(parameter: Parameter, token: string): boolean {
  const value = Number(token);
  return parameter.kind === "period"
    ? /^[1-9][0-9]*$/.test(token) && value >= parameter.least && value <= LONGEST_PERIOD
    : /^(0|[1-9][0-9]*)(\.[0-9]{1,3})?$/.test(token) && value > 0 && value <= LARGEST_FACTOR;
}

/** What a parameter must be, in words. */
export function requirement(parameter: Parameter): string {
  return parameter.kind === "period"
    ? `a whole number from ${parameter.least} to ${LONGEST_PERIOD}`
    : `a number above 0 and at most ${LARGEST_FACTOR} with at most three decimals`;
}

/** Where there is a fast and a slow period, they come first, and fast is below slow (R9). */
function ordered(parameters: readonly Parameter[], values: readonly number[]): boolean {
  const [fast = 0, slow = 0] = values;
  return parameters[1]?.name !== "slow" || fast < slow;
}

function names(parameters: readonly Parameter[]): string {
  return parameters.map((parameter) => parameter.name).join(", ");
}

function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
}

function unknown(text: string): string {
  return `unknown indicator ${quote(text)}: ${didYouMean(text)}`;
}

/** The nearest name that would be accepted: words by edit distance, parameters where they can be kept. */
function didYouMean(text: string): string {
  const tokens = text.trim().toUpperCase().split("_");
  const words = tokens.findIndex((token) => !/^[A-Z]/.test(token));
  const name = tokens.slice(0, words === -1 ? tokens.length : words).join("_");
  const base = nearest(name, [...INDICATOR_NAMES, ...ALIASES.keys()]);
  const parameters = definitionOf(base)?.parameters ?? [];
  const given = words === -1 ? [] : tokens.slice(words, words + parameters.length);
  const kept = given.map((token, index) => repaired(parameters[index], token));
  const values = parameters.map((parameter, index) => kept[index] ?? parameter.default);
  return `did you mean ${[base, ...(ordered(parameters, values) ? kept : [])].join("_")}?`;
}

/** The valid value nearest to a token, or the default where it is no number at all. */
function repaired(parameter: Parameter | undefined, token: string): number {
  if (parameter === undefined) {
    return 0;
  }
  const value = Math.abs(Number(token));
  if (token === "" || !Number.isFinite(value)) {
    return parameter.default;
  }
  return parameter.kind === "period"
    ? Math.min(Math.max(Math.round(value), parameter.least), LONGEST_PERIOD)
    : Math.min(Math.max(Math.round(value * 1000) / 1000, 0.001), LARGEST_FACTOR);
}
