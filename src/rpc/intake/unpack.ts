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

export interface UnpackOptions {
  readonly packing: Packing;
  readonly method: string;
  /** Most bytes that it may become. */
  readonly most: number;
  readonly bytes: RequestBytes;
}

/**
 * Unpacks a message. Its bytes are taken as they come, and no more is unpacked once they are too
 * many: 16 KB of gzip can be 16 MB of nothing.
 */
export async function unpack(packed: Uint8Array, options: UnpackOptions): Promise<Buffer> {
  const { packing, method, most, bytes } = options;
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
