import type { DescMethod } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { noise } from "../rpc/json/noise.ts";
import { serveWebRig } from "./serve-web-rig.ts";

const METHODS: readonly DescMethod[] = [StrategyRuntimeService, StrategyService, PolicyService, PerformanceService]
  .flatMap(({ methods }): readonly DescMethod[] => methods)
  .filter(({ methodKind }) => methodKind === "unary");

describe("any JSON to any method", () => {
  it("is served, or refused as the caller's fault, and never an internal error", async () => {
    const { post } = await serveWebRig();
    const request = fc.oneof(
      noise,
      noise.map((strategy) => ({ strategy })),
      noise.map((strategy) => ({ strategies: [strategy] })),
      noise.map((config) => ({ config, symbol: "BTC" })),
      noise.map((position) => ({ position })),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...METHODS), request, async (method, json) => {
        const { status, json: told } = await post(`${method.parent.name}/${method.name}`, json);
        expect([status, told]).not.toMatchObject([500, expect.anything()]);
        expect([status, told.code ?? ""]).not.toContain("internal");
      }),
      { numRuns: 600 },
    );
  });
});
