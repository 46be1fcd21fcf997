import { invalid, RuntimeError } from "../../domain/errors.ts";

/** Which log a token is a place in; the two cannot be confused. */
export type Log = "decisions" | "positions";

const PREFIX: Readonly<Record<Log, string>> = { decisions: "d1.", positions: "p1." };

export function resumeToken(log: Log, sequence: number): string {
  return `${PREFIX[log]}${sequence}`;
}

/**
 * The sequence after which a stream goes on. Empty: from `last` on; "start": from the first one kept. A token ahead of the log is
 * from another log (other data, or data restored from a copy): going on from it would lose what comes until it is reached.
 */
export function readResumeToken(log: Log, token: string, last: number): number {
  if (token === "") {
    return last;
  }
  if (token === "start") {
    return 0;
  }
  const digits = token.startsWith(PREFIX[log]) ? token.slice(PREFIX[log].length) : "";
  if (!/^\d{1,15}$/.test(digits)) {
    const description = `${JSON.stringify(token.slice(0, 80))} is no token of this stream; give one that it sent, "start", or nothing`;
    throw invalid([{ field: "resume_token", description }]);
  }
  const sequence = Number(digits);
  if (sequence > last) {
    throw new RuntimeError(
      "failed_precondition",
      `resume_token ${token} is ahead of the last of the ${log} kept here (${resumeToken(log, last)}): it comes from other data; go on with "start"`,
    );
  }
  return sequence;
}
