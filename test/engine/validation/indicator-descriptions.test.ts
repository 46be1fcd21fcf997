import { describe, expect, it } from "vitest";
import { descriptions } from "../../../src/engine/validation/indicator-descriptions.ts";
import { conditionsOf, draftOf, violationsOf } from "./drafts.ts";

describe("the example of each indicator", () => {
  it.each(descriptions().map(({ definition, example }) => [definition.base, example] as const))(
    "%s: %s is a condition that is taken, and reads it",
    (base, example) => {
      const entryIndicators = conditionsOf(example);
      expect(violationsOf(draftOf({ side: "LONG", timeframe: "1h", entryIndicators }))).toEqual([]);
      expect(example).toMatch(new RegExp(`(^|[^A-Z_])${base}([^A-Z]|$)`));
    },
  );
});
