import { crc32, deflateRawSync } from "node:zlib";

/**
 * A zip archive of these files, as other programs pack them. `sum` stands in for the right
 * checksum.
 */
export function zipped(files: Readonly<Record<string, string>>, sum?: number): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    const sizes = [sum ?? crc32(content), packed.length, content.length];
    const local = Buffer.concat([
      header(0x04034b50, 30, sizes, 14, [
        [8, 8],
        [26, name.length],
      ]),
      Buffer.from(name),
      packed,
    ]);
    const central = header(0x02014b50, 46, sizes, 16, [
      [10, 8],
      [28, name.length],
    ]);
    central.writeUInt32LE(offset, 42);
    directory.push(central, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const size = directory.reduce((length, part) => length + part.length, 0);
  const end = header(0x06054b50, 22, [size, offset], 12, [
    [8, locals.length],
    [10, locals.length],
  ]);
  return Buffer.concat([...locals, ...directory, end]);
}

function header(
  signature: number,
  length: number,
  longs: readonly number[],
  longsAt: number,
  shorts: readonly (readonly [number, number])[],
): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(signature, 0);
  for (const [i, value] of longs.entries()) {
    bytes.writeUInt32LE(value, longsAt + 4 * i);
  }
  for (const [at, value] of shorts) {
    bytes.writeUInt16LE(value, at);
  }
  return bytes;
}
