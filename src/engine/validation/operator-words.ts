import type { Operator } from "../../domain/strategy.ts";

/** How other languages and people write an operator, each word in lower case without what parts words. */
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
  return text.length > 40 ? undefined : MEANT.get(text.toLowerCase().replaceAll(/[\s_-]/g, ""));
}
