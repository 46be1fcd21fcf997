import { expect, it } from "vitest";
import { binance } from "../../../src/adapters/binance/binance.ts";
import { closeTime } from "../../../src/domain/bar.ts";
import { systemClock } from "../../../src/process/system-clock.ts";
import { FakeExchange } from "../../fake-exchange/fake-exchange.ts";

it("follows one-second bars in real time, without a gap to the history", async () => {
  const exchange = new FakeExchange({ clock: systemClock, symbols: ["BTCUSDT"] });
  await exchange.start();
  const { restUrl, wsUrl } = exchange;
  const feed = binance({ restUrl, wsUrl, clock: systemClock });
  await feed.ready();
  exchange.run();
  const seen: number[] = [];
  const controller = new AbortController();
  for await (const event of feed.subscribe([{ symbol: "BTCUSDT", timeframe: "1s" }], controller.signal)) {
    if (event.kind === "bar") {
      expect(closeTime(event.bar, "1s")).toBeLessThanOrEqual(feed.now());
      seen.push(event.bar.openTime);
    }
    if (seen.length === 3) {
      break;
    }
  }
  expect(seen).toEqual([0, 1, 2].map((second) => (seen[0] ?? 0) + second * 1_000));
  const bars = await feed.history("BTCUSDT", "1s", 10);
  expect(bars.map(({ openTime }) => openTime)).toEqual(expect.arrayContaining(seen));
  expect((await feed.price("BTCUSDT")).time).toBeLessThanOrEqual(feed.now());
  await feed.close();
  await exchange.close();
});
