import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddedDatabase } from "./embedded.ts";
import { servedDatabase } from "./served.ts";

/** What a text of PostgreSQL can hold: no half of a surrogate pair, and no U+0000. */
const text = fc.string({ unit: "binary" }).map((drawn) => drawn.toWellFormed().replaceAll("\0", ""));
/** Times, for the most part; minus zero is none, and is zero as text. */
const number = fc.double({ noNaN: true }).map((drawn) => drawn + 0);

describe.each([
  ["PGlite", embeddedDatabase],
  ["PostgreSQL", servedDatabase],
])("lists as parameters on %s", (_, open) => {
  const database = open();

  it("arrive as they are, however many, long and odd the items", async () => {
    const db = await database();
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.array(number), async (texts, numbers) => {
        const { rows } = await db.query("SELECT $1::text[] AS texts, $2::double precision[] AS numbers", [
          texts,
          numbers,
        ]);
        expect(rows).toEqual([{ texts, numbers }]);
      }),
      {
        examples: [
          [
            ["", '"', "\\", "{a,b}", "NULL", "é😀"],
            [0, 1e-320, Number.MAX_VALUE],
          ],
        ],
      },
    );
  });
});
