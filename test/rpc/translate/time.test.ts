import { create } from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ceilMs,
  durationMs,
  floorMs,
  isWholeMs,
  timestampFault,
  toDuration,
  toTimestamp,
} from "../../../src/rpc/translate/time.ts";

const timestamp = (seconds: bigint, nanos: number) => create(TimestampSchema, { seconds, nanos });
const duration = (seconds: bigint, nanos: number) => create(DurationSchema, { seconds, nanos });

describe("timestamps", () => {
  it("carry every millisecond of the years 1 to 9999 and back", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
        const time = toTimestamp(ms);
        expect(time && timestampFault(time)).toBeUndefined();
        expect(time && floorMs(time)).toBe(ms);
        expect(time && ceilMs(time)).toBe(ms);
      }),
    );
  });

  it("have nanos that are never negative, before 1970 neither", () => {
    expect(toTimestamp(-1)).toEqual(timestamp(-1n, 999_000_000));
  });

  it("are absent where there is no time that the wire could carry", () => {
    for (const ms of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 253_402_300_800_000, -62_135_596_800_001]) {
      expect(toTimestamp(ms)).toBeUndefined();
    }
  });

  it("are refused with nanos or seconds out of range", () => {
    expect(timestampFault(timestamp(0n, -1))).toContain("nanos -1");
    expect(timestampFault(timestamp(0n, 1_000_000_000))).toContain("nanos 1000000000");
    expect(timestampFault(timestamp(253_402_300_800n, 0))).toContain("seconds 253402300800");
    expect(timestampFault(timestamp(-62_135_596_801n, 0))).toContain("seconds -62135596801");
    expect(timestampFault(timestamp(253_402_300_799n, 999_999_999))).toBeUndefined();
  });

  it("finer than a millisecond are between two: the bounds of a range let through what the timestamp would", () => {
    const time = timestamp(10n, 500_000_001);
    expect([floorMs(time), ceilMs(time)]).toEqual([10_500, 10_501]);
    expect(isWholeMs(time)).toBe(false);
    expect(isWholeMs(timestamp(10n, 500_000_000))).toBe(true);
    expect(floorMs(timestamp(-1n, 999_999_999))).toBe(-1);
  });
});

describe("durations", () => {
  it("carry every millisecond and back, negative ones with both signs equal", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e13, max: 1e13 }), (ms) => {
        const wire = toDuration(ms);
        expect(wire && durationMs(wire)).toBe(ms);
        expect(wire && wire.seconds < 0n && wire.nanos > 0).toBe(false);
      }),
    );
    expect(toDuration(-1_500)).toEqual(duration(-1n, -500_000_000));
  });

  it("are sent to the nanosecond", () => {
    expect(toDuration(12.3456)).toEqual(duration(0n, 12_345_600));
    expect(toDuration(999.9999999)).toEqual(duration(1n, 0));
  });

  it("count a started millisecond whole, so that a cooldown is never shorter than asked", () => {
    expect(durationMs(duration(1n, 1))).toBe(1_001);
    expect(durationMs(duration(0n, -1))).toBe(-1);
  });

  it("are no number where they are not valid", () => {
    const wrong = [duration(0n, 1_000_000_000), duration(1n, -1), duration(-1n, 1), duration(315_576_000_001n, 0)];
    expect(wrong.map(durationMs)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });
});
