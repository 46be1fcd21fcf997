import { describe, expect, it } from "vitest";
import { universeOf } from "../../src/assembly/market.ts";
import { readConfig } from "../../src/config.ts";

function universe(env: Readonly<Record<string, string>>): readonly string[] | undefined {
  return universeOf(readConfig(env));
}

describe("the universe", () => {
  it("of Binance is refused where it has symbols that Binance cannot have, with the right ones", () => {
    const wrong = { MARKET_DATA: "binance", SYMBOLS: "ETHUSDT,btcusdt,BTC/USDT" };
    expect(() => universe(wrong)).toThrow(
      'SYMBOLS: has "btcusdt", which Binance cannot have: did you mean BTCUSDT?; ' +
        'SYMBOLS: has "BTC/USDT", which Binance cannot have: did you mean BTCUSDT?',
    );
  });

  it("of Binance may have letters of any script", () => {
    const env = { MARKET_DATA: "binance", SYMBOLS: "BTCUSDT,币安人生USDT" };
    expect(universe(env)).toEqual(["BTCUSDT", "币安人生USDT"]);
  });

  it("of Binance is the default one where none is named", () => {
    expect(universe({ MARKET_DATA: "binance" })).toHaveLength(3);
  });

  it("of another market is as configured: other venues write symbols in other ways", () => {
    expect(universe({ MARKET_DATA: "simulated", SYMBOLS: "btcusdt,BTC/USDT" })).toEqual(["btcusdt", "BTC/USDT"]);
  });
});
