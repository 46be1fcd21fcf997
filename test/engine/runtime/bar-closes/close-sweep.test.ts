import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PendingSymbols } from "../../../../src/engine/runtime/bar-closes/close-sweep.ts";

const SYMBOLS = ["A", "B", "C"];
const pendingOf = (symbols: readonly string[]) => new PendingSymbols(["1m"], new Set(symbols));
const takeDue = (pending: PendingSymbols, isDue: (symbol: string) => boolean): readonly string[] => {
  const due = pending.due(isDue);
  pending.take(due);
  return [...due];
};

describe("the symbols of a close that wait for their bars", () => {
  it("are all there when each has its bar now, in whatever order bars come and go, and whoever was taken", () => {
    const steps = fc.array(
      fc.record({
        symbol: fc.constantFrom(...SYMBOLS),
        kind: fc.constantFrom("comes", "comes", "comes", "goes", "is taken"),
      }),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(steps, (drawn) => {
        const pending = pendingOf(SYMBOLS);
        const there = new Set<string>();
        const left = new Set(SYMBOLS);
        for (const { symbol, kind } of drawn) {
          if (kind === "comes") {
            there.add(symbol);
          } else if (kind === "goes") {
            there.delete(symbol);
          } else {
            const taken = takeDue(pending, (each) => each === symbol && there.has(each));
            const isTaken = there.has(symbol) && left.delete(symbol);
            expect(taken).toEqual(isTaken ? [symbol] : []);
          }
          expect(pending.areAll((each) => there.has(each))).toBe([...left].every((each) => there.has(each)));
          expect(pending.isEmpty).toBe(left.size === 0);
        }
      }),
    );
  });

  it("are looked at about twice each, not once for every bar that comes", () => {
    const symbols = Array.from({ length: 500 }, (_, i) => `S${i}`);
    for (const order of [symbols, symbols.toReversed()]) {
      const pending = pendingOf(symbols);
      const there = new Set<string>();
      let looks = 0;
      for (const symbol of order) {
        there.add(symbol);
        const all = pending.areAll((each) => {
          looks++;
          return there.has(each);
        });
        expect(all).toBe(there.size === symbols.length);
      }
      expect(looks).toBeLessThan(4 * symbols.length);
    }
  });

  it("are taken once", () => {
    const pending = pendingOf(["A", "B", "C"]);
    expect(takeDue(pending, (symbol) => symbol !== "B")).toEqual(["A", "C"]);
    expect([...pending.takeAll()]).toEqual(["B"]);
    expect([...pending.takeAll()]).toEqual([]);
    expect(pending.has("A")).toBe(false);
  });
});
