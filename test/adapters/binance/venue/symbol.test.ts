import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { isVenueSymbol, klineStream, noSymbol, symbolHint } from "../../../../src/adapters/binance/venue/symbol.ts";
import { Listener, MINUTE, Rig, series } from "../rig.ts";

const SYMBOL = "币安人生USDT";

describe("a symbol of the venue", () => {
  it.each(["BTCUSDT", "1000SATSUSDT", "1INCHUSDT", "BTCUSDT_240628", "A-B.C", SYMBOL, "龙虾USDT", "É1"])(
    "may be %s",
    (symbol) => {
      expect(isVenueSymbol(symbol)).toBe(true);
    },
  );

  it.each(["btcusdt", "BTCUSDt", "BTC/USDT", "BTC:USDT", "BTC USDT", "", "X".repeat(51), "E\u0301USDT", "BTC😀"])(
    "cannot be %j",
    (symbol) => {
      expect(isVenueSymbol(symbol)).toBe(false);
    },
  );

  it.each([
    ["btcusdt", "BTCUSDT"],
    ["BTC/USDT", "BTCUSDT"],
    ["btc-usdt", "BTCUSDT"],
    ["BTC_USDT", "BTCUSDT"],
    ["BTC USDT", "BTCUSDT"],
    ["BINANCE:BTCUSDT", "BTCUSDT"],
    ["BTC/USDT:USDT", "BTCUSDT"],
    ["币安人生usdt", SYMBOL],
    ["币安人生/USDT", SYMBOL],
    ["e\u0301usdt", "ÉUSDT"],
  ])("that is written as %j was meant as %s", (written, meant) => {
    expect(symbolHint(written)).toBe(`did you mean ${meant}?`);
    expect(noSymbol(written)).toBe(`Binance has no symbol ${JSON.stringify(written)}: did you mean ${meant}?`);
  });

  it("that has its right form, or none, is answered with an example", () => {
    expect(symbolHint("NOSUCHUSDT")).toBe("symbols are written as BTCUSDT");
    expect(symbolHint("😀")).toBe("symbols are written as BTCUSDT");
  });

  it("is never suggested unless the venue can have it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        const meant = /^did you mean (.*)\?$/s.exec(symbolHint(text))?.[1];
        expect(meant === undefined || (meant !== text && isVenueSymbol(meant))).toBe(true);
      }),
    );
  });

  it("is written in small letters in names of streams, where its script has them", () => {
    expect(klineStream("BTCUSDT", "1m")).toBe("btcusdt@kline_1m");
    expect(klineStream(SYMBOL, "1s")).toBe("币安人生usdt@kline_1s");
  });
});

describe("a symbol with letters of another script", () => {
  let rig: Rig | undefined;
  afterEach(() => rig?.close());

  it("has a history, a price and streams, those in the URL and those added later", async () => {
    rig = await Rig.open({ exchange: { symbols: ["BTCUSDT", SYMBOL] } });
    const { exchange, feed } = rig;
    expect((await feed.history(SYMBOL, "1m", 5)).length).toBe(5);
    expect((await feed.price(SYMBOL)).price).toBeGreaterThan(0);
    await rig.passToMinute();
    const first = new Listener(rig, series("1m", SYMBOL));
    await rig.pass(1_000);
    const later = new Listener(rig, series("5m", SYMBOL, "BTCUSDT"));
    await rig.pass(5 * MINUTE);
    expect(first.lines).toEqual([11, 12, 13, 14, 15].map((minute) => `${SYMBOL} 1m 15:${minute}:00`));
    expect(later.lines).toEqual([`${SYMBOL} 5m 15:15:00`, "BTCUSDT 5m 15:15:00"]);
    expect(rig.kinds()).toEqual(["connected"]);
    expect([...(exchange.open[0]?.streams.keys() ?? [])]).toContain("币安人生usdt@kline_1m");
    await Promise.all([first.end(), later.end()]);
  });
});
