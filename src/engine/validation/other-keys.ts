import { type ConditionDraft, OPERATORS } from "../../domain/strategy.ts";
import { isTimeframe } from "../../domain/timeframe.ts";
import { timeframeMeant } from "../../domain/timeframe-spelling.ts";
import { indicatorWith } from "../../indicators/spelling/meant.ts";
import type { Findings } from "./findings.ts";
import { nearestWithin } from "./nearest.ts";
import { operatorMeant } from "./operator-words.ts";
import { quoted } from "./texts.ts";

/** Keys of a condition in a table row. */
const KNOWN = ["name", "operator", "value", "indicator", "timeframe", "for_bars", "within_bars"] as const;
/** Keys of one condition that are told of. */
const MOST_KEYS = 20;

export type Kind =
  | "parameter"
  | "timeframe"
  | "shift"
  | "source"
  | "operand"
  | "name"
  | "operator"
  | "group"
  | "negation"
  | "symbol"
  | "bound"
  | "arithmetic"
  | "on"
  | "off"
  | "window"
  | "switch";

/** What other schemas mean by a key, in lower case without what parts words. */
const KINDS: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    parameter:
      "period periods length len window lookback n timeperiod params param parameters parameter args arguments settings options " +
      "config k d s smooth smoothk smoothd smoothing slowing fast slow signal fastperiod slowperiod signalperiod fastlength " +
      "slowlength signallength fastlen slowlen siglen kperiod dperiod std stddev stds numstd nbdev nbdevup nbdevdn mult multiplier",
    timeframe: "tf interval resolution frame barsize granularity candle",
    shift: "shift offset lag ago barsago displacement previous bar index candlesago",
    source: "source src column input price series appliedprice on of",
    operand:
      "threshold level constant number target right rhs other otherindicator indicator2 compareto comparewith reference against",
    name: "left lhs indicatorname indicator1 feature metric",
    operator: "op comparison comparator condition compare operation relation direction",
    group: "all any and or logic conditions rules children group",
    negation: "not none negate negated invert inverted",
    symbol: "symbol ticker pair market asset",
    bound: "min max lower upper minvalue maxvalue low high range between",
    arithmetic: "percent pct offsetpct offsetpercent tolerance buffer margin factor times plus minus scale",
    on: "enabled active",
    off: "disabled inactive",
    window: "bars forbars withinbars consecutive consecutivebars confirm confirmbars confirmation within lastbars",
    switch: "weight score required optional",
  } satisfies Record<Kind, string>).flatMap(([kind, words]) =>
    words.split(" ").map((word) => [word, kind as Kind] as const),
  ),
);

/** Keys whose values hold parameters, rather than being one. */
const COLLECTIONS: ReadonlySet<string> = new Set(
  "params param parameters parameter args arguments settings options config".split(" "),
);

/** For people; nobody would have them change what is traded. */
const NOTES: ReadonlySet<string> = new Set(
  "note notes comment comments description desc reason rationale explanation id title label labels tag tags meta metadata".split(
    " ",
  ),
);

/**
 * Refuses what a table row's condition says in keys that are not read here (R44): another strategy
 * than the one written would be traded. Keys for notes, and those that begin with "_", are left
 * alone.
 */
export function checkOtherKeys(findings: Findings, path: string, draft: ConditionDraft): void {
  const others = Object.entries(draft.others ?? {}).filter(
    ([key, value]) => value !== null && !key.startsWith("_") && !NOTES.has(plain(key)),
  );
  const parameters = others.filter(([key, value]) => isParameter(key, value));
  for (const [key, value] of others.slice(0, MOST_KEYS)) {
    const kind = kindOf(key, value);
    const place = /^\w{1,64}$/.test(key) ? `${path}.${key}` : `${path}[${quoted(key)}]`;
    const told = kind === "parameter" ? inTheName(draft.name, parameters) : kind && instead(kind, value, draft);
    findings.refuse(place, `is ${shown(value)}, ${told ?? unknown(key)}`);
  }
  if (others.length > MOST_KEYS) {
    findings.refuse(path, `has ${others.length - MOST_KEYS} more keys that are not read: leave them out`);
  }
}

/** Where it belongs, and how it is written there. */
function instead(kind: Exclude<Kind, "parameter">, value: unknown, draft: ConditionDraft): string {
  const text = typeof value === "string" ? value : "";
  switch (kind) {
    case "timeframe":
      return moved("timeframe", draft.timeframe, isTimeframe(text) ? text : timeframeMeant(text));
    case "operator":
      return moved("operator", draft.operator, OPERATORS.find((known) => known === text) ?? operatorMeant(text));
    case "name":
      return moved("name", draft.name, text);
    case "operand":
      return typeof value === "number"
        ? moved("value", draft.value === undefined ? (draft.indicator ?? "") : "given", value)
        : moved("indicator", draft.value === undefined ? (draft.indicator ?? "") : "given", text);
    default:
      return notRead(kind);
  }
}

/** Why there is no such part of a condition, for keys that stand for none of its own. */
export function notRead(kind: Exclude<Kind, "parameter" | "timeframe" | "operator" | "name" | "operand">): string {
  switch (kind) {
    case "shift":
      return "and bars before are written in the name, as in RSI_14[1]: write them there";
    case "source":
      return "and a source is written in the name, as in SMA_20(VOLUME): write it there";
    case "group":
      return "and a condition is one comparison: combine them by the strategy's entry_logic, or in a tree as its entry";
    case "symbol":
      return "and conditions read the symbol that is judged: list it in the strategy's symbols";
    case "negation":
      return 'and a condition is turned round by its operator, as ">=" for "<"';
    case "bound":
      return 'and a condition has one bound: write two conditions, with ">=" and with "<="';
    case "arithmetic":
      return "and arithmetic is written in the sides, as in 1.5*EMA_50: write it there";
    case "on":
      return "and each condition counts: leave it out";
    case "off":
      return "and a condition that is switched off is not written: leave the whole condition out";
    case "window":
      return "and how many bars a condition is looked at is a whole number from 2 to 500: for_bars where it must hold on each, within_bars where one is enough";
    case "switch":
      return "and a condition knows no weights: leave it out";
    default:
      return kind satisfies never;
  }
}

function moved(key: string, there: string, meant: string | number | undefined): string {
  if (there !== "") {
    return `and ${key} is there already: leave it out`;
  }
  return `and the key is ${key}: ${meant === undefined || meant === "" ? "call it so" : `write "${key}": ${shown(meant)}`}`;
}

/** Factors of bands are parameters of theirs; on other indicators they would multiply a side. */
const FACTORS: ReadonlySet<string> = new Set(["mult", "multiplier"]);

export function isArithmetic(key: string): boolean {
  return FACTORS.has(plain(key));
}

/** Whether a key gives a parameter of the indicator, by its name and by what stands there. */
export function isParameter(key: string, value: unknown): boolean {
  return kindOf(key, value) === "parameter";
}

/**
 * What a key stands for in other schemas; a "period" of 4h is a timeframe, and "enabled" is off
 * where it is false.
 */
export function kindOf(key: string, value: unknown): Kind | undefined {
  const kind = KINDS.get(plain(key));
  const isTime = typeof value === "string" && !/^\d+$/.test(value) && timeframeMeant(value) !== undefined;
  if (isTime && kind === "parameter") {
    return "timeframe";
  }
  const isTurned = value === false || value === 0 || (typeof value === "string" && value.toLowerCase() === "false");
  return isTurned && kind !== undefined ? (TURNED.get(kind) ?? kind) : kind;
}

/** Switches that say the opposite where they are false. */
const TURNED: ReadonlyMap<Kind, Kind> = new Map([
  ["on", "off"],
  ["off", "on"],
]);

/**
 * The canonical name that takes these parameters, all together; undefined where they are not those
 * of one indicator.
 */
export function nameWith(name: string, parameters: readonly (readonly [string, unknown])[]): string | undefined {
  const [[key, value] = ["", undefined], ...others] = parameters;
  const isCollection = others.length === 0 && (typeof value === "object" || COLLECTIONS.has(plain(key)));
  return indicatorWith(name, isCollection ? value : Object.fromEntries(parameters));
}

/** What to do with parameters that stand beside the name. */
export function inTheName(name: string, parameters: readonly (readonly [string, unknown])[]): string {
  const meant = nameWith(name, parameters);
  if (meant === undefined && parameters.every(([key]) => isArithmetic(key))) {
    return notRead("arithmetic");
  }
  return `and parameters are part of the name, ${meant === undefined ? "such as RSI_21: write them there" : `write "name": "${meant}"`} and leave it out`;
}

function unknown(key: string): string {
  const near = nearestWithin(plain(key), KNOWN);
  const hint = near === undefined ? "leave it out" : `did you mean ${near}?`;
  return `and a condition has ${KNOWN.join(", ")}: ${hint}${near === undefined ? ', or begin it with "_" where it is a note' : ""}`;
}

function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[\s_-]/g, "");
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.length > 80 ? `${text.slice(0, 80)}…`.toWellFormed() : text.toWellFormed();
}
