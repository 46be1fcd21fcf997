import { status } from "@grpc/grpc-js";
import type { FuzzCall } from "./call.ts";

export interface Ending {
  /** A code such as "INVALID_ARGUMENT", or another word. */
  readonly code: string;
  /** What the service said of it. */
  readonly message?: string;
}

/** Sends calls of one carrier, many at once. */
export interface Sender {
  /** Resolves with how the call ended. Never rejects. */
  send(call: FuzzCall): Promise<Ending>;
  close(): void;
}

/** A stream without an end was read for a while, and then left. */
export const LEFT = "LEFT";
/** The connection of bytes that are no call was closed by the service, as it should be. */
export const CLOSED = "CLOSED";
export const NO_ANSWER = "NO ANSWER";

export const NO_ANSWER_MS = 60_000;
/** How long a stream is read behind its first message. */
export const LEFT_AFTER_MS = 20;

export function codeName(code: number): string {
  return status[code] ?? `STATUS ${code}`;
}
