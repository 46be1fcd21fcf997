import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlainRow } from "../../../src/adapters/replay/plain-row.ts";

const TIME = "2020-02-29T23:59:58Z";

function read(text: string) {
  // What stands around a row must not matter.
  const bytes = Buffer.from(`9,${text}\n8,7`);
  const row = new PlainRow(bytes);
  return row.read(2, bytes.length - 4) ? row : undefined;
}

/** Up to 15 digits, with a point somewhere among them or without. */
const decimal = fc.tuple(fc.array(fc.nat(9), { minLength: 1, maxLength: 15 }), fc.nat(15)).map(([digits, place]) => {
  const text = digits.join("");
  return place > 0 && place < text.length ? `${text.slice(0, place)}.${text.slice(place)}` : text;
});

describe("a plain row", () => {
  it("has the numbers that its text has, to the last bit", () => {
    fc.assert(
      fc.property(decimal, decimal, (price, volume) => {
        fc.pre(Number(price) > 0);
        const row = read(`${TIME},${price},${price},${price},${price},${volume}`);
        expect(row).toMatchObject({ low: Number(price), close: Number(price), volume: Number(volume) });
      }),
    );
  });

  it("has the time that its text has, in ISO format or in ms", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2199, 0) / 1_000 }), (seconds) => {
        const iso = `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`;
        expect(read(`${iso},1,1,1,1,0`)?.openTime).toBe(seconds * 1_000);
        expect(read(`${seconds},1,1,1,1,0`)?.openTime).toBe(seconds);
      }),
    );
  });

  it.each([
    ["a date that does not exist", "2021-02-29T00:00:00Z,1,1,1,1,0"],
    ["an hour that does not exist", "2021-02-20T24:00:00Z,1,1,1,1,0"],
    ["a time that is no whole number", "1500.5,1,1,1,1,0"],
    ["a time with a point behind it", "1500.,1,1,1,1,0"],
    ["a time of 15 digits", "123456789012345,1,1,1,1,0"],
    ["a time with an offset", "2021-02-20T00:00:00+00:00,1,1,1,1,0"],
    ["no time", ",1,1,1,1,0"],
    ["an exponent", `${TIME},1e2,1e2,1,1,0`],
    ["a sign", `${TIME},1,1,1,1,-0`],
    ["a number of 16 digits", `${TIME},1,1,1,1,1234567890123456`],
    ["two points", `${TIME},1.2.3,2,1,1,0`],
    ["a blank", `${TIME},1, 1,1,1,0`],
    ["an empty cell", `${TIME},1,,1,1,0`],
    ["five cells", `${TIME},1,1,1,1`],
    ["seven cells", `${TIME},1,1,1,1,0,5`],
    ["a comma at the end", `${TIME},1,1,1,1,0,`],
    ["a price of 0", `${TIME},1,1,0,1,0`],
    ["a high below the close", `${TIME},1,1,1,1.5,0`],
    ["a low above the open", `${TIME},1,3,2,2,0`],
  ])("is none with %s", (_, text) => {
    expect(read(text)).toBeUndefined();
  });
});
