import { create } from "@bufbuild/protobuf";
import {
  GetPolicyResponseSchema,
  type PolicyService,
  SetAllowedStrategiesResponseSchema,
  SetCurrentRegimeResponseSchema,
  SetGlobalMinConfidenceResponseSchema,
  SetRiskModeResponseSchema,
  SetTradingHaltResponseSchema,
} from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { compareCodePoints } from "../../domain/decision.ts";
import type { PolicyChange } from "../../domain/policy.ts";
import type { Engine } from "../../engine/api.ts";
import { FRACTION, numberFault } from "../../engine/validation/scalars.ts";
import { textFault } from "../../engine/validation/texts.ts";
import { Faults } from "../faults.ts";
import type { Handlers } from "../service.ts";
import { riskModes } from "../translate/enums.ts";
import { toPolicy } from "../translate/policy-message.ts";

/** Longest reason for a halt that a request may give. */
const LONGEST_REASON = 1_000;

/** PolicyService of the contract. */
export function policyHandlers({ policy }: Pick<Engine, "policy">): Handlers<typeof PolicyService> {
  const change = async (faults: Faults, parts: PolicyChange) => {
    faults.raise();
    const { policy: ordered, pending } = await policy.change(parts);
    return { policy: toPolicy(ordered), pending };
  };
  return {
    async getPolicy() {
      return create(GetPolicyResponseSchema, { policy: toPolicy(await policy.get()) });
    },

    async setRiskMode(request) {
      const faults = new Faults();
      faults.note("risk_mode", riskModes.fault(request.riskMode, true));
      const riskMode = riskModes.known(request.riskMode);
      return create(SetRiskModeResponseSchema, await change(faults, { ...(riskMode && { riskMode }) }));
    },

    async setGlobalMinConfidence({ minConfidence }) {
      const faults = new Faults();
      faults.note("min_confidence", confidenceFault(minConfidence));
      const parts = minConfidence === undefined ? {} : { globalMinConfidence: minConfidence };
      return create(SetGlobalMinConfidenceResponseSchema, await change(faults, parts));
    },

    async setAllowedStrategies({ strategyIds }) {
      const faults = new Faults();
      faults.strategyIds("strategy_ids", strategyIds);
      const allowedStrategies = [...strategyIds].sort(compareCodePoints);
      return create(SetAllowedStrategiesResponseSchema, await change(faults, { allowedStrategies }));
    },

    async setTradingHalt({ halted, reason }) {
      const faults = new Faults();
      if (halted) {
        faults.note("reason", reason.trim() === "" ? "is required where halted" : undefined);
        faults.note("reason", textFault(reason, { least: 0, most: LONGEST_REASON }));
      }
      // A reason for going on would read like one for a halt.
      const parts = { halted, haltReason: halted ? reason : "" };
      return create(SetTradingHaltResponseSchema, await change(faults, parts));
    },

    async setCurrentRegime({ regime }) {
      const faults = new Faults();
      faults.regime("regime", regime);
      const { policy: ordered } = await change(faults, { currentRegime: regime ?? null });
      return create(SetCurrentRegimeResponseSchema, { policy: ordered });
    },
  };
}

function confidenceFault(value: number | undefined): string | undefined {
  return value === undefined ? "is required: give 0 to 1" : numberFault(value, FRACTION);
}
