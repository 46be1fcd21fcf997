import { MainClient, WebsocketClient, type WsMessageKlineFormatted } from "binance";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/process/system-clock.ts";
import { FakeExchange } from "./fake-exchange.ts";

/**
 * The venue as an unmodified client of others sees it, so that the fake does not merely confirm how
 * the adapter reads the documentation.
 */
describe("a third-party Binance client", () => {
  let exchange: FakeExchange;
  let rest: MainClient;
  beforeEach(async () => {
    exchange = new FakeExchange({ clock: systemClock, symbols: ["BTCUSDT", "ETHUSDT"] });
    await exchange.start();
    rest = new MainClient({ baseUrl: exchange.restUrl });
  });
  afterEach(() => exchange.close());

  it("reads server time, prices and symbols", async () => {
    // Its own getServerTime goes to the real venue whatever the URL given.
    const { serverTime } = (await rest.get("api/v3/time")) as { serverTime: number };
    expect(Math.abs(serverTime - exchange.market.now())).toBeLessThan(5_000);
    const price = await rest.getSymbolPriceTicker({ symbol: "BTCUSDT" });
    expect(price).toMatchObject({ symbol: "BTCUSDT" });
    expect(await rest.getSymbolPriceTicker()).toHaveLength(2);
    const info = await rest.getExchangeInfo();
    expect(info.symbols.map(({ symbol }) => symbol)).toEqual(["BTCUSDT", "ETHUSDT"]);
    const [trade] = await rest.getAggregateTrades({ symbol: "ETHUSDT", limit: 1 });
    expect(Number(trade?.p)).toBeGreaterThan(0);
    expect(trade?.T).toBeLessThanOrEqual(exchange.market.now());
  });

  it("reads klines, by default the newest 500 with the one that is forming, and windows of them", async () => {
    const newest = await rest.getKlines({ symbol: "BTCUSDT", interval: "1m" });
    expect(newest).toHaveLength(500);
    expect(newest.at(-1)?.[6]).toBeGreaterThan(exchange.market.now());
    const from = newest[10]?.[0] as number;
    const window = { symbol: "BTCUSDT", interval: "1m", startTime: from, limit: 3 } as const;
    expect(await rest.getKlines(window)).toEqual(newest.slice(10, 13));
    const ended = { symbol: "BTCUSDT", interval: "1m", endTime: from - 1, limit: 2 } as const;
    expect(await rest.getKlines(ended)).toEqual(newest.slice(8, 10));
    const both = { ...window, endTime: from + 60_000 } as const;
    expect(await rest.getKlines(both)).toEqual(newest.slice(10, 12));
  });

  it("reads refusals with their codes", async () => {
    await expect(rest.getKlines({ symbol: "NOSUCH", interval: "1m" })).rejects.toMatchObject({ code: -1121 });
    await expect(rest.getKlines({ symbol: "BTCUSDT", interval: "7m" as "1m" })).rejects.toMatchObject({ code: -1120 });
  });

  it("follows klines over combined streams: forming ones, and each closed one once", async () => {
    const client = new WebsocketClient({ wsUrl: exchange.wsUrl, beautify: true }, quiet);
    const seen: WsMessageKlineFormatted[] = [];
    const enough = new Promise<void>((resolve) => {
      client.on("formattedMessage", (message) => {
        if (!Array.isArray(message) && message.eventType === "kline" && "kline" in message) {
          seen.push(message as WsMessageKlineFormatted);
          if (seen.filter(({ kline }) => kline.final).length >= 3) {
            resolve();
          }
        }
      });
    });
    exchange.run();
    await client.subscribe(["btcusdt@kline_1s"], "main");
    await enough;
    client.closeAll(true);
    const closed = seen.filter(({ kline }) => kline.final).slice(0, 3);
    expect(seen.some(({ kline }) => !kline.final)).toBe(true);
    for (const [i, { symbol, kline }] of closed.entries()) {
      expect(symbol).toBe("BTCUSDT");
      expect(kline.startTime).toBe((closed[0]?.kline.startTime ?? 0) + i * 1_000);
      const bar = await exchange.market.closedBar("BTCUSDT", "1s", kline.startTime);
      expect({ open: kline.open, close: kline.close, volume: kline.volume }).toEqual({
        open: bar?.open,
        close: bar?.close,
        volume: bar?.volume,
      });
    }
  });
});

const quiet = { trace: () => {}, info: () => {}, error: () => {} };
