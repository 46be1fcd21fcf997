import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { type Access, tokenAccess } from "../../../src/rpc/auth/access.ts";
import { parseTokens } from "../../../src/rpc/auth/tokens.ts";
import { as, reachBy, refusalOf, WIRES } from "../budgets/wires.ts";
import * as sample from "../samples.ts";

const TOKENS = parseTokens("token-of-the-executor-1 executor-1 executor", "tokens");
const OTHERS = parseTokens("token-of-the-executor-2 executor-2 executor", "tokens");
const VIEWER = parseTokens("token-of-the-executor-1 executor-1 viewer", "tokens");

const endless = {
  runtime: {
    async *follow(_: unknown, signal: AbortSignal) {
      yield sample.aBatch();
      await once(signal, "abort");
    },
  },
  performance: {
    async *watch(_: unknown, signal: AbortSignal) {
      yield { strategies: [], resumeToken: "t" } as never;
      await once(signal, "abort");
    },
  },
};

describe("a stream whose token is taken out while it is open", () => {
  it("ends within 10 s with UNAUTHENTICATED, of each kind and over each wire", { timeout: 30_000 }, async () => {
    let access: Access = tokenAccess(TOKENS);
    const shared: Access = {
      admit: (...call) => access.admit(...call),
      identify: (who) => access.identify(who),
    };
    const streams = await Promise.all(
      WIRES.map(async (wire) => {
        const { client } = await reachBy(wire, endless, shared);
        const follow = client(StrategyRuntimeService).generateSignals({ follow: true }, as("executor-1"));
        const watch = client(PerformanceService).watchPerformance({}, as("executor-1"));
        return [follow, watch].map((stream) => stream[Symbol.asyncIterator]());
      }),
    );
    const open = streams.flat();
    for (const stream of open) {
      expect((await stream.next()).done).toBe(false);
    }
    access = tokenAccess(OTHERS);
    const start = performance.now();
    const ends = await Promise.all(open.map((stream) => refusalOf(stream.next())));
    expect(ends.map(({ code }) => code)).toEqual(Array.from({ length: 8 }, () => "Unauthenticated"));
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it("ends with PERMISSION_DENIED where its role may no longer", { timeout: 30_000 }, async () => {
    let access: Access = tokenAccess(TOKENS);
    const shared: Access = {
      admit: (...call) => access.admit(...call),
      identify: (who) => access.identify(who),
    };
    const streams = await Promise.all(
      WIRES.map(async (wire) => {
        const { client } = await reachBy(wire, endless, shared);
        return client(StrategyRuntimeService)
          .generateSignals({ follow: true }, as("executor-1"))
          [Symbol.asyncIterator]();
      }),
    );
    await Promise.all(streams.map((stream) => stream.next()));
    access = tokenAccess(VIEWER);
    const ends = await Promise.all(streams.map((stream) => refusalOf(stream.next())));
    expect(ends.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => "PermissionDenied"));
  });
});
