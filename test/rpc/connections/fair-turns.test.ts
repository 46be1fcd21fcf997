import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairTurns } from "../../../src/rpc/connections/fair-turns.ts";

const throwing = (error: unknown): never => {
  throw error;
};

/** Turns by a clock that stands still but for what work is said to take. A turn lasts 0.5 ms. */
function machine() {
  let now = 0;
  const begun: string[] = [];
  const take = (ms: number): void => {
    now += ms;
  };
  const turns = new FairTurns(throwing, () => now);
  /** Work of a connection that takes so long. */
  const begin = (of: object, name: string, ms: number): void =>
    turns.begin(of, () => {
      begun.push(name);
      take(ms);
    });
  return { turns, begun, take, begin };
}

describe("turns in which calls begin", () => {
  it("end after a short time and, of many that one connection brings, no more begin before another's", async () => {
    const { begun, begin } = machine();
    const flood = { name: "flood" };
    for (let count = 0; count < 100; count++) {
      begin(flood, "flood", 0.2);
    }
    expect(begun).toEqual(["flood", "flood", "flood"]);
    begin({ name: "prober" }, "probe", 0.2);
    await nextTurn();
    expect(begun.slice(3)).toEqual(["flood", "probe", "flood"]);
    while (begun.length < 101) {
      const before = begun.length;
      await nextTurn();
      expect(begun.length - before).toBeLessThanOrEqual(3);
    }
  });

  it("count what comes of a call before anything else is heard", async () => {
    const { turns, begun, begin, take } = machine();
    begin({}, "first", 1);
    turns.begin({}, () => {
      begun.push("second");
      void Promise.resolve().then(() => take(5));
    });
    turns.begin({}, () => {
      begun.push("third");
      process.nextTick(() => take(5));
    });
    begin({}, "fourth", 0);
    await nextTurn();
    expect(begun).toEqual(["first", "second"]);
    await nextTurn();
    expect(begun).toEqual(["first", "second", "third"]);
    await nextTurn();
    expect(begun).toEqual(["first", "second", "third", "fourth"]);
  });

  it("begin one at least, however long each takes", async () => {
    const { begun, begin } = machine();
    for (let count = 0; count < 4; count++) {
      begin({}, "long", 50);
    }
    for (let turn = 1; turn <= 4; turn++) {
      expect(begun).toHaveLength(turn);
      await nextTurn();
    }
  });

  it("begin each work once, in the order of its connection, whoever else has some", async () => {
    const plan = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.double({ min: 0, max: 3, noNaN: true })), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(plan, async (works) => {
        const { turns, take } = machine();
        const keys = Array.from({ length: 5 }, (_, index) => ({ index }));
        const begun: [number, number][] = [];
        for (const [place, [owner, ms]] of works.entries()) {
          turns.begin(keys[owner] as object, () => {
            begun.push([owner, place]);
            take(ms);
          });
        }
        for (let turn = 0; turn <= works.length; turn++) {
          await nextTurn();
        }
        expect(begun.length).toBe(works.length);
        for (const each of keys.keys()) {
          const places = begun.filter(([owner]) => owner === each).map(([, place]) => place);
          expect(places).toEqual(works.flatMap(([owner], place) => (owner === each ? [place] : [])));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("are not taken by what was abandoned meanwhile", async () => {
    const { turns, begun, begin } = machine();
    begin({}, "first", 1);
    for (let count = 0; count < 100; count++) {
      turns.begin({}, () => {});
    }
    begin({}, "last", 1);
    await nextTurn();
    expect(begun).toEqual(["first", "last"]);
  });

  it("go on where work throws", async () => {
    const thrown: unknown[] = [];
    const turns = new FairTurns((error) => thrown.push(error));
    const begun: number[] = [];
    turns.begin({}, () => throwing("now"));
    turns.begin({}, () => throwing("later"));
    turns.begin({}, () => begun.push(1));
    await nextTurn();
    await nextTurn();
    await nextTurn();
    expect({ thrown, begun }).toEqual({ thrown: ["now", "later"], begun: [1] });
  });
});
