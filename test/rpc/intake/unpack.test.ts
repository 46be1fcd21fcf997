import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { BytesInFlight } from "../../../src/rpc/intake/bytes-in-flight.ts";
import { type Packing, unpack } from "../../../src/rpc/intake/unpack.ts";

const MIB = 1024 * 1024;

/** The bytes that unpacking took, and what came of it. */
async function tried(packed: Buffer, packing: Packing = "gzip") {
  const inFlight = new BytesInFlight(64 * MIB);
  const bytes = inFlight.request();
  const found = await unpack(packed, { packing, method: "a.B/C", most: MIB, bytes }).then(
    (plain) => plain.length,
    (error: Error) => error.message,
  );
  return { found, taken: inFlight.taken };
}

/** A gzip that says that it unpacks to so many bytes. */
function claiming(plain: Buffer, bytes: number): Buffer {
  const packed = gzipSync(plain);
  packed.writeUInt32LE(bytes, packed.length - 4);
  return packed;
}

describe("what is packed", () => {
  it.each(["gzip", "deflate"] as const)("may become as large as its method takes, by %s", async (packing) => {
    const pack = packing === "gzip" ? gzipSync : deflateSync;
    expect(await tried(pack(Buffer.alloc(MIB)), packing)).toEqual({ found: MIB, taken: MIB });
    expect(await tried(pack(Buffer.alloc(0)), packing)).toEqual({ found: 0, taken: 0 });
  });

  it("is not unpacked where it says itself that it becomes too much", async () => {
    expect(await tried(gzipSync(Buffer.alloc(16 * MIB)))).toEqual({
      found: "a.B/C takes at most 1048576 bytes a request, and this one has 16777216 bytes: send less at a time",
      taken: 0,
    });
  });

  it("is unpacked no further than it says", async () => {
    const found = "the request unpacks to more than the 10 bytes that it says: pack it anew, as one gzip";
    expect(await tried(claiming(Buffer.alloc(16 * MIB), 10))).toEqual({ found, taken: 0 });
    const two = Buffer.concat([gzipSync(Buffer.alloc(20)), gzipSync(Buffer.alloc(10))]);
    expect((await tried(two)).found).toBe(found);
  });

  it("is refused where it becomes less than it says, or is no gzip", async () => {
    expect((await tried(claiming(Buffer.alloc(10), 11))).found).toMatch(/^the request is no valid gzip \(/);
    expect((await tried(Buffer.from("abc"))).found).toMatch(/^the request is no valid gzip \(/);
  });
});
