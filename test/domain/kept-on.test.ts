import { describe, expect, it } from "vitest";
import { keptOn } from "../../src/domain/kept-on.ts";

describe("what is kept on an object", () => {
  it("is computed once, for each object and each question", () => {
    let computed = 0;
    const doubled = keptOn(({ n }: { readonly n: number }) => {
      computed++;
      return 2 * n;
    });
    const negated = keptOn(({ n }: { readonly n: number }) => -n);
    const [one, two] = [{ n: 1 }, { n: 2 }];
    expect([doubled(one), doubled(two), doubled(one), negated(one), doubled(one)]).toEqual([2, 4, 2, -1, 2]);
    expect(computed).toBe(2);
  });

  it("is seen by no copy and no comparison", () => {
    const doubled = keptOn(({ n }: { readonly n: number }) => 2 * n);
    const object = { n: 1 };
    doubled(object);
    expect(doubled({ ...object, n: 5 })).toBe(10);
    expect(object).toStrictEqual({ n: 1 });
    expect(JSON.stringify(object)).toBe('{"n":1}');
    expect(Reflect.ownKeys(structuredClone(object))).toEqual(["n"]);
  });
});
