import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composedSymbol, isSymbol } from "../../src/domain/symbol.ts";
import { symbolFault } from "../../src/engine/validation/texts.ts";

/** "É" in one character, and the same letter as an E with an accent to be put over it. */
const COMPOSED = "CAF\u00c9USDT";
const IN_PARTS = "CAFE\u0301USDT";

describe("R42: symbols", () => {
  it.each([
    "BTCUSDT",
    "btc-perp",
    "BTC/USD",
    "X:1.5_a",
    "币安人生USDT",
    "ÜBER",
    "ЙОД",
    "राम".normalize("NFC")[0] ?? "",
    "٣٤",
    COMPOSED,
  ])("may be %s", (symbol) => {
    expect(isSymbol(symbol)).toBe(true);
    expect(symbolFault(symbol)).toBeUndefined();
  });

  it.each([
    "",
    " ",
    "BTC USDT",
    "BTC\n",
    "BTC😀",
    "BTC€",
    "BTC\u200bUSDT",
    "BTC\ufe0f",
    "\u0301",
    "BTC,ETH",
    "\ud800",
    "½",
  ])("may not be %j", (symbol) => {
    expect(isSymbol(symbol)).toBe(false);
    expect(symbolFault(symbol)).toContain("must be 1 to 64 letters and digits of any script");
  });

  it("are counted in characters, 64 at most", () => {
    expect(isSymbol("𠮷".repeat(64))).toBe(true);
    expect(isSymbol("𠮷".repeat(65))).toBe(false);
  });

  it("have the composed form: another spelling is refused with it", () => {
    expect(isSymbol(IN_PARTS)).toBe(false);
    expect(composedSymbol(IN_PARTS)).toBe(COMPOSED);
    expect(symbolFault(IN_PARTS)).toContain(`composed form (NFC): ${JSON.stringify(COMPOSED)}`);
  });

  it("look equal only where they are equal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 8 }), (text) => {
        if (isSymbol(text)) {
          expect(text.normalize("NFC")).toBe(text);
          expect(symbolFault(text)).toBeUndefined();
        }
      }),
    );
  });
});
