import type { DescMethod } from "@bufbuild/protobuf";

/**
 * By which budgets a method goes. `order`: by that of orders alone. `read`: by calls under way.
 * `costly`: besides, by processor time. `signals` and `stream`: by streams, and by processor time of
 * its own that opening and ending them takes; places among all streams are kept for signals, and a
 * one-shot call of them goes by the processor time of costly calls, too.
 */
export type Lane = "order" | "read" | "costly" | "signals" | "stream";

/**
 * One row a method of the contract, by its full name. An order is what must arrive while trading is
 * going wrong: the policy, the status of a strategy, and what the executor reports.
 */
export const METHOD_LANES: Readonly<Record<string, Lane>> = {
  "strategyruntime.v1.StrategyRuntimeService/Evaluate": "costly",
  "strategyruntime.v1.StrategyRuntimeService/EvaluateExit": "costly",
  "strategyruntime.v1.StrategyRuntimeService/GenerateSignals": "signals",
  "strategyruntime.v1.StrategyRuntimeService/RefreshStrategies": "costly",
  "strategyruntime.v1.StrategyRuntimeService/ListDecisions": "costly",
  "strategyruntime.v1.StrategyRuntimeService/GetRuntimeStatus": "read",

  "strategyruntime.v1.StrategyService/SaveStrategy": "read",
  "strategyruntime.v1.StrategyService/BatchSaveStrategies": "costly",
  "strategyruntime.v1.StrategyService/GetStrategy": "read",
  "strategyruntime.v1.StrategyService/ListStrategies": "costly",
  "strategyruntime.v1.StrategyService/SetStrategyStatus": "order",
  "strategyruntime.v1.StrategyService/DeleteStrategy": "read",
  "strategyruntime.v1.StrategyService/ListIndicators": "read",
  "strategyruntime.v1.StrategyService/GetStrategySchema": "read",

  "strategyruntime.v1.PolicyService/GetPolicy": "read",
  "strategyruntime.v1.PolicyService/SetRiskMode": "order",
  "strategyruntime.v1.PolicyService/SetGlobalMinConfidence": "order",
  "strategyruntime.v1.PolicyService/SetAllowedStrategies": "order",
  "strategyruntime.v1.PolicyService/SetTradingHalt": "order",
  "strategyruntime.v1.PolicyService/SetCurrentRegime": "order",

  "strategyruntime.v1.PerformanceService/ReportPositionOpened": "order",
  "strategyruntime.v1.PerformanceService/ReportPositionClosed": "order",
  "strategyruntime.v1.PerformanceService/ReportDecisionRejected": "order",
  "strategyruntime.v1.PerformanceService/GetStrategyPerformance": "costly",
  "strategyruntime.v1.PerformanceService/WatchPerformance": "stream",
};

/** By its full name. */
export function isOrder(method: string): boolean {
  return METHOD_LANES[method] === "order";
}

/** A method without a row costs what it looks like. */
export function laneOf(method: DescMethod): Lane {
  const name = `${method.parent.typeName}/${method.name}`;
  return METHOD_LANES[name] ?? (method.methodKind === "unary" ? "read" : "stream");
}
