import type { Mutant } from "./mutant.ts";

const EXPRESSIONS = "src/expressions";
const CONDITIONS = "src/engine/rules/conditions";
const SETS = "src/engine/rules/sets";
const PARSED = ["test/expressions/parse-expression.test.ts"];
const COMPUTED = ["test/expressions/program.test.ts"];
const READ = ["test/expressions/readings.test.ts"];
const JUDGED = ["test/engine/expressions.test.ts"];
const SWEPT = ["test/engine/rules/sets/sweep-plan.test.ts"];
const VALIDATED = ["test/engine/validation/expressions.test.ts"];

/** Expressions on the sides of conditions: R52 to R56. */
export const EXPRESSION_MUTANTS: readonly Mutant[] = [
  {
    name: "one more parenthesis may be open",
    file: `${EXPRESSIONS}/parser.ts`,
    find: "this.#open > MOST_OPEN",
    replace: "this.#open > MOST_OPEN + 1",
    tests: PARSED,
  },
  {
    name: "sums are read from the right",
    file: `${EXPRESSIONS}/canonical.ts`,
    find: "within(strength + 1, expression.right, own)",
    replace: "within(strength, expression.right, own)",
    tests: PARSED,
  },
  {
    name: "a quotient by 0 has a value",
    file: `${EXPRESSIONS}/program.ts`,
    find: "return value - value === 0 ? value + 0 : Number.NaN;",
    replace: "return value + 0;",
    tests: COMPUTED,
  },
  {
    name: "the tolerance of a product is the sum of both",
    file: `${EXPRESSIONS}/program.ts`,
    find: "return Math.abs(a) * errorB + Math.abs(b) * errorA;",
    replace: "return errorB + errorA;",
    tests: COMPUTED,
  },
  {
    name: "a series goes on behind an undefined value of its source",
    file: `${EXPRESSIONS}/derived-kernels.ts`,
    find: "      this.kernel = undefined;\n",
    replace: "",
    tests: READ,
  },
  {
    name: "a series that began afresh is settled as if it had not",
    file: `${EXPRESSIONS}/derived-kernels.ts`,
    find: "Math.max(source.settledAt, this.start)",
    replace: "source.settledAt",
    tests: READ,
  },
  {
    name: "a lag needs no bars more",
    file: `${EXPRESSIONS}/readings.ts`,
    find: "firstIndex: from.firstIndex + indicator.firstIndex + lag,",
    replace: "firstIndex: from.firstIndex + indicator.firstIndex,",
    tests: [...READ, ...JUDGED],
  },
  {
    name: "the range of a product is that of its first ends",
    file: `${EXPRESSIONS}/ranges.ts`,
    find: "hull([a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high])",
    replace: "hull([a.low * b.low, a.high * b.high])",
    tests: ["test/expressions/ranges.test.ts"],
  },
  {
    name: "the bar before of another timeframe is that of its own series",
    file: `${CONDITIONS}/formula-values.ts`,
    find: "timeframe === formula.timeframe ? close : close - back * timeframeMs(formula.timeframe)",
    replace: "close",
    tests: [...JUDGED, ...SWEPT],
  },
  {
    name: "a sweep reads the bar before of another timeframe in its own series",
    file: `${SETS}/feature-values.ts`,
    find: "step === undefined ? barClose : lastClose(barClose, step) - timeframeMs(step)",
    replace: "barClose",
    tests: SWEPT,
  },
  {
    name: "a sweep takes what is at an expression's threshold for below it",
    file: `${SETS}/condition-table.ts`,
    find: 'inclusive === 1 ? "least" : "most"',
    replace: '"value"',
    tests: SWEPT,
  },
  {
    name: "an expression may read a shorter timeframe",
    file: "src/engine/validation/expressions.ts",
    find: "if (timeframeMs(timeframe) < timeframeMs(own)) {",
    replace: "if (timeframeMs(timeframe) < 0) {",
    tests: VALIDATED,
  },
];
