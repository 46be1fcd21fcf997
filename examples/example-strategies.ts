import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson } from "@bufbuild/protobuf";
import { type StrategyConfig, StrategyConfigSchema } from "../gen/strategyruntime/v1/strategy_pb.ts";
import type { RuntimeClient } from "./client.ts";

const FOLDER = join(import.meta.dirname, "strategies");

/**
 * The strategies of `examples/strategies`, by id. The files are the contract's JSON form, as
 * grpcurl takes it.
 */
export function exampleStrategies(): readonly StrategyConfig[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => fromJson(StrategyConfigSchema, JSON.parse(readFileSync(join(FOLDER, name), "utf8"))));
}

/**
 * Saves strategies as their generator would; they are in force when this resolves. Fails with the
 * first that is refused.
 */
export async function saveAll(client: RuntimeClient, strategies: readonly StrategyConfig[]): Promise<void> {
  const { results } = await client.strategies.batchSaveStrategies({ strategies: [...strategies] });
  for (const { strategyId, result } of results) {
    if (result.case === "error") {
      throw new Error(`strategy ${strategyId} was refused: ${result.value}`);
    }
  }
}
