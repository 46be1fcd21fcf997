import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readContract } from "./contract.ts";
import { strategySchema } from "./strategy-schema.ts";

// A text, since a call answers with the text.
const text = JSON.stringify(JSON.stringify(strategySchema(readContract())));
const code = `/**
 * JSON Schema of a strategy, made of the contract's comments by \`npm run docs:schema\`.
 */
export const STRATEGY_SCHEMA =
  // biome-ignore format: one text
  ${text};
`;
writeFileSync(join(import.meta.dirname, "../../src/rpc/strategy-schema.ts"), code);
