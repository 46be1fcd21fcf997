import { toJson } from "@bufbuild/protobuf";
import { StrategyConfigSchema } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { faultsOf } from "../../../src/rpc/json/kept-faults.ts";
import { readText } from "./read-text.ts";

/**
 * What a strategy's JSON is read as, in the contract's names and protobuf's JSON, and "field: what
 * is wrong" with it.
 */
export async function strategyOf(
  json: string | object,
): Promise<{ readonly read: unknown; readonly faults: readonly string[] }> {
  const text = typeof json === "string" ? json : JSON.stringify(json);
  const { message, faults } = await readText(StrategyService.method.saveStrategy.input, `{"strategy":${text}}`);
  if (message.strategy === undefined) {
    throw new Error(JSON.stringify(faults));
  }
  return {
    read: toJson(StrategyConfigSchema, message.strategy, { useProtoFieldName: true }),
    faults: (faultsOf(message.strategy) ?? []).map(({ field, description }) => `${field}: ${description}`),
  };
}
