import { create } from "@bufbuild/protobuf";
import {
  type IndicatorDescription,
  IndicatorDescriptionSchema,
  IndicatorParameterSchema,
} from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { type Description, leastValue } from "../../engine/validation/indicator-descriptions.ts";

/** An indicator as the contract describes it. */
export function toIndicatorDescription(description: Description): IndicatorDescription {
  const { definition, usual, firstBars, settledBars, example } = description;
  const { low, high } = usual.range;
  return create(IndicatorDescriptionSchema, {
    name: definition.base,
    parameters: definition.parameters.map(toParameter),
    family: usual.family,
    unit: usual.unit,
    ...(Number.isFinite(low) && { low }),
    ...(Number.isFinite(high) && { high }),
    takesSource: definition.takesSource === true,
    formula: definition.formula,
    source: definition.source,
    firstBars,
    settledBars,
    example,
  });
}

function toParameter(
  parameter: Description["definition"]["parameters"][number],
): IndicatorDescription["parameters"][number] {
  const { name, kind, most, default: defaultValue } = parameter;
  return create(IndicatorParameterSchema, {
    name,
    least: leastValue(parameter),
    most,
    ...(defaultValue !== undefined && { defaultValue }),
    whole: kind === "period",
  });
}
