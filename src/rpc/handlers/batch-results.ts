import { create, toBinary } from "@bufbuild/protobuf";
import { type StrategyConfig, StrategyConfigSchema } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import {
  type SaveResult as SaveResultMessage,
  SaveResultSchema,
} from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import type { SaveResult } from "../../engine/api.ts";
import { toStrategyConfig } from "../translate/strategy.ts";

/** Most bytes of the results of a batch: stock clients refuse messages above 4 MiB. */
const MOST_BYTES = 3 * 1024 * 1024;
/** Bytes of an error, and of all warnings of a result in short: a thousand of them fit. */
const MOST_TEXT_BYTES = 2_000;
/**
 * The longest that a strategy id may be; of one that is longer, the place in the batch says which
 * it is.
 */
const LONGEST_ID = 128;
const IN_SHORT =
  "given in short (id, version, status and times), since all of the batch is more than clients take: GetStrategy gives the strategy whole";

/**
 * The results of a batch in its order; with every strategy and error in short where the answer
 * would be too large for clients.
 */
export function batchResults(
  configs: readonly StrategyConfig[],
  results: readonly (SaveResult | { readonly error: string })[],
): SaveResultMessage[] {
  const whole = results.map((result, index) => resultOf(idOf(configs[index]), result));
  const bytes = whole.reduce((sum, result) => sum + toBinary(SaveResultSchema, result).length, 0);
  return bytes <= MOST_BYTES ? whole : whole.map(inShort);
}

function idOf(config: StrategyConfig | undefined): string {
  return config?.strategyId.slice(0, LONGEST_ID).toWellFormed() ?? "";
}

function resultOf(strategyId: string, result: SaveResult | { readonly error: string }): SaveResultMessage {
  if ("error" in result) {
    return create(SaveResultSchema, { strategyId, result: { case: "error", value: result.error } });
  }
  const strategy = toStrategyConfig(result.strategy);
  return create(SaveResultSchema, {
    strategyId,
    result: { case: "strategy", value: strategy },
    warnings: [...result.warnings],
  });
}

function inShort(message: SaveResultMessage): SaveResultMessage {
  if (message.result.case === "error") {
    const value = errorText(message.result.value);
    return create(SaveResultSchema, { strategyId: message.strategyId, result: { case: "error", value } });
  }
  if (message.result.case === undefined) {
    return message;
  }
  const { strategyId, version, status, createdAt, updatedAt } = message.result.value;
  const short = create(StrategyConfigSchema, {
    strategyId,
    version,
    status,
    ...(createdAt && { createdAt }),
    ...(updatedAt && { updatedAt }),
  });
  return create(SaveResultSchema, {
    strategyId: message.strategyId,
    result: { case: "strategy", value: short },
    warnings: [...someOf(message.warnings), IN_SHORT],
  });
}

/** The first of the warnings that fit, and how many do not. */
function someOf(warnings: readonly string[]): readonly string[] {
  let bytes = 0;
  const end = warnings.findIndex((warning) => {
    bytes += Buffer.byteLength(warning);
    return bytes > MOST_TEXT_BYTES;
  });
  return end === -1 ? warnings : [...warnings.slice(0, end), `and ${warnings.length - end} more warnings`];
}

function errorText(error: string): string {
  const bytes = Buffer.from(error);
  return bytes.length > MOST_TEXT_BYTES
    ? `${bytes
        .subarray(0, MOST_TEXT_BYTES)
        .toString()
        .replace(/\uFFFD+$/, "")}… and more, which SaveStrategy names`
    : error;
}
