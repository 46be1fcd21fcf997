import { PerformanceService } from "../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../gen/strategyruntime/v1/strategy_service_pb.ts";
import type { Engine } from "../engine/api.ts";
import { performanceHandlers } from "./handlers/performance-service.ts";
import { policyHandlers } from "./handlers/policy-service.ts";
import { type RuntimeOptions, runtimeHandlers } from "./handlers/runtime-service.ts";
import { strategyHandlers } from "./handlers/strategy-service.ts";
import { checkOnly } from "./json/check-only.ts";
import { type Service, service } from "./service.ts";

/** The contract's four services over an engine, for any carrier. */
export function contractServices(engine: Engine, options: RuntimeOptions): readonly Service[] {
  const checking = checkOnly(engine);
  return [
    service(StrategyRuntimeService, runtimeHandlers(engine, options), runtimeHandlers(checking, options)),
    service(StrategyService, strategyHandlers(engine), strategyHandlers(checking)),
    service(PolicyService, policyHandlers(engine), policyHandlers(checking)),
    service(PerformanceService, performanceHandlers(engine), performanceHandlers(checking)),
  ];
}
