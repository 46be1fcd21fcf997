/** Which of the first two numbers of a date such as 03/04/2024 is the day. */
export type DayOrder = "day first" | "month first";

/** What a text of a calendar and a clock says. */
export interface CalendarTime {
  /** Ms since the epoch. */
  readonly time: number;
  readonly hasClock: boolean;
  readonly hasZone: boolean;
}

/** A fault in words, behind the quoted text; the alternative is a time. */
export type TimeFault = string;

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** What stands behind the day. */
  readonly rest: string;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** The form of nearly all rows of nearly all files: one look instead of ten. */
const PLAIN = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(Z|\+00:00)?$/;
const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? /i;
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)/;
const SHORT_YEAR = /^\d{1,2}([-/.])(\d{1,2}|[A-Za-z]{3})\1\d{2}(?!\d)/;
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?=$|[T _])/;
const NAMED_FIRST = /^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})(?!\d)/;
const NAMED_MIDDLE = /^(\d{1,2})[- ]([A-Za-z]{3,9})\.?[- ,]+(\d{4})(?!\d)/;
const NAMED_AFTER_YEAR = /^(\d{4})[- ]([A-Za-z]{3})[- ](\d{1,2})(?!\d)/;

const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AP])M)?/i;
const HOUR_CLOCK = /^(\d{1,2})[- ]?([AP])M/i;
const COMPACT_CLOCK = /^(\d\d)(\d\d)(\d\d)?(?!\d)/;
const ZONE = /^(?:Z|UTC|GMT)$/i;
const OFFSET = /^(?:UTC|GMT)? ?([+-])(\d{1,2})(?::?(\d\d))?(?: \(.*\))?$/i;

/** Bars of other years are rather times that were not understood. */
const YEARS = { from: 1900, to: 2199 };

/**
 * Reads a date, with a clock and a zone where it has them. `order` is needed for dates such as
 * 03/04/2024.
 */
export function calendarTime(text: string, order: DayOrder | undefined): CalendarTime | TimeFault {
  const plain = plainTime(PLAIN.exec(text));
  if (plain !== undefined) {
    return plain;
  }
  const day = dayOf(text.replace(WEEKDAY, ""), order);
  if (typeof day === "string") {
    return day;
  }
  const midnight = midnightOf(day.year, day.month, day.day);
  if (midnight === undefined) {
    return "is no day of the calendar";
  }
  const behind = day.rest.replace(/^(?:[T _:,-]+|$)/, "");
  if (behind === "") {
    return { time: midnight, hasClock: false, hasZone: false };
  }
  const clock = clockOf(behind);
  if (clock === undefined) {
    return `has ${JSON.stringify(behind)} behind the day, which is no time such as 13:30 or 13:30:00Z`;
  }
  const offset = offsetOf(clock.rest);
  return typeof offset === "string"
    ? offset
    : { time: midnight + clock.ms - (offset ?? 0), hasClock: true, hasZone: offset !== undefined };
}

/** Undefined where there is none, or a fault to be named. */
function plainTime(match: RegExpExecArray | null): CalendarTime | undefined {
  if (match === null) {
    return undefined;
  }
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  const midnight = midnightOf(Number(match[1]), Number(match[2]), Number(match[3]));
  return midnight === undefined || hour > 23 || minute > 59 || second > 59
    ? undefined
    : {
        time: midnight + ((hour * 60 + minute) * 60 + second) * 1_000,
        hasClock: true,
        hasZone: match[7] !== undefined,
      };
}

/**
 * Whether the numbers of a date can only be read in one order; undefined where they say nothing.
 */
export function orderOf(text: string): DayOrder | undefined {
  const [, first = "", , second = ""] = YEAR_LAST.exec(text.replace(WEEKDAY, "")) ?? [];
  if (Number(first) > 12) {
    return "day first";
  }
  return Number(second) > 12 ? "month first" : undefined;
}

export function needsOrder(text: string): boolean {
  return YEAR_LAST.test(text.replace(WEEKDAY, ""));
}

function dayOf(text: string, order: DayOrder | undefined): Day | TimeFault {
  const last = YEAR_LAST.exec(text);
  if (last !== null) {
    const [all, first, , second, year] = last;
    if (order === undefined) {
      return "may be day/month or month/day";
    }
    const [day, month] = order === "day first" ? [first, second] : [second, first];
    return { year: Number(year), month: Number(month), day: Number(day), rest: text.slice(all.length) };
  }
  const numbers = COMPACT.exec(text) ?? withoutMark(YEAR_FIRST.exec(text));
  if (numbers !== null) {
    const [all, year, month, day] = numbers;
    return { year: Number(year), month: Number(month), day: Number(day), rest: text.slice(all.length) };
  }
  if (SHORT_YEAR.test(text)) {
    return "has a year of two digits; write four";
  }
  return namedMonth(text) ?? "is no time";
}

function withoutMark(match: RegExpExecArray | null): readonly [string, string, string, string] | null {
  return match === null ? null : [match[0], match[1] ?? "", match[3] ?? "", match[4] ?? ""];
}

function namedMonth(text: string): Day | undefined {
  const first = NAMED_FIRST.exec(text);
  const middle = NAMED_MIDDLE.exec(text);
  const after = NAMED_AFTER_YEAR.exec(text);
  const [all, year, name, day] =
    (first && [first[0], first[3], first[1], first[2]]) ??
    (middle && [middle[0], middle[3], middle[2], middle[1]]) ??
    (after && [after[0], after[1], after[2], after[3]]) ??
    [];
  const month = MONTHS.indexOf(name?.slice(0, 3).toLowerCase() ?? "") + 1;
  return all === undefined || month === 0
    ? undefined
    : { year: Number(year), month, day: Number(day), rest: text.slice(all.length) };
}

/** Undefined for days that do not exist: the calendar of the machine would take them for others. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const time = Date.UTC(year, month - 1, day);
  const exists = month >= 1 && month <= 12 && day >= 1 && (day <= 28 || new Date(time).getUTCDate() === day);
  return exists && year >= YEARS.from && year <= YEARS.to ? time : undefined;
}

function clockOf(text: string): { readonly ms: number; readonly rest: string } | undefined {
  const full = CLOCK.exec(text);
  const [all = "", hour, minute = "0", second = "0", fraction = "", half] =
    full ?? hourClock(HOUR_CLOCK.exec(text)) ?? COMPACT_CLOCK.exec(text) ?? [];
  const hours = hourOf(Number(hour), half);
  if (all === "" || hours === undefined || Number(minute) > 59 || Number(second) > 59) {
    return undefined;
  }
  // What is finer than a ms is on no grid of bars, and refused there.
  const ms = Number(`0.${fraction || "0"}`) * 1_000;
  return {
    ms: ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1_000 + ms,
    rest: text.slice(all.length).trim(),
  };
}

function hourClock(match: RegExpExecArray | null): readonly (string | undefined)[] | null {
  return match === null ? null : [match[0], match[1], "0", "0", "", match[2]];
}

/** 12 AM is midnight. */
function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) {
    return hour < 24 ? hour : undefined;
  }
  return hour >= 1 && hour <= 12 ? (hour % 12) + (half.toUpperCase() === "P" ? 12 : 0) : undefined;
}

/** Ms east of UTC; undefined where no zone is given. */
function offsetOf(text: string): number | undefined | TimeFault {
  if (text === "") {
    return undefined;
  }
  if (ZONE.test(text)) {
    return 0;
  }
  const [, sign, hours, minutes = "0"] = OFFSET.exec(text) ?? [];
  if (hours === undefined) {
    return `has the zone ${JSON.stringify(text)}, which may have several offsets; write UTC or one such as +01:00`;
  }
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
