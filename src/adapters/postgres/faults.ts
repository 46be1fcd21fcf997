import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { Queryable, Statements } from "./queryable.ts";

const UNIQUE_VIOLATION = "23505";
/** Text that PostgreSQL cannot hold, U+0000 above all. */
const UNSTORABLE_TEXT: readonly unknown[] = ["22021", "22P05"];
/** Raised by sg_fence: the write is of an epoch that is over, and has done nothing. */
const FENCED = "SG001";
/** Raised by sg_in_time: the write came too late, and has done nothing. */
const LATE = "SG002";

/** The same client, whose failures are RuntimeErrors with the client's own as cause. */
export function guarded(db: Queryable): Queryable {
  return {
    ...guardedStatements(db),
    ...(db.rowsAtOnce !== undefined && { rowsAtOnce: db.rowsAtOnce }),
    transaction: (work, options) => guard(() => db.transaction((inner) => work(guardedStatements(inner)), options)),
    ...(db.listen && { listen: (channel, onNotify) => guard(async () => db.listen?.(channel, onNotify) ?? stop) }),
    close: () => guard(() => db.close()),
  };
}

/** Whether a write was refused because its epoch is over (R101). */
export function isFenced(error: unknown): boolean {
  return error instanceof RuntimeError && codeOf(error.cause) === FENCED;
}

/**
 * Whether nobody can say what became of a write: the server did not refuse the statement, so it may
 * have been carried out, or may yet be.
 */
export function isInDoubt(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === "unavailable" && !isRefusal(error.cause);
}

/** The server said no to one statement, and goes on with the connection. */
function isRefusal(cause: unknown): boolean {
  return typeof cause === "object" && cause !== null && "severity" in cause && cause.severity === "ERROR";
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

async function stop(): Promise<void> {}

function guardedStatements(inner: Statements): Statements {
  return { query: (text, params) => guard(() => inner.query(text, params)) };
}

async function guard<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw storeFault(error);
  }
}

/** What a failure of the database means to whoever uses a port. */
function storeFault(error: unknown): RuntimeError {
  if (error instanceof RuntimeError) {
    return error;
  }
  const code = codeOf(error);
  if (code === FENCED) {
    const text = `nothing was written, since this process does not hold the lease any more (${errorText(error)}); try again`;
    return new RuntimeError("unavailable", text, { cause: error });
  }
  if (code === LATE) {
    return new RuntimeError("deadline_exceeded", `nothing was written: ${errorText(error)}`, { cause: error });
  }
  if (code === UNIQUE_VIOLATION) {
    return new RuntimeError("aborted", `another writer was first: ${errorText(error)}`, { cause: error });
  }
  if (UNSTORABLE_TEXT.includes(code)) {
    const text = `text cannot be stored, leave out the character U+0000: ${errorText(error)}`;
    return new RuntimeError("invalid", text, { cause: error });
  }
  const text = `the database failed, try again later: ${reasonOf(error)}`;
  return new RuntimeError("unavailable", text, { cause: error });
}

/** A host with several addresses fails with one error for each, and no text of its own. */
function reasonOf(error: unknown): string {
  return error instanceof AggregateError && error.message === ""
    ? error.errors.map(errorText).join("; ")
    : errorText(error);
}
