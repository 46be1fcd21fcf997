import type { Definition } from "../definition.ts";
import { DOUBLE } from "./double.ts";
import { LONGER } from "./longer.ts";
import { definitionOfPattern } from "./pattern.ts";
import { SINGLE } from "./single.ts";
import { TRIPLE } from "./triple.ts";

/** TA-Lib's 61 candle patterns, with its default candle settings. */
export const CANDLE_PATTERNS: readonly Definition[] = [...SINGLE, ...DOUBLE, ...TRIPLE, ...LONGER].map(
  definitionOfPattern,
);
