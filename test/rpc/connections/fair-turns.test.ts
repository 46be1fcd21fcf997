import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairTurns } from "../../../src/rpc/connections/fair-turns.ts";

const throwing = (error: unknown): never => {
  throw error;
};

describe("turns in which calls begin", () => {
  it("begin a few at once and, of many that one connection brings, no more before another's", async () => {
    const turns = new FairTurns(throwing, 3);
    const begun: string[] = [];
    const flood = { name: "flood" };
    for (let count = 0; count < 100; count++) {
      turns.begin(flood, () => begun.push("flood"));
    }
    expect(begun).toEqual(["flood", "flood", "flood"]);
    turns.begin({ name: "controller" }, () => begun.push("halt"));
    await nextTurn();
    expect(begun.slice(3)).toEqual(["flood", "halt", "flood"]);
    while (begun.length < 101) {
      const before = begun.length;
      await nextTurn();
      expect(begun.length - before).toBeLessThanOrEqual(3);
    }
  });

  it("begin each work once, in the order of its connection, whoever else has some", async () => {
    const plan = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(plan, fc.integer({ min: 1, max: 5 }), async (owners, most) => {
        const turns = new FairTurns(throwing, most);
        const keys = Array.from({ length: 5 }, (_, index) => ({ index }));
        const begun: [number, number][] = [];
        for (const [place, owner] of owners.entries()) {
          turns.begin(keys[owner] as object, () => begun.push([owner, place]));
        }
        for (let turn = 0; turn <= owners.length; turn++) {
          await nextTurn();
        }
        expect(begun.length).toBe(owners.length);
        for (const each of keys.keys()) {
          const places = begun.filter(([owner]) => owner === each).map(([, place]) => place);
          expect(places).toEqual(owners.flatMap((owner, place) => (owner === each ? [place] : [])));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("are not taken by what was abandoned meanwhile", async () => {
    const turns = new FairTurns(throwing, 1);
    const begun: string[] = [];
    turns.begin({}, () => begun.push("first"));
    for (let count = 0; count < 100; count++) {
      turns.begin({}, () => false);
    }
    turns.begin({}, () => begun.push("last"));
    await nextTurn();
    expect(begun).toEqual(["first", "last"]);
  });

  it("go on where work throws", async () => {
    const thrown: unknown[] = [];
    const turns = new FairTurns((error) => thrown.push(error), 1);
    const begun: number[] = [];
    turns.begin({}, () => throwing("now"));
    turns.begin({}, () => throwing("later"));
    turns.begin({}, () => begun.push(1));
    await nextTurn();
    await nextTurn();
    expect({ thrown, begun }).toEqual({ thrown: ["now", "later"], begun: [1] });
  });
});
