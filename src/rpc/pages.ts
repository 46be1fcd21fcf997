import { createHash } from "node:crypto";
import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { Violation } from "../domain/errors.ts";

const DEFAULT_SIZE = 50;
const MOST = 500;

/** The size of a page: 50 where 0, at most 500. Negative is refused. */
export function pageSize(asked: number): { readonly size: number } | { readonly fault: Violation } {
  if (asked < 0) {
    const description = `is ${asked}, must be 0 (for ${DEFAULT_SIZE}) to ${MOST}; more is cut to ${MOST}`;
    return { fault: { field: "page_size", description } };
  }
  return { size: asked === 0 ? DEFAULT_SIZE : Math.min(asked, MOST) };
}

/** Most bytes of one page: clients refuse messages above 4 MiB unless told otherwise. */
const MOST_BYTES = 3.5 * 1024 * 1024;

/**
 * The first of the messages that fit one page, and at least one: a page may be shorter than was
 * asked for.
 */
export function fitting<S extends DescMessage>(
  schema: S,
  messages: readonly MessageShape<S>[],
  mostBytes = MOST_BYTES,
): readonly MessageShape<S>[] {
  let bytes = 0;
  const end = messages.findIndex((message, index) => {
    bytes += toBinary(schema, message).length;
    return bytes > mostBytes && index > 0;
  });
  return end === -1 ? messages : messages.slice(0, end);
}

/**
 * The place where a page ended, as text for the caller to hand back. It is bound to the list and
 * its filters: with others it is refused, for the place would mean something else there. The digest
 * keeps honest callers from mistakes; what a token says is no secret.
 */
export function encodePageToken(list: string, filters: unknown, place: unknown): string {
  const text = JSON.stringify([digest(list, filters, place), place]);
  return Buffer.from(text, "utf8").toString("base64url");
}

/**
 * The place that a token says, or undefined where it was not made for this list and these filters.
 */
export function decodePageToken(list: string, filters: unknown, token: string): unknown {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (!Array.isArray(parsed) || parsed.length !== 2) {
      return undefined;
    }
    const [sum, place] = parsed;
    // Comparing with the token made anew also refuses texts that merely decode to the same bytes.
    return sum === digest(list, filters, place) && encodePageToken(list, filters, place) === token ? place : undefined;
  } catch {
    return undefined;
  }
}

export const PAGE_TOKEN_FAULT: Violation = {
  field: "page_token",
  description:
    "does not belong to this request: send next_page_token unchanged, with the filters of the request it came from, or start again without",
};

function digest(list: string, filters: unknown, place: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([list, filters, place]))
    .digest("base64url")
    .slice(0, 16);
}
