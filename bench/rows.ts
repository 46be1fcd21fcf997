import { EVALUATE } from "./evaluate.ts";
import { FOLLOW_CATCH_UP } from "./follow-catch-up.ts";
import type { Row } from "./harness/row.ts";
import { ONE_SHOT } from "./one-shot.ts";

/** All rows, in the table's order. */
export const ROWS: readonly Row[] = [EVALUATE, ONE_SHOT, FOLLOW_CATCH_UP];
