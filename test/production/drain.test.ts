import { status } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { connect } from "../rpc/client.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { aStrategy } from "../wire/serve-engine.ts";

const { evaluate } = StrategyRuntimeService.method;
const CALLS = 6;
/** A computation of a good second: long lines over as many bars as a call may bring. */
const REQUEST = {
  strategy: {
    case: "config",
    value: aStrategy({
      entryIndicators: Array.from({ length: 32 }, (_, index) => ({
        name: `STDDEV_${469 + index}`,
        operator: ">",
        operand: { case: "value", value: 0 },
      })),
    }),
  },
  symbol: "BTCUSDT",
  price: 100,
  bars: Array.from({ length: 20_000 }, (_, index) => ({
    openTime: { seconds: 1_700_000_040n + 60n * BigInt(index), nanos: 0 },
    open: 100 + Math.sin(index),
    high: 102,
    low: 98,
    close: 100 + Math.cos(index),
    volume: 1,
  })),
} as const;

/** Calls that compute for long, the first of which has ended: the others are under way. */
async function computing(server: RunningServer) {
  const client = connect(server.address);
  onTestFinished(() => client.close());
  const calls = Array.from({ length: CALLS }, () =>
    client.call(evaluate, REQUEST, { deadline: Date.now() + 60_000 }).then(
      () => status.OK,
      ({ code }: { readonly code: number }) => code,
    ),
  );
  await Promise.race(calls);
  return calls;
}

describe("SIGTERM during long computations", { timeout: 120_000 }, () => {
  it("lets them end within SHUTDOWN_GRACE, and the process ends then", async () => {
    const server = await startServer({ DATA_DIR: "memory", SHUTDOWN_GRACE: "60s" });
    const calls = await computing(server);
    server.signal("SIGTERM");
    const ends = await Promise.all(calls);
    expect(ends).toEqual(Array.from({ length: CALLS }, () => status.OK));
    expect(await server.exit()).toBe(0);
  });

  it("cuts them off after SHUTDOWN_GRACE, however long they would take", async () => {
    const server = await startServer({ DATA_DIR: "memory", SHUTDOWN_GRACE: "100ms" });
    const calls = await computing(server);
    const start = performance.now();
    server.signal("SIGTERM");
    expect(await server.exit()).toBe(0);
    const tookMs = performance.now() - start;
    const ends = await Promise.all(calls);
    // Which of the two it is goes by what the connection had sent when it was cut.
    expect(ends.some((code) => code === status.UNAVAILABLE || code === status.INTERNAL)).toBe(true);
    expect(tookMs).toBeLessThan(5_000);
  });
});
