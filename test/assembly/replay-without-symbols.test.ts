import { timestampDate } from "@bufbuild/protobuf/wkt";
import { expect, it, onTestFinished } from "vitest";
import { connect } from "../../examples/client.ts";
import { startService } from "../../examples/service.ts";
import { Side, StrategyStatus } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { recordMinutes } from "../engine/replayed.ts";

const MINUTE = 60_000;

const EACH_CLOSE = {
  strategyId: "each-close",
  name: "Decides at each close",
  status: StrategyStatus.LIVE,
  entryIndicators: [{ name: "CLOSE", operator: ">", operand: { case: "value" as const, value: 1 } }],
  baseSizeUsd: 1_000,
  stopLossPct: 0.02,
  takeProfitPct: 0.05,
  side: Side.LONG,
  timeframe: "1m",
  cooldown: { seconds: 0n },
  maxPositions: 100,
};

it("a replay with SYMBOLS empty starts, and judges nothing until it is called or a stream names symbols", {
  timeout: 60_000,
}, async () => {
  const recorded = recordMinutes();
  onTestFinished(recorded.remove);
  const settings = { MARKET_DATA: "replay", REPLAY_DIR: recorded.dir, REPLAY_SPEED: "max", SYMBOLS: "" };
  const service = await startService(settings);
  onTestFinished(() => service.close());
  const { runtime, strategies, policy, close } = connect(service.address);
  onTestFinished(close);
  const start = service.market.now();
  await policy.setGlobalMinConfidence({ minConfidence: 0 });
  await strategies.saveStrategy({ strategy: EACH_CLOSE });

  const called = await collected(runtime.generateSignals({ symbols: ["BTC"] }));
  expect(called.flatMap(({ decisions }) => decisions).map(({ symbol }) => symbol)).toEqual(["BTC"]);
  expect(service.market.now()).toBe(start);
  expect((await runtime.listDecisions({})).decisions).toHaveLength(1);

  const closes: number[] = [];
  for await (const { decisions } of runtime.generateSignals({ follow: true, symbols: ["ETH"] })) {
    closes.push(...decisions.flatMap(({ barCloseTime }) => (barCloseTime ? [+timestampDate(barCloseTime)] : [])));
    if (closes.length > 50) {
      break;
    }
  }
  // The stream came after the close that the replay starts at.
  expect(closes.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, i) => start + (i + 1) * MINUTE));
});

async function collected<T>(messages: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const message of messages) {
    all.push(message);
  }
  return all;
}
