import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { RuntimeError } from "../../domain/errors.ts";
import { toRuntimeError } from "../errors.ts";
import type { RequestBytes } from "../intake/bytes-in-flight.ts";
import { tooLarge } from "../intake/request-size.ts";
import { unpack } from "../intake/unpack.ts";
import { LimitRefusal } from "../limit-refusal.ts";
import { toConnectError } from "./connect-error.ts";

/** How the protocols of the web port carry the one message of a request. */
interface Form {
  /** The header that says how it is packed. */
  readonly packing: string;
  /** Whether the message stands in an envelope: a flag, its length, and itself. */
  readonly isEnveloped: boolean;
  readonly isJson: boolean;
}

const HEAD_BYTES = 5;
const PACKED = 1;
const IN_PIECES = "the request comes in chunks of a few bytes: send it in larger ones";

export interface WebBodyOptions {
  readonly method: string;
  /** Most bytes, packed and unpacked. */
  readonly most: number;
  readonly bytes: RequestBytes;
  /** Whether what has come so far came in pieces that are too small. */
  readonly isInPieces: () => boolean;
  /** Hears of what the request is refused with while its body is read. */
  readonly onRefused: (thrown: unknown) => void;
}

/** A request for Connect with nothing in it, and the message that its caller sent. */
export interface WebBody {
  readonly request: UniversalServerRequest;
  /** Once Connect has read the request. */
  readonly message: () => { readonly bytes: Buffer; readonly isJson: boolean };
}

/**
 * Reads the message of a request in place of Connect, which has one limit for all methods and makes
 * objects of all that comes. Connect is given an empty message where it asks for the body, which is
 * after the call was let in; what is thrown meanwhile, Connect answers with.
 */
export function webBody(request: UniversalServerRequest, options: WebBodyOptions): WebBody {
  const form = formOf(request.header.get("content-type") ?? "");
  let message: Buffer | undefined;
  async function* empty() {
    try {
      message = await readMessage(request, form, options);
    } catch (thrown) {
      options.onRefused(thrown);
      throw toConnectError(toRuntimeError(thrown));
    }
    const nothing = Buffer.from(form.isJson ? "{}" : "");
    yield form.isEnveloped ? Buffer.concat([headOf(nothing.length), nothing]) : nothing;
  }
  const header = new Headers(request.header);
  header.delete("content-length");
  if (isGzip(header, form)) {
    header.delete(form.packing);
  }
  return {
    request: { ...request, header, body: empty() },
    message() {
      if (message === undefined) {
        throw new Error("a call was handled before its request was read");
      }
      return { bytes: message, isJson: form.isJson };
    },
  };
}

function formOf(contentType: string): Form {
  const isJson = /json/i.test(contentType);
  if (/^application\/grpc-web/i.test(contentType)) {
    return { packing: "grpc-encoding", isEnveloped: true, isJson };
  }
  return /^application\/connect\+/i.test(contentType)
    ? { packing: "connect-content-encoding", isEnveloped: true, isJson }
    : { packing: "content-encoding", isEnveloped: false, isJson };
}

function isGzip(header: Headers, { packing }: Form): boolean {
  return header.get(packing) === "gzip";
}

async function readMessage(
  { body, header }: UniversalServerRequest,
  form: Form,
  options: WebBodyOptions,
): Promise<Buffer> {
  const { method, most, bytes } = options;
  const came = await readAll(body as AsyncIterable<Uint8Array>, Number(header.get("content-length") ?? 0), {
    ...options,
    most: form.isEnveloped ? most + HEAD_BYTES : most,
  });
  const { message, isPacked } = form.isEnveloped ? opened(came) : { message: came, isPacked: true };
  if (!isPacked || !isGzip(header, form)) {
    return message;
  }
  const plain = await unpack(message, { packing: "gzip", method, most, bytes });
  bytes.give(came.length);
  return plain;
}

async function readAll(
  body: AsyncIterable<Uint8Array>,
  claimed: number,
  { method, most, bytes, isInPieces }: WebBodyOptions,
): Promise<Buffer> {
  if (claimed > most) {
    throw tooLarge(method, claimed, most);
  }
  bytes.expect(claimed || 0);
  const parts: Uint8Array[] = [];
  let count = 0;
  for await (const part of body) {
    count += part.length;
    if (isInPieces()) {
      throw new LimitRefusal("pieces", "resource_exhausted", IN_PIECES);
    }
    if (count > most) {
      throw tooLarge(method, undefined, most);
    }
    bytes.take(part.length);
    parts.push(part);
  }
  return Buffer.concat(parts, count);
}

/** The message out of its envelope. */
function opened(came: Buffer): { readonly message: Buffer; readonly isPacked: boolean } {
  const length = came.length < HEAD_BYTES ? undefined : came.readUInt32BE(1);
  const flags = came[0] ?? 0;
  if (length !== came.length - HEAD_BYTES || flags > PACKED) {
    const text = "the request must be one message in one envelope: a flag of one byte, its length in four, and itself";
    throw new RuntimeError("invalid", text);
  }
  return { message: came.subarray(HEAD_BYTES), isPacked: flags === PACKED };
}

function headOf(length: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(length, 1);
  return head;
}
