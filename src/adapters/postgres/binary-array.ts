/** Object ids of types, which are the same on every server. */
const TEXT = 25;
const FLOAT8 = 701;
/** Number of dimensions, whether there are NULLs, type of the elements, and of the one dimension its length and first index. */
const HEAD_BYTES = 20;
/** Before each element. */
const LENGTH_BYTES = 4;
const FLOAT8_BYTES = 8;

/**
 * A list as PostgreSQL's binary format has it: texts as text[], numbers as double precision[]. As text, where every quote and backslash has another
 * one before it, decisions take several times as long on both sides. Whatever else is given is answered as it is.
 *
 * Source: array_recv in PostgreSQL's src/backend/utils/adt/arrayfuncs.c.
 */
export function binaryArray(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0) {
    return value;
  }
  if (value.every((item) => typeof item === "string")) {
    return textArray(value);
  }
  return value.every((item) => typeof item === "number") ? float8Array(value) : value;
}

function textArray(texts: readonly string[]): Buffer {
  // To the byte: what lies outside of the heap has the collector come, and for a whole close it is much.
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + texts.length * LENGTH_BYTES + textBytes);
  let at = writeHead(bytes, TEXT, texts.length);
  for (const text of texts) {
    const length = bytes.write(text, at + LENGTH_BYTES);
    bytes.writeInt32BE(length, at);
    at += LENGTH_BYTES + length;
  }
  return bytes;
}

function float8Array(numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + numbers.length * (LENGTH_BYTES + FLOAT8_BYTES));
  let at = writeHead(bytes, FLOAT8, numbers.length);
  for (const number of numbers) {
    at = bytes.writeInt32BE(FLOAT8_BYTES, at);
    at = bytes.writeDoubleBE(number, at);
  }
  return bytes;
}

/** Where the elements begin. */
function writeHead(bytes: Buffer, type: number, length: number): number {
  const hasNulls = 0;
  let at = 0;
  for (const number of [1, hasNulls, type, length, 1]) {
    at = bytes.writeInt32BE(number, at);
  }
  return at;
}
