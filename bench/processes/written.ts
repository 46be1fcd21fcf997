import { subscribe } from "node:diagnostics_channel";
import type { ServerHttp2Stream } from "node:http2";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { GenerateSignalsResponseSchema } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";

/** A flag and the length stand before each message of gRPC. */
const FRAME_BYTES = 5;
/** Number of the field that holds them. */
const DECISIONS = GenerateSignalsResponseSchema.field.decisions.number;

/** Decisions that were handed to a connection. */
export interface WrittenDecisions {
  /** When, by `performance.now()`. */
  readonly at: number;
  readonly count: number;
  readonly bytes: number;
}

interface Written {
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * Notes what this process's server writes to its HTTP/2 streams, and when; it is read later, so
 * that reading it does not delay what it measures.
 */
export class WriteWatch {
  #written: Written[] = [];

  constructor() {
    subscribe("http2.server.stream.created", (message) =>
      this.#watch((message as { stream: ServerHttp2Stream }).stream),
    );
  }

  /** What was written since it was asked before; messages without decisions are left out. */
  take(): readonly WrittenDecisions[] {
    const written = this.#written;
    this.#written = [];
    return written
      .map(({ at, bytes }) => ({ at, count: decisionsIn(bytes), bytes: bytes.length }))
      .filter(({ count }) => count > 0);
  }

  #watch(stream: ServerHttp2Stream): void {
    const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean;
    const watched = (...args: readonly unknown[]): boolean => {
      const room = write(...args);
      this.#written.push({ at: performance.now(), bytes: args[0] as Buffer });
      return room;
    };
    stream.write = watched as typeof stream.write;
  }
}

/**
 * Counted without a look into them: to decode what is measured would take as long as to make it,
 * while more of it is on its way.
 */
function decisionsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + FRAME_BYTES <= bytes.length; ) {
    const end = at + FRAME_BYTES + bytes.readUInt32BE(at + 1);
    const reader = new BinaryReader(bytes.subarray(at + FRAME_BYTES, end));
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      reader.skip(wireType, field);
      count += field === DECISIONS ? 1 : 0;
    }
    at = end;
  }
  return count;
}
