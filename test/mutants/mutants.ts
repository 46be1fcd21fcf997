import { BOUNDS } from "./bounds.ts";
import { DECIDING } from "./deciding.ts";
import { EXITS } from "./exits.ts";
import { EXPRESSION_MUTANTS } from "./expressions.ts";
import { GATES } from "./gates.ts";
import { INDICATORS } from "./indicators.ts";
import { MARKET_AND_ACCOUNTS } from "./market.ts";
import type { Mutant } from "./mutant.ts";
import { PATTERNS } from "./patterns.ts";
import { RULES } from "./rules.ts";

/** All mutants, in the order in which they are run. */
export const MUTANTS: readonly Mutant[] = [
  ...RULES,
  ...EXPRESSION_MUTANTS,
  ...GATES,
  ...DECIDING,
  ...EXITS,
  ...MARKET_AND_ACCOUNTS,
  ...INDICATORS,
  ...PATTERNS,
  ...BOUNDS,
];
