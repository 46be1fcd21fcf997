import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { METHOD_ROLES } from "../../../src/rpc/auth/method-roles.ts";
import { PUBLIC_FILES } from "../../../src/rpc/public-protos.ts";

const contract = [StrategyRuntimeService, StrategyService, PolicyService, PerformanceService];
const methods = [...contract, ...PUBLIC_FILES.flatMap((file) => file.services)].flatMap((service) =>
  service.methods.map((method) => ({ method, name: `${service.typeName}/${method.name}` })),
);

describe("the table of methods and roles", () => {
  it("has a row for every method that is served, and no other", () => {
    expect(methods.length).toBeGreaterThan(20);
    expect(Object.keys(METHOD_ROLES).sort()).toEqual(methods.map(({ name }) => name).sort());
  });

  it("lets admin call everything", () => {
    const closed = Object.entries(METHOD_ROLES).filter(([, row]) => row !== "anyone" && !row.includes("admin"));
    expect(closed).toEqual([]);
  });

  it("opens nothing but health to callers without a token", () => {
    const open = Object.keys(METHOD_ROLES).filter((name) => METHOD_ROLES[name] === "anyone");
    expect(open.length).toBeGreaterThan(0);
    expect(open.filter((name) => !name.startsWith("grpc.health.v1.Health/"))).toEqual([]);
  });

  it("lets a viewer call what only reads, and WatchPerformance", () => {
    const NO_SIDE_EFFECTS = 1;
    const reads = methods
      .filter(({ method }) => Number(method.idempotency) === NO_SIDE_EFFECTS)
      .map(({ name }) => name);
    const viewed = Object.keys(METHOD_ROLES).filter((name) => METHOD_ROLES[name]?.includes("viewer"));
    const ours = viewed.filter((name) => name.startsWith("strategyruntime."));
    expect(ours.sort()).toEqual([...reads, "strategyruntime.v1.PerformanceService/WatchPerformance"].sort());
  });
});
