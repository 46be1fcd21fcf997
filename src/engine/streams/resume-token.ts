import { invalid, RuntimeError } from "../../domain/errors.ts";
import { BEFORE_ALL, type Place, placeOfClosing, placeOfDecision } from "../../domain/place.ts";
import type { DecisionJournal } from "../../ports/decision-journal.ts";
import type { PositionBook } from "../../ports/position-book.ts";

/** Which log a token is a place in; the two cannot be confused. */
export type Log = "decisions" | "positions";

const PREFIX: Readonly<Record<Log, string>> = { decisions: "d2", positions: "p2" };
/** Prefixes of the tokens that said no more than a sequence. */
const OLD_PREFIX: Readonly<Record<Log, string>> = { decisions: "d1", positions: "p1" };
/** In the place of a mark that is not known. */
const NO_MARK = "-";
const WHAT_TO_DO = 'go on with "start" and act on each id once, or with no token to begin with what comes';

export interface TokenLog {
  readonly log: Log;
  /** The journal's identity: random, given when the journal was made. */
  readonly identity: string;
  /** The end of the log. */
  last(): Place;
  /** The place of this sequence; undefined where its entry is not kept any more. */
  placeAt(sequence: number): Promise<Place | undefined>;
}

/** `d2.<journal>.<sequence>.<mark>`. Callers hand it back as it is. */
export function resumeToken({ log, identity }: Pick<TokenLog, "log" | "identity">, { sequence, mark }: Place): string {
  return [PREFIX[log], identity, sequence, mark || NO_MARK].join(".");
}

/**
 * The place behind which a stream goes on. Empty: from the end on; "start": from the first one
 * kept.
 *
 * A token is refused where it is from another journal, or from this one before it was restored from
 * a copy: the entries that it has seen are not those that are kept here, and to go on from it would
 * lose others in silence. That shows by the journal's identity, by a sequence ahead of the last,
 * and by another mark. An entry that retention has dropped cannot be compared; the others hold for
 * it.
 */
export async function readResumeToken(source: TokenLog, token: string): Promise<Place> {
  const { log, identity } = source;
  if (token === "") {
    return source.last();
  }
  if (token === "start") {
    return BEFORE_ALL;
  }
  const [prefix, journal, digits = "", mark = "", ...rest] = token.split(".");
  if (prefix === OLD_PREFIX[log] && /^\d{1,15}$/.test(journal ?? "") && digits === "") {
    throw refused(token, "is of an earlier version, whose tokens do not say which journal they are from");
  }
  if (prefix !== PREFIX[log] || !/^\d{1,15}$/.test(digits) || !/^(-|\w{1,8})$/.test(mark) || rest.length > 0) {
    const description = `${JSON.stringify(token.slice(0, 80))} is no token of this stream; give one that it sent, "start", or nothing`;
    throw invalid([{ field: "resume_token", description }]);
  }
  if (journal !== identity) {
    throw refused(token, `is from another journal than the one here (${identity})`);
  }
  const last = source.last();
  const sequence = Number(digits);
  if (sequence > last.sequence) {
    throw refused(token, `is ahead of the last of the ${log} kept here (${resumeToken(source, last)})`);
  }
  const here = sequence === last.sequence ? last : await source.placeAt(sequence);
  if (mark !== NO_MARK && here !== undefined && here.mark !== "" && here.mark !== mark) {
    const text = `does not fit: number ${sequence} of the ${log} is another one here (${resumeToken(source, here)})`;
    throw refused(token, `${text}, as after a restore from a copy`);
  }
  return { sequence, mark: mark === NO_MARK ? "" : mark };
}

function refused(token: string, why: string): RuntimeError {
  return new RuntimeError("failed_precondition", `resume_token ${token} ${why}; ${WHAT_TO_DO}`);
}

/** The place in the journal of the decision with this sequence; undefined where it is not kept. */
export async function decisionAt(journal: Pick<DecisionJournal, "read">, sequence: number): Promise<Place | undefined> {
  const query = { after: sequence - 1, upTo: sequence, includeShadow: true, limit: 1 };
  const [found] = sequence === 0 ? [] : await journal.read(query);
  return found && placeOfDecision(found);
}

/**
 * The place in the position book of the closing with this sequence; undefined where it is not kept.
 */
export async function closingAt(
  positions: Pick<PositionBook, "closedAfter">,
  sequence: number,
): Promise<Place | undefined> {
  const [found] = sequence === 0 ? [] : await positions.closedAfter(sequence - 1, 1);
  return found?.closeSequence === sequence ? placeOfClosing(found) : undefined;
}
