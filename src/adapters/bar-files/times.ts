import { type CalendarTime, calendarTime, type DayOrder, type TimeFault } from "./calendar.ts";

/** Units of a whole number since 1970. */
export const EPOCH_UNITS = ["s", "ms", "us", "ns"] as const;
export type EpochUnit = (typeof EPOCH_UNITS)[number];

/** Digits of a ms that are behind the point, or zeros to be put behind it. */
const SHIFT: Readonly<Record<EpochUnit, number>> = { s: 3, ms: 0, us: -3, ns: -6 };
/**
 * Times that bars have, ms. A number that is one of them in one unit is far outside in each other,
 * so that the unit need not be guessed.
 */
const PLAUSIBLE = { from: Date.UTC(1980, 0, 1), to: Date.UTC(2100, 0, 1) };

const DIGITS = /^\d+$/;
const DECIMAL = /^(\d+)\.(\d*)$/;
const SCIENTIFIC = /^\d+(\.\d+)?[eE]\+?\d+$/;
/** 2024010100: an hour in the form of a number of seconds. */
const HOUR_FORM = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])$/;
const COMPACT_FORM = /^((?:19|20)\d{6})(\d{4}|\d{6}|\d{9})?$/;

export interface TimeForm {
  /** By the name of the column. */
  readonly unit?: EpochUnit;
  readonly order?: DayOrder;
}

/**
 * Reads the open time of a bar, as a number or as a calendar's text. A text that comes back is the
 * fault.
 */
export function openTimeOf(text: string, { unit, order }: TimeForm): CalendarTime | TimeFault {
  // A date of ISO 8601 is what most rows have: it is no number.
  if (text[4] === "-") {
    return calendarTime(text, order);
  }
  if (DIGITS.test(text)) {
    return unit === undefined ? numberTime(text, order) : inUnit(text, unit);
  }
  const [, whole, fraction] = DECIMAL.exec(text) ?? [];
  if (whole !== undefined) {
    return fractionTime(whole, fraction ?? "", unit);
  }
  if (SCIENTIFIC.test(text)) {
    return "is a number whose last digits were cut; write it without exponent";
  }
  return calendarTime(text, order);
}

/** An exact number of ms, or none: the parts below would be lost in a double. */
function inUnit(digits: string, unit: EpochUnit): CalendarTime | TimeFault {
  const shift = SHIFT[unit];
  const ms = shift >= 0 ? `${digits}${"0".repeat(shift)}` : digits.slice(0, shift);
  if (shift < 0 && /[1-9]/.test(digits.slice(shift))) {
    return "has parts of a ms, at which no bar opens";
  }
  return { time: Number(ms), hasClock: true, hasZone: true };
}

function numberTime(digits: string, order: DayOrder | undefined): CalendarTime | TimeFault {
  const [unit] = plausibleUnits(digits);
  if (unit === "s" && HOUR_FORM.test(digits)) {
    return `may be ${shown(digits, "s")} in seconds, or an hour as YYYYMMDDHH; name the column unix_s, or write 2024-01-01 00:00`;
  }
  if (unit !== undefined) {
    return inUnit(digits, unit);
  }
  const [, day, clock] = COMPACT_FORM.exec(digits) ?? [];
  if (day !== undefined) {
    const ms =
      clock?.length === 9 ? `${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4, 6)}.${clock.slice(6)}` : clock;
    return calendarTime(ms === undefined ? day : `${day} ${ms}`, order);
  }
  const choices = EPOCH_UNITS.map((one) => `${shown(digits, one)} in ${one}`).join(", ");
  return `is no time from 1980 to 2100 in any unit (${choices}); if it is right, name the unit in the column: open_time_ms`;
}

/** `1704067200.0`, as programs write numbers that they keep as doubles. */
function fractionTime(whole: string, fraction: string, unit: EpochUnit | undefined): CalendarTime | TimeFault {
  const known = unit ?? plausibleUnits(whole)[0];
  if (known === undefined) {
    return /^\d{5}$/.test(whole)
      ? "looks like a day count of a spreadsheet; write the column as text, such as 2024-01-01 00:00"
      : "is no time";
  }
  const digits = SHIFT[known] > 0 ? fraction.slice(0, SHIFT[known]).padEnd(SHIFT[known], "0") : "";
  if (/[1-9]/.test(fraction.slice(Math.max(0, SHIFT[known])))) {
    return "has parts of a ms, at which no bar opens";
  }
  return SHIFT[known] > 0 ? inUnit(whole + digits, "ms") : inUnit(whole, known);
}

function plausibleUnits(digits: string): readonly EpochUnit[] {
  return EPOCH_UNITS.filter((unit) => {
    const ms = Number(digits) * 10 ** SHIFT[unit];
    return ms >= PLAUSIBLE.from && ms < PLAUSIBLE.to;
  });
}

function shown(digits: string, unit: EpochUnit): string {
  const time = Number(digits) * 10 ** SHIFT[unit];
  return time <= 8.64e15 ? new Date(time).toISOString().replace(".000Z", "Z") : "no time";
}
