import { describe, expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import { BarTable } from "../../src/domain/bar-table.ts";

const barAt = (openTime: number): Bar => ({ openTime, open: 1, high: 4, low: 0.5, close: 2 + openTime, volume: 3 });

function tableOf(...openTimes: readonly number[]): BarTable {
  const table = new BarTable(1);
  for (const openTime of openTimes) {
    table.add(barAt(openTime));
  }
  return table;
}

describe("a table of bars", () => {
  it("gives back what was put in, beyond the room it had at first, and nothing else", () => {
    const table = tableOf(10, 20, 30);
    expect(table.slice(-5, 9)).toEqual([barAt(10), barAt(20), barAt(30)]);
    expect([table.bar(-1), table.bar(3), table.bar(0.5), table.bar(Number.NaN)]).toEqual(Array(4).fill(undefined));
    expect([table.openTime(2), table.openTime(3), table.openTime(-1)]).toEqual([30, Number.NaN, Number.NaN]);
    expect([table.close(0), table.close(3), table.close(-1)]).toEqual([12, Number.NaN, Number.NaN]);
  });

  it("counts the bars that open at or before a time", () => {
    const table = tableOf(10, 20, 30);
    expect([9, 10, 19, 20, 30, 99].map((time) => table.countUntil(time))).toEqual([0, 1, 1, 2, 3, 3]);
  });

  it("can have a bar replaced, and its first ones dropped", () => {
    const table = tableOf(10, 20, 30);
    table.replace(1, { ...barAt(20), volume: 7 });
    table.dropFirst(1);
    expect(table.slice(0, table.length)).toEqual([{ ...barAt(20), volume: 7 }, barAt(30)]);
  });
});
