import type { JsonValue } from "@bufbuild/protobuf";
import { isObject } from "./shown.ts";
import { plainKey } from "./words.ts";

/** Keys under which other programs write conditions that belong together. */
const GROUPS: ReadonlySet<string> = new Set(
  "all any and or not none conditions rules children group criteria".split(" "),
);
/** Groups that say the opposite of what stands in them. */
const NEGATED: ReadonlySet<string> = new Set(["not", "none"]);

export const LOGIC = "and say by entry_logic whether ALL or ANY must hold";

/** What to do with a group that stands beside other conditions or groups. */
export const MANY_GROUPS =
  'is a group, where one condition must be: combine conditions in entry in place of entry_indicators, as "entry": {"any": {"rules": [{"condition": {…}}, {"none": {"rules": […]}}]}}';

/** Conditions that were found where no list of them is. */
export interface Listed {
  readonly items: JsonValue[];
  /** What to do. */
  readonly advice: string;
}

interface Group {
  readonly key: string;
  readonly items: JsonValue[];
}

/** Whether this stands for conditions rather than for one: `{"any": […]}`. */
export function isGroup(json: JsonValue): boolean {
  return listsIn(json).length > 0;
}

/** The one group that all conditions are in, by itself or as the only one of a list. */
export function onlyGroup(json: JsonValue): Listed | undefined {
  const one = Array.isArray(json) && json.length === 1 ? json[0] : json;
  const [list, ...others] = one === undefined ? [] : listsIn(one);
  if (list === undefined || others.length > 0 || NEGATED.has(plainKey(list.key))) {
    return undefined;
  }
  const advice = `is a group, must be a list of conditions: write the list of ${JSON.stringify(list.key)} itself, ${LOGIC}`;
  return { items: list.items, advice };
}

/** Most keys of an object that are looked at: no group has so many. */
const MOST_KEYS = 20;

function listsIn(json: JsonValue): readonly Group[] {
  if (!isObject(json)) {
    return [];
  }
  return Object.keys(json)
    .slice(0, MOST_KEYS)
    .flatMap((key) => {
      const items = json[key];
      return Array.isArray(items) && GROUPS.has(plainKey(key)) ? [{ key, items }] : [];
    });
}
