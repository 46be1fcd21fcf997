import { create } from "@bufbuild/protobuf";
import { type Policy as PolicyMessage, PolicySchema } from "../../../gen/strategyruntime/v1/policy_pb.ts";
import type { Policy, PolicySnapshot } from "../../domain/policy.ts";
import { riskModes } from "./enums.ts";
import { toTimestamp } from "./time.ts";

export function toPolicy(policy: Policy & Partial<PolicySnapshot>): PolicyMessage {
  return create(PolicySchema, {
    riskMode: riskModes.toWire(policy.riskMode),
    globalMinConfidence: policy.globalMinConfidence,
    allowedStrategies: [...policy.allowedStrategies],
    halted: policy.halted,
    haltReason: policy.haltReason,
    currentRegime: policy.currentRegime,
    readAt: toTimestamp(policy.readAt),
  });
}
