import { withoutSecrets } from "./secrets.ts";

/**
 * The one class of error. A closed set of codes, each with one gRPC status (see rpc/errors.ts).
 *
 * The message goes to the caller: it names the value at fault and says what to do. `cause` goes to
 * the log only.
 */
export const ERROR_CODES = [
  "invalid", // the request is wrong whatever the state: INVALID_ARGUMENT
  "not_found",
  "already_exists", // contradicts what was reported before
  "aborted", // the version expected is not the one stored: read again and retry
  "failed_precondition", // the state must change first
  "resource_exhausted",
  "unavailable", // a store, the feed or the policy is in doubt: try again later
  "unauthenticated",
  "permission_denied",
  "cancelled",
  "deadline_exceeded",
  "internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** One fault of a request: the path of the field and what is wrong with it. */
export interface Violation {
  /** Path in the contract's names, such as `entry_indicators[1].operator`. */
  readonly field: string;
  readonly description: string;
}

/** A fault that was found while a request was read, before anything in it was checked. */
export interface ReadFault extends Violation {
  /** Nothing could be read there. What a check finds in its place says nothing new. */
  readonly lost: boolean;
}

/**
 * Whether a fault of reading says already all there is to say about a field, and about what is in
 * it.
 */
export function isLost(faults: readonly ReadFault[], field: string): boolean {
  return faults.some(
    (fault) =>
      fault.lost &&
      (field === fault.field || field.startsWith(`${fault.field}.`) || field.startsWith(`${fault.field}[`)),
  );
}

interface ErrorOptions {
  readonly cause?: unknown;
  readonly violations?: readonly Violation[];
  readonly retryAfterMs?: number;
}

export class RuntimeError extends Error {
  readonly code: ErrorCode;
  readonly violations: readonly Violation[];
  /** How long the caller should wait before it tries again, where that helps. */
  readonly retryAfterMs?: number;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RuntimeError";
    this.code = code;
    this.violations = options.violations ?? [];
    if (options.retryAfterMs !== undefined) {
      this.retryAfterMs = options.retryAfterMs;
    }
  }
}

/** An `invalid` error that lists every fault at once; its message is the faults, joined. */
export function invalid(violations: readonly Violation[]): RuntimeError {
  const text = violations.map((v) => `${v.field}: ${v.description}`).join("; ");
  return new RuntimeError("invalid", text, { violations });
}

/**
 * The text of anything thrown, for messages and logs. Clients quote what they were given: secrets
 * are taken out.
 */
export function errorText(error: unknown): string {
  return withoutSecrets(error instanceof Error ? error.message : thrownText(error));
}

/** Anything can be thrown, even what cannot be made a text of. */
function thrownText(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "something without a text was thrown";
  }
}
