import { createGunzip, createInflate } from "node:zlib";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { RequestBytes } from "./bytes-in-flight.ts";
import { tooLarge } from "./request-size.ts";

/** What a request may be packed by, as gRPC and HTTP name it. */
export type Packing = "gzip" | "deflate";

export function isPacking(name: string): name is Packing {
  return name === "gzip" || name === "deflate";
}

const CHUNK_BYTES = 64 * 1024;
/** A gzip's head and its end at least; its last four bytes say what it unpacks to. */
const LEAST_GZIP_BYTES = 18;

export interface UnpackOptions {
  readonly packing: Packing;
  readonly method: string;
  /** Most bytes that it may become. */
  readonly most: number;
  readonly bytes: RequestBytes;
}

/**
 * Unpacks a message. 16 KB of gzip can be 16 MB of nothing: what says that it becomes too much is
 * not unpacked at all, what becomes more than it says, no further. Its bytes are taken as they
 * come.
 */
export async function unpack(packed: Buffer, options: UnpackOptions): Promise<Buffer> {
  const { packing, method, most, bytes } = options;
  const claimed = packing === "gzip" && packed.length >= LEAST_GZIP_BYTES ? packed.readUInt32LE(packed.length - 4) : 0;
  if (claimed > most) {
    throw tooLarge(method, claimed, most);
  }
  bytes.expect(claimed);
  const stream =
    packing === "gzip" ? createGunzip({ chunkSize: CHUNK_BYTES }) : createInflate({ chunkSize: CHUNK_BYTES });
  stream.end(packed);
  const parts: Buffer[] = [];
  let count = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      count += part.length;
      if (count > most) {
        throw tooLarge(method, undefined, most);
      }
      if (packing === "gzip" && count > claimed) {
        throw new RuntimeError(
          "invalid",
          `the request unpacks to more than the ${claimed} bytes that it says: pack it anew, as one gzip`,
        );
      }
      bytes.take(part.length);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof RuntimeError) {
      throw error;
    }
    throw new RuntimeError("invalid", `the request is no valid ${packing} (${errorText(error)}): pack it anew`);
  } finally {
    stream.destroy();
  }
  return Buffer.concat(parts, count);
}
