import type { Mutant } from "./mutant.ts";

const RULES = "src/engine/rules/exits";
const RUNTIME = "src/engine/runtime/exits";
const JUDGED = ["test/engine/exits.test.ts", "test/engine/rules/exits/judge-exit.test.ts"];

/** Open positions: R80 to R89. */
export const EXITS: readonly Mutant[] = [
  {
    name: "a close on the stop does not close",
    file: `${RULES}/judge-exit.ts`,
    find: "(close - stopLoss) * direction <= 0",
    replace: "(close - stopLoss) * direction < 0",
    tests: JUDGED,
  },
  {
    name: "a stop goes back with the price",
    file: `${RULES}/judge-exit.ts`,
    find: 'return side === "LONG" ? Math.max(a, b) : Math.min(a, b);',
    replace: "return b;",
    tests: JUDGED,
  },
  {
    name: "TIME goes before the exit rule",
    file: `${RULES}/judge-exit.ts`,
    find: "?? ruled(rule) ?? lateReason(question))",
    replace: "?? lateReason(question) ?? ruled(rule))",
    tests: JUDGED,
  },
  {
    name: "a position that is to be closed is held once the price is back",
    file: `${RUNTIME}/exit-pass.ts`,
    find: 'held.last?.action === "CLOSE" ? held.last.exitReason : undefined',
    replace: "undefined",
    tests: JUDGED,
  },
  {
    name: "a close that was judged is decided on again after a restart",
    file: `${RUNTIME}/open-positions.ts`,
    find: "each.last ??= exits.get(positionId);",
    replace: "",
    tests: JUDGED,
  },
  {
    name: "a position is judged at the close at which it was opened",
    file: `${RUNTIME}/exit-pass.ts`,
    find: "each.position.openedAt < moment.close",
    replace: "each.position.openedAt <= moment.close",
    tests: JUDGED,
  },
  {
    name: "callers that know of no exits are sent openings that need them",
    file: "src/domain/decision.ts",
    find: "return action !== undefined || exitPlan !== undefined;",
    replace: "return action !== undefined;",
    tests: ["test/engine/exit-plans.test.ts"],
  },
];
