import { errorText, type RuntimeError } from "../domain/errors.ts";
import { type After, FaultLog, kindOf, thrownLine } from "./fault-log.ts";
import type { Logger } from "./logger.ts";

/** Callers that have lines of their own in a minute; a flood from more addresses is counted. */
const MOST_CALLERS = 100;

/** Of a refusal, in UTF-16 units. */
const LONGEST_MESSAGE = 1_000;

interface CallFault {
  readonly method: string;
  /** Address and port. */
  readonly peer: string;
  readonly error: RuntimeError;
}

/** What the carriers say, as far as the log goes by it. */
export type CallEvent =
  | (CallFault & { readonly kind: "failed" })
  | (CallFault & { readonly kind: "refused" | "exhausted"; readonly principal?: { readonly name: string } })
  | { readonly kind: "thrown"; readonly where: string; readonly error: unknown }
  | { readonly kind: "evicted"; readonly method: string; readonly peer: string; readonly stalledMs: number };

export interface CallLogOptions {
  readonly after?: After;
  /** What of an address and port is one caller; the address by default. */
  readonly networkOf?: (peer: string) => string;
}

export interface CallLog {
  add(event: CallEvent): void;
  /** Tells what has no line yet. */
  flush(): void;
}

/**
 * Writes what the carriers say to the log. Refusals have one line a caller and minute, and failures
 * one a method and kind: a store that is away fails all reports, and they differ in nothing that
 * helps.
 */
export function callLog(logger: Logger, { after, networkOf = addressOf }: CallLogOptions = {}): CallLog {
  const options = { ...(after && { after }), mostKinds: MOST_CALLERS };
  const refusals = new FaultLog(logger, { ...options, others: "refusals of other callers" });
  const evictions = new FaultLog(logger, { ...options, others: "evictions of other callers" });
  const failures = new FaultLog(logger, { ...options, others: "failed calls of other kinds" });
  return {
    add(event) {
      const { kind } = event;
      switch (kind) {
        case "refused":
        case "exhausted": {
          const { method, peer } = event;
          const who = event.principal?.name ?? networkOf(peer);
          const fields = { method, peer, ...(event.principal && { principal: event.principal.name }) };
          refusals.add("info", who, fields, `${method}: refused ${who}: ${cut(event.error.message)}`);
          return;
        }
        case "evicted": {
          const { method, peer } = event;
          const text = `${method}: closed the connection of ${peer}, whose reader took nothing for ${event.stalledMs} ms`;
          evictions.add("warn", networkOf(peer), { method, peer }, text);
          return;
        }
        case "failed":
          writeFailure(failures, event);
          return;
        case "thrown": {
          const { where, error } = event;
          failures.add(
            "error",
            `thrown ${where} ${kindOf(errorText(error))}`,
            { where, err: error },
            thrownLine(event),
          );
          return;
        }
        default:
          kind satisfies never;
      }
    },
    flush() {
      for (const each of [refusals, evictions, failures]) {
        each.flush();
      }
    },
  };
}

/**
 * A fault of our own is told apart by what was thrown; of a store that is away, one line a method
 * says all.
 */
function writeFailure(failures: FaultLog, { method, peer, error }: CallFault): void {
  const cause = error.cause ?? error;
  const key = error.code === "internal" ? `${method} ${kindOf(errorText(cause))}` : `${method} ${error.code}`;
  failures.add("error", key, { method, peer, err: cause }, `${method} failed: ${error.message}`);
}

/** Messages may quote what callers sent. */
function cut(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…`.toWellFormed() : message;
}

/** Each connection has a port of its own. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, "");
}
