import { describe, expect, it } from "vitest";
import type { Bar } from "../../../src/domain/bar.ts";
import { joinBars } from "../../../src/engine/market/join-bars.ts";

const MINUTE = 60_000;

/** A bar of the minute; its prices differ, so that none passes for another. */
function bar(minute: number): Bar {
  return { openTime: minute * MINUTE, open: 100, high: 104, low: 99, close: 103, volume: 7 };
}

function flat(minute: number): Bar {
  return { openTime: minute * MINUTE, open: 103, high: 103, low: 103, close: 103, volume: 0 };
}

const minutesOf = (bars: readonly Bar[]) => bars.map(({ openTime }) => openTime / MINUTE);

describe("bars that are joined (R5)", () => {
  it("have a flat bar at the close before for each that is missing, without volume", () => {
    expect(joinBars(undefined, [bar(1), bar(4)], "1m")).toEqual({ bars: [bar(1), flat(2), flat(3), bar(4)] });
    expect(joinBars(bar(1), [bar(3)], "1m")).toEqual({ bars: [flat(2), bar(3)] });
  });

  it("are left as they are where none is missing", () => {
    expect(joinBars(bar(1), [bar(2), bar(3)], "1m")).toEqual({ bars: [bar(2), bar(3)] });
    expect(joinBars(undefined, [], "1m")).toEqual({ bars: [] });
  });

  it("are filled over 48 missing ones, and begin anew behind 49", () => {
    const filled = joinBars(bar(0), [bar(49)], "1m");
    expect(minutesOf(filled.bars)).toEqual(Array.from({ length: 49 }, (_, i) => i + 1));
    expect(filled.cut).toBeUndefined();
    const anew = joinBars(bar(0), [bar(50)], "1m");
    expect(anew).toMatchObject({ bars: [bar(50)], cut: { time: MINUTE, isInvalidBar: false } });
    expect(anew.cut?.why).toBe("lacks 49 bars from 1970-01-01T00:01:00Z on, more than 48");
  });

  it("begin anew behind an invalid bar, and end before it where it is the newest", () => {
    const invalid = { ...bar(2), high: 1 };
    expect(joinBars(bar(0), [bar(1), invalid, bar(3)], "1m")).toMatchObject({
      bars: [bar(3)],
      cut: { time: 2 * MINUTE, isInvalidBar: true },
    });
    expect(joinBars(bar(0), [bar(1), invalid], "1m")).toMatchObject({
      bars: [bar(1)],
      end: { time: 2 * MINUTE, isInvalidBar: true },
    });
  });
});
