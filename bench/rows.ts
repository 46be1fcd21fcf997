import { BAR_TO_JUDGED } from "./bar-to-judged.ts";
import { CLOSE_TO_SOCKET } from "./close-to-socket.ts";
import { EVALUATE } from "./evaluate.ts";
import { FOLLOW_CATCH_UP } from "./follow-catch-up.ts";
import type { Row } from "./harness/row.ts";
import { HOSTILE } from "./hostile.ts";
import { INDICATORS } from "./indicators.ts";
import { LOAD } from "./load.ts";
import { OBSERVED } from "./observed.ts";
import { ONE_SHOT } from "./one-shot.ts";
import { READY } from "./ready.ts";
import { REPLAY } from "./replay.ts";
import { START } from "./start.ts";
import { SWEEP } from "./sweep.ts";
import { SWEEP_CORE } from "./sweep-core.ts";
import { SWEEP_LARGE } from "./sweep-large.ts";
import { SWEEP_TREES } from "./sweep-trees.ts";

/** All rows, in the table's order. */
export const ROWS: readonly Row[] = [
  SWEEP,
  SWEEP_CORE,
  SWEEP_TREES,
  SWEEP_LARGE,
  BAR_TO_JUDGED,
  CLOSE_TO_SOCKET,
  EVALUATE,
  OBSERVED,
  ONE_SHOT,
  FOLLOW_CATCH_UP,
  LOAD,
  INDICATORS,
  REPLAY,
  START,
  READY,
  HOSTILE,
];
