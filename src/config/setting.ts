import { z } from "zod";

/**
 * One variable of the environment. Its schema turns text into a value; `must` says in words what
 * the text may be.
 */
export interface Setting<T> {
  readonly variable: string;
  /**
   * Text that stands in where the variable is not set; null where there is none and the value is
   * then absent.
   */
  readonly fallback: string | null;
  readonly must: string;
  readonly meaning: string;
  readonly schema: z.ZodType<T, string>;
  /** What the tables for people show in place of the fallback. */
  readonly shown?: string;
  /** Never shown; may be given as NAME_FILE, a path to read it from. */
  readonly isSecret?: boolean;
  /**
   * Keeps callers out: set to nothing, it would leave the service open to whoever believes
   * otherwise.
   */
  readonly isProtection?: boolean;
  /** Names a file that holds a secret: nobody else should be able to read it. */
  readonly isSecretFile?: boolean;
  /**
   * Whether the empty text is a value of its own. Elsewhere it means "not set", as compose files
   * write it.
   */
  readonly emptyIsValue?: boolean;
}

/** Keeps the exact type of the fallback, by which the value is always present or may be absent. */
export function setting<T, F extends string | null>(given: Setting<T> & { readonly fallback: F }): typeof given {
  return given;
}

/**
 * A schema out of a function that answers undefined for what it cannot read. It is given text
 * without blanks around it.
 */
export function text<T>(read: (text: string) => T | undefined): z.ZodType<T, string> {
  return z.string().transform((given, context) => {
    const value = read(given);
    if (value === undefined) {
      context.addIssue({ code: "custom" });
      return z.NEVER;
    }
    return value;
  });
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Timers hold at most 2^31 - 1 ms. One day is far from that, and long enough for any of these
 * waits.
 */
export const DAY_MS = 86_400_000;

/** `500ms`, `10s`, `5m`, `2h`, `30d`: ms, both bounds included. */
export function duration(least: number, most: number = DAY_MS): z.ZodType<number, string> {
  return text((given) => {
    const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(given) ?? [];
    const ms = unit === undefined ? Number.NaN : Number(digits) * (UNIT_MS[unit] ?? Number.NaN);
    return ms >= least && ms <= most ? ms : undefined;
  });
}

/** A day, or a time in ISO 8601; ms since the epoch. */
export function parseTime(given: string): number | undefined {
  const [, day = "", clock = "00:00", zone = "Z"] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(given) ?? [];
  const time = Date.parse(`${day}T${clock}${zone}`);
  // Date.parse takes days that do not exist, such as 30 February, for others.
  const exists = new Date(Date.parse(`${day}T00:00Z`)).getUTCDate() === Number(day.slice(-2));
  return Number.isFinite(time) && exists ? time : undefined;
}

/** A plain decimal number: no sign, no exponent, not NaN, not infinite. */
export function number(accepts: (value: number) => boolean): z.ZodType<number, string> {
  return text((given) => {
    const value = /^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
    return Number.isFinite(value) && accepts(value) ? value : undefined;
  });
}

export function integer(least: number, most: number): z.ZodType<number, string> {
  return number((value) => Number.isInteger(value) && value >= least && value <= most);
}

const UNIT_BYTES: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `512KiB`, `64MiB`, `1GiB`: bytes, both bounds included. */
export function size(least: number, most: number): z.ZodType<number, string> {
  return text((given) => {
    const [, digits, unit] = /^(\d{1,9})(KiB|MiB|GiB)$/.exec(given) ?? [];
    const bytes = unit === undefined ? Number.NaN : Number(digits) * (UNIT_BYTES[unit] ?? Number.NaN);
    return bytes >= least && bytes <= most ? bytes : undefined;
  });
}

/** A comma-separated list without repetition; the empty text is the empty list. */
export function list(accepts: (item: string) => boolean, most: number): z.ZodType<readonly string[], string> {
  return text((given) => {
    const items = given === "" ? [] : given.split(",").map((item) => item.trim());
    return items.length <= most && items.every(accepts) && new Set(items).size === items.length ? items : undefined;
  });
}

/** Where to listen. Port 0 picks a free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, with an IPv6 host in brackets. */
export function parseAddress(given: string): Address | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(given) ?? [];
  const host = bracketed ?? plain;
  return host === undefined || Number(port) > 65_535 ? undefined : { host, port: Number(port) };
}

/**
 * Whether only this machine can reach the address. Names are not looked up: all but `localhost`
 * count as reachable.
 */
export function isLoopback({ host }: Address): boolean {
  return host === "localhost" || host === "::1" || LOOPBACK.test(host);
}

/** 127.0.0.0/8, also where it is written as an address of IPv6: ::ffff:127.0.0.1, ::ffff:7f00:1. */
const LOOPBACK = /^(?:(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::ffff:7f[\da-f]{2}:[\da-f]{1,4})$/i;
