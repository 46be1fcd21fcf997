import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema, type Timestamp } from "@bufbuild/protobuf/wkt";

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the bounds of google.protobuf.Timestamp. */
const LEAST_SECONDS = -62_135_596_800;
const MOST_SECONDS = 253_402_300_799;
/** Bound of google.protobuf.Duration, some 10,000 years either way. */
const MOST_DURATION_SECONDS = 315_576_000_000;
const NANOS = 1_000_000_000;
const NANOS_PER_MS = 1_000_000;

/** What a timestamp and a duration have on the wire; the seconds are whole. */
export interface WireTime {
  readonly seconds: number;
  readonly nanos: number;
}

/**
 * The time on the wire; absent where there is none, or where it is none that the wire could carry.
 */
export function toTimestamp(ms: number | undefined): Timestamp | undefined {
  const time = wireTime(ms);
  return time && { $typeName: "google.protobuf.Timestamp", seconds: BigInt(time.seconds), nanos: time.nanos };
}

/** The duration on the wire, to the nanosecond; absent as `toTimestamp`. */
export function toDuration(ms: number | undefined): Duration | undefined {
  const time = wireDuration(ms);
  return time && create(DurationSchema, { seconds: BigInt(time.seconds), nanos: time.nanos });
}

/** The parts of `toTimestamp`. */
export function wireTime(ms: number | undefined): WireTime | undefined {
  const time = split(ms);
  return time === undefined || time.seconds < LEAST_SECONDS || time.seconds > MOST_SECONDS ? undefined : time;
}

/** The parts of `toDuration`. */
export function wireDuration(ms: number | undefined): WireTime | undefined {
  const time = split(ms === undefined ? undefined : Math.abs(ms));
  if (ms === undefined || time === undefined || time.seconds > MOST_DURATION_SECONDS) {
    return undefined;
  }
  // Seconds and nanos of a duration have the same sign, those of a timestamp do not.
  return ms < 0 ? { seconds: 0 - time.seconds, nanos: 0 - time.nanos } : time;
}

function split(ms: number | undefined): WireTime | undefined {
  if (ms === undefined || !Number.isFinite(ms)) {
    return undefined;
  }
  const seconds = Math.floor(ms / 1_000);
  const nanos = Math.round((ms - seconds * 1_000) * NANOS_PER_MS);
  return nanos === NANOS ? { seconds: seconds + 1, nanos: 0 } : { seconds, nanos };
}

/** Why it is no valid timestamp, or undefined. */
export function timestampFault(time: Timestamp): string | undefined {
  if (time.nanos < 0 || time.nanos >= NANOS) {
    return `has nanos ${time.nanos}, must be 0 to 999999999`;
  }
  return time.seconds < LEAST_SECONDS || time.seconds > MOST_SECONDS
    ? `has seconds ${time.seconds}, must be ${LEAST_SECONDS} to ${MOST_SECONDS} (years 1 to 9999)`
    : undefined;
}

/** The last whole millisecond at or before a valid timestamp, since the epoch. */
export function floorMs(time: Timestamp): number {
  return Number(time.seconds) * 1_000 + Math.floor(time.nanos / NANOS_PER_MS);
}

/**
 * The first whole millisecond at or after a valid timestamp: as a bound of times in ms it lets
 * through what the timestamp would.
 */
export function ceilMs(time: Timestamp): number {
  return Number(time.seconds) * 1_000 + Math.ceil(time.nanos / NANOS_PER_MS);
}

/** Whether it says a whole millisecond, which is as fine as anything here. */
export function isWholeMs(time: Timestamp): boolean {
  return time.nanos % NANOS_PER_MS === 0;
}

/**
 * A duration in ms, a started one counted whole; NaN where it is no valid duration, so that the
 * check of the number reports it.
 */
export function durationMs(duration: Duration): number {
  const { seconds, nanos } = duration;
  const disagree = (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0);
  const tooLong = seconds > MOST_DURATION_SECONDS || seconds < -MOST_DURATION_SECONDS;
  if (disagree || tooLong || Math.abs(nanos) >= NANOS) {
    return Number.NaN;
  }
  // Away from 0, so that a negative one is never taken for 0.
  const started = nanos < 0 ? Math.floor(nanos / NANOS_PER_MS) : Math.ceil(nanos / NANOS_PER_MS);
  return Number(seconds) * 1_000 + started;
}
