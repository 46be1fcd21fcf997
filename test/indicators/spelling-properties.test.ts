import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INDICATOR_NAMES } from "../../src/indicators/registry.ts";
import { entryOf } from "../../src/indicators/spelling/lookup.ts";
import { meantBy } from "../../src/indicators/spelling/meant.ts";
import { TABLE } from "../../src/indicators/spelling/table.ts";
import { indicator } from "./series.ts";
import { suggestedBases } from "./suggestions.ts";

/** Indicators of opposite meaning. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ["BB_UPPER", "BB_LOWER"],
  ["AROON_UP", "AROON_DOWN"],
  ["PLUS_DI", "MINUS_DI"],
  ["HIGHEST", "LOWEST"],
  ["HIGH", "LOW"],
  ["OPEN", "CLOSE"],
  ["STOCH_K", "STOCH_D"],
];
const MARKS = new Set(
  "UPPER LOWER UP DOWN PLUS MINUS HIGHEST LOWEST HIGH LOW OPEN CLOSE K D %K %D POS NEG TOP BOTTOM".split(" "),
);

const POLAR = OPPOSITES.flatMap(([a, b]) => [
  { base: a, opposite: b },
  { base: b, opposite: a },
]).flatMap(({ base, opposite }) => {
  const rows = TABLE.filter(({ targets: [target, ...others] }) => target?.base === base && others.length === 0);
  return [base.replaceAll("_", " "), ...rows.flatMap(({ names }) => names)].map((name) => ({ name, base, opposite }));
});

const slip = fc.record({
  at: fc.nat(),
  letter: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
  kind: fc.constantFrom("drop", "insert", "replace", "swap"),
});

function slipped(word: string, { at, letter, kind }: { at: number; letter: string; kind: string }): string {
  const i = at % word.length;
  const [before, one, after] = [word.slice(0, i), word.slice(i, i + 1), word.slice(i + 1)];
  switch (kind) {
    case "drop":
      return before + after;
    case "insert":
      return before + letter + one + after;
    case "replace":
      return before + letter + after;
    default:
      return before + after.slice(0, 1) + one + after.slice(1);
  }
}

describe("a suggestion", () => {
  it("is never of the opposite kind where the words say the kind, whatever slips stand beside them", () => {
    const marked = POLAR.filter(
      ({ name }) => name.split(" ").length > 1 && name.split(" ").some((word) => MARKS.has(word)),
    );
    expect(marked.length).toBeGreaterThan(40);
    fc.assert(
      fc.property(
        fc.constantFrom(...marked),
        fc.array(slip, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("_", " ", "-", ""),
        fc.constantFrom("", "_14", "20", "(9)", "_14_3_3", "_1h", "ta."),
        ({ name, opposite }, slips, between, end) => {
          const words = name
            .split(" ")
            .map((word) => (MARKS.has(word) ? word : slips.reduce(slipped, `${word} `).trim()));
          const bases = suggestedBases(words.join(between) + end);
          // Glued, a text may say no more than "one of these".
          expect(between === "" && bases.length > 1 ? [] : bases, words.join(between) + end).not.toContain(opposite);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("is of the opposite kind after one slip anywhere only where that is how the opposite is written", () => {
    fc.assert(
      fc.property(fc.constantFrom(...POLAR), slip, fc.constantFrom("_", ""), ({ name, opposite }, one, between) => {
        const text = slipped(name.replaceAll(" ", between), one);
        const isWritten = entryOf(text.split("_")) !== undefined;
        expect(isWritten ? [] : suggestedBases(text), `${text} from ${name}`).not.toEqual([opposite]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is a canonical name, with the numbers of the text and no others but defaults", () => {
    const number = fc.oneof(
      fc.integer({ min: 0, max: 600 }),
      fc.integer({ min: 1, max: 40 }).map((x) => x / 8),
    );
    const names = [...TABLE.flatMap((row) => row.names), ...INDICATOR_NAMES];
    // "3 white soldiers", TRANGE as ATR_1: numbers that an indicator is always written with.
    const fixed = Map.groupBy(
      TABLE.flatMap(({ targets }) => targets),
      ({ base }) => base,
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(number, { maxLength: 3 }), (name, numbers) => {
        const meant = meantBy([name, ...numbers].join("_"));
        for (const suggested of meant !== undefined && "names" in meant ? meant.names : []) {
          const { name: canonical, parameters, base } = indicator(suggested);
          expect(canonical).toBe(suggested);
          const said = fixed.get(base)?.flatMap(({ order = [] }) => order);
          for (const given of numbers.filter((each) => !said?.includes(each))) {
            expect(parameters, `${name} ${numbers} is ${suggested}`).toContain(given);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("never throws, whatever the text is", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 64 }), fc.string({ unit: "binary", maxLength: 64 })),
        (text) => void meantBy(text),
      ),
    );
  });
});
