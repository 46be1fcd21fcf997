import { ROLES, type Role } from "./principal.ts";

/** The roles that may call a method; `anyone`: without a token, too. */
export type Audience = readonly Role[] | "anyone";

const EVERY_ROLE = ROLES;
const GENERATORS = ["generator", "admin"] as const;
const CONTROLLERS = ["controller", "admin"] as const;
const EXECUTORS = ["executor", "admin"] as const;
const MANAGERS = ["generator", "controller", "admin"] as const;

/**
 * Who may call what, one row a method, by its full name. What has no row may be called by nobody.
 *
 * Reading is for every role. GenerateSignals is the executor's, for a one-shot call makes
 * decisions. Health is open, so that probes need no secret and learn nothing but whether the
 * service serves; reflection shows the contract to whoever has a token.
 */
export const METHOD_ROLES: Readonly<Record<string, Audience>> = {
  "strategyruntime.v1.StrategyRuntimeService/Evaluate": EVERY_ROLE,
  "strategyruntime.v1.StrategyRuntimeService/EvaluateExit": EVERY_ROLE,
  "strategyruntime.v1.StrategyRuntimeService/GenerateSignals": EXECUTORS,
  "strategyruntime.v1.StrategyRuntimeService/RefreshStrategies": MANAGERS,
  "strategyruntime.v1.StrategyRuntimeService/ListDecisions": EVERY_ROLE,
  "strategyruntime.v1.StrategyRuntimeService/GetRuntimeStatus": EVERY_ROLE,

  "strategyruntime.v1.StrategyService/SaveStrategy": GENERATORS,
  "strategyruntime.v1.StrategyService/BatchSaveStrategies": GENERATORS,
  "strategyruntime.v1.StrategyService/GetStrategy": EVERY_ROLE,
  "strategyruntime.v1.StrategyService/ListStrategies": EVERY_ROLE,
  "strategyruntime.v1.StrategyService/SetStrategyStatus": MANAGERS,
  "strategyruntime.v1.StrategyService/DeleteStrategy": GENERATORS,
  "strategyruntime.v1.StrategyService/ListIndicators": EVERY_ROLE,
  "strategyruntime.v1.StrategyService/GetStrategySchema": EVERY_ROLE,

  "strategyruntime.v1.PolicyService/GetPolicy": EVERY_ROLE,
  "strategyruntime.v1.PolicyService/SetRiskMode": CONTROLLERS,
  "strategyruntime.v1.PolicyService/SetGlobalMinConfidence": CONTROLLERS,
  "strategyruntime.v1.PolicyService/SetAllowedStrategies": CONTROLLERS,
  "strategyruntime.v1.PolicyService/SetTradingHalt": CONTROLLERS,
  "strategyruntime.v1.PolicyService/SetCurrentRegime": CONTROLLERS,

  "strategyruntime.v1.PerformanceService/ReportPositionOpened": EXECUTORS,
  "strategyruntime.v1.PerformanceService/ReportPositionClosed": EXECUTORS,
  "strategyruntime.v1.PerformanceService/ReportDecisionRejected": EXECUTORS,
  "strategyruntime.v1.PerformanceService/GetStrategyPerformance": EVERY_ROLE,
  "strategyruntime.v1.PerformanceService/WatchPerformance": EVERY_ROLE,

  "grpc.health.v1.Health/Check": "anyone",
  "grpc.health.v1.Health/Watch": "anyone",
  "grpc.health.v1.Health/List": "anyone",

  "grpc.reflection.v1.ServerReflection/ServerReflectionInfo": EVERY_ROLE,
  "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": EVERY_ROLE,
};
