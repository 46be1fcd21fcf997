import { afterEach } from "vitest";
import { marketDataContract } from "../../contracts/market-data.ts";
import { Rig } from "./rig.ts";

let rig: Rig | undefined;
afterEach(() => rig?.close());

marketDataContract("binance", async () => {
  const opened = await Rig.open({ isReady: false });
  rig = opened;
  return {
    feed: opened.feed,
    symbols: ["BTCUSDT", "ETHUSDT"],
    unknownSymbol: "NOSUCHCOIN",
    timeframes: ["1m", "5m", "15m", "30m", "1h"],
    completes: false,
    pass: (ms) => opened.pass(ms),
    pending: () => opened.clock.pending,
  };
});
