import type { Mutant } from "./mutant.ts";

const FOLDER = "src/engine/rules/gates";
const OUTCOMES = ["test/engine/outcomes.test.ts"];
const STATE = ["test/engine/state.test.ts", "test/engine/outcomes.test.ts"];
const POLICY = [
  "test/engine/policy/policy-keeper.test.ts",
  "test/engine/outcomes.test.ts",
  "test/engine/stood-still.test.ts",
  "test/engine/orders.test.ts",
];

/** The gates of R26, their order, and the policy that they go by. */
export const GATES: readonly Mutant[] = [
  {
    name: "NOT_ALLOWED is asked before NOT_ACTIVE",
    file: `${FOLDER}/gates.ts`,
    find: "  POLICY_UNAVAILABLE,\n  NOT_ACTIVE,\n  NOT_ALLOWED,\n  SYMBOL_NOT_COVERED,\n  REGIME_UNKNOWN,\n  REGIME_NOT_ALLOWED,\n  MARKET_DATA_UNAVAILABLE,\n  INDICATOR",
    replace:
      "  POLICY_UNAVAILABLE,\n  NOT_ALLOWED,\n  NOT_ACTIVE,\n  SYMBOL_NOT_COVERED,\n  REGIME_UNKNOWN,\n  REGIME_NOT_ALLOWED,\n  MARKET_DATA_UNAVAILABLE,\n  INDICATOR",
    tests: OUTCOMES,
  },
  {
    name: "COOLDOWN is asked before ALREADY_DECIDED",
    file: `${FOLDER}/gates.ts`,
    find: "  ALREADY_DECIDED,\n  COOLDOWN,\n  MAX_POSITIONS,\n  LEVELS_FAILED,\n  LEVELS_INVALID,\n];",
    replace: "  COOLDOWN,\n  ALREADY_DECIDED,\n  MAX_POSITIONS,\n  LEVELS_FAILED,\n  LEVELS_INVALID,\n];",
    tests: STATE,
  },
  {
    name: "the gate VETOED is missing",
    file: `${FOLDER}/gates.ts`,
    find: "  LOW_CONFIDENCE,\n  VETOED,\n  ALREADY_DECIDED,",
    replace: "  LOW_CONFIDENCE,\n  ALREADY_DECIDED,",
    tests: OUTCOMES,
  },
  {
    name: "the gate LEVELS_FAILED is missing",
    file: `${FOLDER}/gates.ts`,
    find: "  MAX_POSITIONS,\n  LEVELS_FAILED,\n  LEVELS_INVALID,\n];",
    replace: "  MAX_POSITIONS,\n  LEVELS_INVALID,\n];",
    tests: ["test/engine/deciding.test.ts", ...OUTCOMES],
  },
  {
    name: "the gate LEVELS_INVALID is missing",
    file: `${FOLDER}/gates.ts`,
    find: "  MAX_POSITIONS,\n  LEVELS_FAILED,\n  LEVELS_INVALID,\n];",
    replace: "  MAX_POSITIONS,\n  LEVELS_FAILED,\n];",
    tests: OUTCOMES,
  },
  {
    name: "a halt stops nobody",
    file: `${FOLDER}/opening-gates.ts`,
    find: "policy?.halted ?",
    replace: "policy === null ?",
    tests: OUTCOMES,
  },
  {
    name: "the allow-list keeps nobody out",
    file: `${FOLDER}/opening-gates.ts`,
    find: "|| inForce.allowed.has(strategyId)) {",
    replace: "|| true) {",
    tests: OUTCOMES,
  },
  {
    name: "an unknown regime lets a strategy of one regime through",
    file: `${FOLDER}/opening-gates.ts`,
    find: "firesInAny(compiled) || regime !== undefined",
    replace: "firesInAny(compiled) || true",
    tests: OUTCOMES,
  },
  {
    name: "R22 takes no rounding",
    file: `${FOLDER}/judged-gates.ts`,
    find: "const CONFIDENCE_SLACK = 1e-9;",
    replace: "const CONFIDENCE_SLACK = 0;",
    tests: ["test/engine/outcomes.test.ts", "test/engine/judging.test.ts", "test/engine/evaluate.test.ts"],
  },
  {
    name: "the policy's least confidence does not count",
    file: "src/engine/rules/judging/judge.ts",
    find: "Math.max(compiled.strategy.minConfidence, inForce.policy?.globalMinConfidence ?? 0)",
    replace: "compiled.strategy.minConfidence",
    tests: OUTCOMES,
  },
  {
    name: "EDGE fires where the bar before is unknown",
    file: `${FOLDER}/judged-gates.ts`,
    find: 'case undefined: {\n        const because = "whether the conditions held on the bar before cannot be known";\n        return { outcome: "INDICATOR_NOT_READY", because };\n      }',
    replace: "case undefined:\n        return undefined;",
    tests: ["test/engine/judging.test.ts"],
  },
  {
    name: "a cooldown lasts one moment longer",
    file: `${FOLDER}/state-gates.ts`,
    find: "ago >= cooldownMs",
    replace: "ago > cooldownMs",
    tests: STATE,
  },
  {
    name: "a cooldown is measured from the close of the bar judged",
    file: `${FOLDER}/state-gates.ts`,
    find: "const ago = judgedAt - newest;",
    replace: "const ago = proposal.barCloseTime - newest;",
    tests: STATE,
  },
  {
    name: "one place more than MAX_POSITIONS is given",
    file: `${FOLDER}/state-gates.ts`,
    find: "open + reserved < maxPositions",
    replace: "open + reserved <= maxPositions",
    tests: STATE,
  },
  {
    name: "reservations hold no place",
    file: `${FOLDER}/state-gates.ts`,
    find: "open + reserved < maxPositions",
    replace: "open < maxPositions",
    tests: STATE,
  },
  {
    name: "open positions of LIVE hold places of SHADOW",
    file: `${FOLDER}/state-gates.ts`,
    find: "shadow ? 0 : state.open(strategyId)",
    replace: "state.open(strategyId)",
    tests: STATE,
  },
  {
    name: "a policy too old is used where no read of it has failed",
    file: "src/engine/policy/policy-keeper.ts",
    find: "if (age > this.#maxAgeMs) {",
    replace: "if (age < 0) {",
    tests: POLICY,
  },
  {
    name: "why the reads of a policy fail is not said",
    file: "src/engine/policy/policy-keeper.ts",
    find: "if (this.#faulty && age > this.#maxAgeMs) {",
    replace: "if (age < 0) {",
    tests: POLICY,
  },
  {
    name: "the age of a policy is counted from its answer, not from its question",
    file: "src/engine/policy/policy-keeper.ts",
    find: "    this.#askedAt = asked;",
    replace: "    this.#askedAt = { ...asked, monotonic: this.#clock.monotonic() };",
    tests: POLICY,
  },
  {
    name: "a policy is not read again after the process stood still",
    file: "src/engine/policy/policy-keeper.ts",
    find: "read < MOST_READS_AT_ONCE && this.#hasStoodStill()",
    replace: "read < 0 && this.#hasStoodStill()",
    tests: POLICY,
  },
  {
    name: "a change that waits for its store can make trading bolder",
    file: "src/engine/policy/strictest.ts",
    find: "globalMinConfidence: Math.max(policy.globalMinConfidence, globalMinConfidence),",
    replace: "globalMinConfidence,",
    tests: ["test/engine/policy/strictest.test.ts", "test/engine/orders.test.ts"],
  },
  {
    name: "a longer allow-list is held before it is written",
    file: "src/engine/policy/strictest.ts",
    find: "(allowedStrategies === undefined || isShorter(allowedStrategies, policy))",
    replace: "true",
    tests: ["test/engine/policy/strictest.test.ts", "test/engine/orders.test.ts"],
  },
];
