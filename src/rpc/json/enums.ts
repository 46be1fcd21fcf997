import type { DescEnum, JsonValue } from "@bufbuild/protobuf";
import { nearestWithin } from "../../engine/validation/nearest.ts";
import { choiceFault } from "../../engine/validation/scalars.ts";
import type { Notes } from "./notes.ts";
import { isInt32 } from "./scalars.ts";
import { shown } from "./shown.ts";

interface Names {
  /** Numbers by name, with and without prefix, in upper case. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Names without prefix that a request may give. */
  readonly choices: readonly string[];
}

/** What other programs call it. Only where one thing can be meant. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["BUY", "LONG"],
  ["BULLISH", "LONG"],
  ["LONG_ONLY", "LONG"],
  ["LONGONLY", "LONG"],
  ["SHORT_ONLY", "SHORT"],
  ["SHORTONLY", "SHORT"],
  ["SELL", "SHORT"],
  ["BEARISH", "SHORT"],
  ["PAPER", "SHADOW"],
  ["DRAFT", "CANDIDATE"],
  ["INACTIVE", "DISABLED"],
  ["PAUSED", "DISABLED"],
  ["OFF", "DISABLED"],
  ["AND", "ALL"],
  ["EVERY", "ALL"],
  ["OR", "ANY"],
  ["CONSERVATIVE", "DEFENSIVE"],
  ["CAUTIOUS", "DEFENSIVE"],
  ["LOW", "DEFENSIVE"],
  ["MEDIUM", "NORMAL"],
  ["MODERATE", "NORMAL"],
  ["BALANCED", "NORMAL"],
  ["NEUTRAL", "NORMAL"],
  ["HIGH", "AGGRESSIVE"],
  ["BOLD", "AGGRESSIVE"],
  ["ONCE", "EDGE"],
  ["CROSS", "EDGE"],
  ["ON_CROSS", "EDGE"],
  ["ON_CHANGE", "EDGE"],
  ["ALWAYS", "LEVEL"],
  ["EVERY_BAR", "LEVEL"],
]);

const known = new WeakMap<DescEnum, Names>();

function namesOf(desc: DescEnum): Names {
  let names = known.get(desc);
  if (names === undefined) {
    const short = desc.values.map(({ localName, number }) => [localName.toUpperCase(), number] as const);
    const full = desc.values.map(({ name, number }) => [name.toUpperCase(), number] as const);
    const choices = desc.values.filter(({ number }) => number !== 0).map(({ localName }) => localName);
    names = { numbers: new Map([...short, ...full]), choices };
    known.set(desc, names);
  }
  return names;
}

/** A member of an enumeration, by number or by name in any case, with or without its prefix. */
export function readEnum(notes: Notes, path: string, desc: DescEnum, json: JsonValue): number | undefined {
  const { numbers, choices } = namesOf(desc);
  if (typeof json === "number" && isInt32(json)) {
    return json;
  }
  if (typeof json !== "string") {
    notes.lost(path, `is ${shown(json)}, must be one of ${choices.join(", ")}`);
    return undefined;
  }
  const word = json.length > 100 ? "" : json.trim().toUpperCase();
  const exact = word === json.toUpperCase() ? numbers.get(word) : undefined;
  if (exact !== undefined) {
    return exact;
  }
  // "RiskMode.DEFENSIVE", as languages with enumerations print it.
  const own = word.slice(word.lastIndexOf(".") + 1);
  const near = WORDS.get(own) ?? nearestWithin(own, choices);
  const meant = near !== undefined && choices.includes(near) ? near : undefined;
  const number = meant === undefined ? undefined : numbers.get(meant);
  if (number === undefined) {
    notes.lost(path, choiceFault(json, choices));
  } else {
    notes.mended(path, choiceFault(json, choices, meant));
  }
  return number;
}
