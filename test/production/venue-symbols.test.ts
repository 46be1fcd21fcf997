import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/process/system-clock.ts";
import { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import { startServer } from "../running-server.ts";
import { eventually, isReady } from "./production.ts";
import { serviceApi } from "./service-api.ts";

const SYMBOL = "币安人生USDT";

const EVERY_BAR = {
  strategyId: "every-bar",
  name: "fires on every bar",
  status: "STRATEGY_STATUS_LIVE",
  timeframe: "1s",
  side: "SIDE_LONG",
  entryIndicators: [{ name: "CLOSE", operator: ">", value: 0 }],
  symbols: [SYMBOL],
  baseSizeUsd: 1_000,
  stopLossPct: 0.02,
  takeProfitPct: 0.05,
  cooldown: "0s",
  maxPositions: 100,
};

let exchange: FakeExchange;

beforeAll(async () => {
  exchange = new FakeExchange({ clock: systemClock, symbols: ["BTCUSDT", SYMBOL] });
  await exchange.start();
  exchange.run();
});

afterAll(() => exchange?.close());

function env(symbols: string): Record<string, string> {
  return {
    MARKET_DATA: "binance",
    BINANCE_REST_URL: exchange.restUrl,
    BINANCE_WS_URL: exchange.wsUrl,
    WEB_ADDRESS: "127.0.0.1:0",
    DATA_DIR: "memory",
    SYMBOLS: symbols,
  };
}

describe("symbols of Binance", () => {
  it.each(["btcusdt", "BTC/USDT"])("that it cannot have end the start, with the right one: %s", async (wrong) => {
    await expect(startServer(env(`ETHUSDT,${wrong}`))).rejects.toThrow(
      `cannot start: SYMBOLS: has "${wrong}", which Binance cannot have: did you mean BTCUSDT?`,
    );
  });

  it("with letters of another script are decided on", { timeout: 60_000 }, async () => {
    const api = serviceApi(await startServer(env(`BTCUSDT,${SYMBOL}`)));
    const saved = await api.call("SaveStrategy", { strategy: EVERY_BAR });
    expect(saved).toMatchObject({ status: 200 });
    await isReady(api);
    const decided = await eventually(
      () => api.decisions(),
      (decisions) => decisions.length > 2,
      20_000,
    );
    expect(new Set(decided.map(({ symbol }) => symbol))).toEqual(new Set([SYMBOL]));
    expect(await api.outcome("every-bar", SYMBOL)).toMatch(/DECIDED/);
  });
});
