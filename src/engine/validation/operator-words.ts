import { OPERATORS, type Operator } from "../../domain/strategy.ts";

/**
 * How other languages and people write an operator, each word in lower case without what parts
 * words.
 */
const WORDS: Readonly<Record<Operator, string>> = {
  "<": "lessthan less lt below under smaller smallerthan isbelow lowerthan islessthan isunder ＜",
  "<=": "lessthanorequal lessthanorequalto lessorequal lte le atmost max ≤ ⩽ =< smallerorequal",
  ">": "greaterthan greater gt above over morethan larger largerthan higherthan isabove isgreaterthan isover ＞",
  ">=": "greaterthanorequal greaterthanorequalto greaterorequal gte ge atleast min ≥ ⩾ => largerorequal",
  "==": "equal equals equalto eq is isequalto = === ＝",
  "!=": "notequal notequals notequalto ne neq isnot ≠ <> !==",
  crosses_above:
    "crossesabove crossabove crossedabove crossesover crossover crossup crossesup crossingabove crossingup crossedup",
  crosses_below:
    "crossesbelow crossbelow crossedbelow crossesunder crossunder crossdown crossesdown crossingbelow crossingdown crosseddown",
};

const MEANT: ReadonlyMap<string, Operator> = new Map(
  Object.entries(WORDS).flatMap(([operator, words]) =>
    words.split(" ").map((word) => [word, operator as Operator] as const),
  ),
);

/** The operator that a text probably means; undefined where none is. */
export function operatorMeant(text: string): Operator | undefined {
  return MEANT.get(plain(text)) ?? OPERATORS.find((operator) => operator === text.trim());
}

/** Whether a text is an operator, or means one. */
export function isOperatorLike(text: string): boolean {
  return operatorMeant(text) !== undefined;
}

/** What to write for words that are no single operator. */
const OTHERWISE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'write two conditions, with ">=" and with "<="': "between within inside inrange range isbetween inbetween",
    "give crosses_above or crosses_below": "cross crosses crossing crossed",
    "compare with the bar before, as CLOSE with CLOSE[1]":
      "rising falling increasing decreasing rises falls isrising isfalling up down slopeup slopedown",
  }).flatMap(([otherwise, words]) => words.split(" ").map((word) => [word, otherwise] as const)),
);

/** What to write in place of a text that is no single operator; undefined where it may be one. */
export function operatorOtherwise(text: string): string | undefined {
  return OTHERWISE.get(plain(text));
}

function plain(text: string): string {
  return text.length > 40 ? "" : text.toLowerCase().replaceAll(/[\s_-]/g, "");
}
