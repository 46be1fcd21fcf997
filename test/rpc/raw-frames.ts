/** HTTP/2 as bytes, for callers that no library would be. Texts have at most 126 bytes. */
const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);

export function http2Frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PING = 6;
export const GOAWAY = 7;
export const END_STREAM = 1;
const END_HEADERS = 4;

/** The preface and the first settings of a client. */
export const PREFACE = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), http2Frame(SETTINGS, 0, 0)]);

/** The headers of a gRPC call, as HPACK's literals. */
export function callHeaders(stream: number, path: string, more: Readonly<Record<string, string>> = {}): Buffer {
  const literal = (name: string, value: string) => Buffer.concat([Buffer.from([0]), text(name), text(value)]);
  const fields = { "content-type": "application/grpc", te: "trailers", ...more };
  const block = Buffer.concat([
    Buffer.from([0x83, 0x86, 0x04]),
    text(path),
    Buffer.from([0x01]),
    text("localhost"),
    ...Object.entries(fields).map(([name, value]) => literal(name, value)),
  ]);
  return http2Frame(HEADERS, END_HEADERS, stream, block);
}

/** A whole gRPC call with one message. */
export function wholeCall(
  stream: number,
  path: string,
  message: Uint8Array = Buffer.alloc(0),
  more: Readonly<Record<string, string>> = {},
): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([
    callHeaders(stream, path, more),
    http2Frame(DATA, END_STREAM, stream, Buffer.concat([head, message])),
  ]);
}
