import type { Definition } from "../definition.ts";
import { nameWith } from "../parameters.ts";
import { definitionOf } from "../registry.ts";
import type { Target } from "./spellings.ts";

/** What other tables call a parameter, by its name here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  n: "n length period periods timeperiod time_period window len lookback bars size",
  fast: "fast fastperiod fast_period fastlen fast_length fastlength fast_window short",
  slow: "slow slowperiod slow_period slowlen slow_length slowlength slow_window long",
  signal: "signal signalperiod signal_period siglen signal_length signallength signal_smoothing smoothing",
  k: "k k_period kperiod k_length fastk_period fastk std stddev std_dev stds num_std numstd nbdev nbdevup nbdevdn mult multiplier deviations factor",
  s: "s smooth_k smoothk smooth slowk_period slowing slowk smoothing smooth_period",
  d: "d d_period dperiod slowd_period fastd_period slowd smooth_d",
  penetration: "penetration",
  m: "m atr_length atr_period atrperiod atrlength mom momentum",
  displacement: "displacement offset shift",
};

/** Keys that give an input which the indicator reads anyhow. */
const INPUTS: ReadonlySet<string> = new Set(["source", "src", "column", "input", "price", "field", "close"]);

/** Numbers for an indicator's parameters, in the order of the text, and by name. */
export interface Given {
  readonly numbers: readonly number[];
  readonly named: ReadonlyMap<string, number>;
}

/**
 * The canonical name that a target has with the numbers given; undefined where they do not fit it
 * in one way.
 */
export function filled(target: Target, { numbers, named }: Given): string | undefined {
  const definition = definitionOf(target.base);
  if (definition === undefined) {
    return undefined;
  }
  const values = new Map<string, number>();
  const order = target.order ?? definition.parameters.map((parameter) => parameter.name);
  const placed =
    numbers.length <= order.length &&
    numbers.every((value, index) => place(values, order[index] ?? "", value)) &&
    [...named].every(([name, value]) => placeNamed(values, definition, name, value));
  if (!placed) {
    return undefined;
  }
  const given = definition.parameters.map(
    ({ name, default: standard }) => values.get(name) ?? target.implied?.[name] ?? standard ?? Number.NaN,
  );
  return nameWith(definition, asTaLib(definition, values, given));
}

function place(values: Map<string, number>, role: string | number, value: number): boolean {
  if (typeof role === "number") {
    return role === value;
  }
  const before = values.get(role);
  values.set(role, value);
  return before === undefined || before === value;
}

/** "length" is the first parameter of all that have no n, such as STOCH's k. */
function placeNamed(values: Map<string, number>, { parameters }: Definition, name: string, value: number): boolean {
  const byName = parameters.find((parameter) => calls(parameter.name, name));
  const role = byName ?? (calls("n", name) && parameters[0]?.name === "k" ? parameters[0] : undefined);
  return role !== undefined && place(values, role.name, value);
}

function calls(parameter: string, name: string): boolean {
  return OTHER_NAMES[parameter]?.split(" ").includes(name) === true;
}

/**
 * TA-Lib swaps MACD's periods where the fast one is longer. A cross has its sign the other way
 * round then, so it is left.
 */
function asTaLib(
  { base }: Definition,
  given: ReadonlyMap<string, number>,
  values: readonly number[],
): readonly number[] {
  const [fast = 0, slow = 0, ...others] = values;
  const both = given.has("fast") && given.has("slow");
  return base.startsWith("MACD") && both && fast > slow ? [slow, fast, ...others] : values;
}

/**
 * Numbers that came apart from a name, such as `{"length": 21}`, `[12, 26, 9]` or 14; undefined
 * where they are none, or say more than an indicator's name can.
 */
export function givenIn(parameters: unknown): Given | undefined {
  const single = numberIn(parameters);
  if (single !== undefined) {
    return { numbers: [single], named: new Map() };
  }
  if (typeof parameters !== "object" || parameters === null) {
    return undefined;
  }
  if (Array.isArray(parameters)) {
    const numbers = parameters.map(numberIn).filter((number) => number !== undefined);
    return numbers.length === parameters.length ? { numbers, named: new Map() } : undefined;
  }
  const named = new Map<string, number>();
  for (const [key, value] of Object.entries(parameters)) {
    const name = key.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
    const number = numberIn(value);
    if (number !== undefined) {
      named.set(name, number);
    } else if (!INPUTS.has(name) || typeof value !== "string" || value.toLowerCase() !== "close") {
      return undefined;
    }
  }
  return { numbers: [], named };
}

function numberIn(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
