import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect, it, onTestFinished } from "vitest";
import { PerformanceService } from "../../gen/strategyruntime/v1/performance_service_pb.ts";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { Side } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { LongWorks } from "../../src/engine/concurrency/long-work.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { contractServices } from "../../src/rpc/contract.ts";
import { startWebServer } from "../../src/rpc/web/web-server.ts";
import { collected, history, T0 } from "../engine/rig.ts";
import { serveRig } from "./serve-engine.ts";

const SYMBOL = "币安人生USDT";

describe("a symbol with letters of another script", () => {
  it("works in the universe, strategies, calls, reports and lists", async () => {
    const { rig, client, save, evaluate, sweep } = await serveRig({
      symbols: [SYMBOL],
      venue: [SYMBOL],
      prepare: (feed) => history(feed, SYMBOL, "1m", [100, 101]),
    });
    await save({ symbols: [SYMBOL] });
    await rig.pass(0);
    await rig.close({ [SYMBOL]: 102 });
    expect(await rig.journaled()).toMatchObject([{ symbol: SYMBOL, entryPrice: 102 }]);
    expect(await evaluate({ symbol: SYMBOL })).toMatchObject({ outcome: "ALREADY_DECIDED" });
    const called = await sweep({ symbols: [SYMBOL], includeEmitted: true });
    expect(called.flatMap(({ decisions }) => decisions).map(({ symbol }) => symbol)).toEqual([SYMBOL]);
    const { decisions } = await client.call(StrategyRuntimeService.method.listDecisions, { symbols: [SYMBOL] });
    expect(decisions).toHaveLength(1);
    const position = {
      positionId: "p",
      strategyId: "s",
      symbol: SYMBOL,
      side: Side.LONG,
      sizeUsd: 10,
      entryPrice: 102,
      openedAt: { seconds: BigInt(T0 / 1_000), nanos: 0 },
    };
    await client.call(PerformanceService.method.reportPositionOpened, { position });
    expect(await rig.stores.positions.open()).toMatchObject([{ symbol: SYMBOL }]);
  });

  it("works on the web port, where an extra one too many is refused", async () => {
    const { rig, save } = await serveRig({
      symbols: [SYMBOL],
      venue: [SYMBOL, "BTC"],
      maxExtraSymbols: 0,
      prepare: (feed) => history(feed, SYMBOL, "1m", [100, 101]),
    });
    const server = await startWebServer({
      address: "127.0.0.1:0",
      services: contractServices(rig.engine, { version: "1.2.3", adapters: {} }),
      readiness: () => ({ ready: true, reasons: [] }),
      log: () => {},
      longWorks: new LongWorks(systemClock),
    });
    onTestFinished(() => server.close());
    const transport = createConnectTransport({
      baseUrl: `http://${server.address}`,
      httpVersion: "1.1",
      useBinaryFormat: false,
    });
    const client = createClient(StrategyRuntimeService, transport);
    await save({ symbols: [SYMBOL] });
    const request = { strategy: { case: "strategyId", value: "s" }, symbol: SYMBOL } as const;
    expect((await client.evaluate(request)).evaluation).toMatchObject({ symbol: SYMBOL });
    const [first] = await collected(client.generateSignals({ symbols: [SYMBOL] }));
    expect(first?.decisions.map(({ symbol }) => symbol)).toEqual([SYMBOL]);
    const refused = collected(client.generateSignals({ symbols: ["BTC"], follow: true }));
    await expect(refused).rejects.toMatchObject({ code: Code.ResourceExhausted });
  });

  it("is refused in parts, with its composed form, at its place", async () => {
    const { client } = await serveRig();
    const asked = client.call(StrategyRuntimeService.method.listDecisions, { symbols: ["BTC", "CAFE\u0301"] });
    await expect(asked).rejects.toThrow(/symbols\[1\].*"CAFÉ"/);
  });
});
