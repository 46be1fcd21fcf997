import { create } from "@bufbuild/protobuf";
import { StrategyConfigSchema } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import {
  BatchSaveStrategiesResponseSchema,
  DeleteStrategyResponseSchema,
  GetStrategyResponseSchema,
  GetStrategySchemaResponseSchema,
  ListIndicatorsResponseSchema,
  type ListStrategiesRequest,
  ListStrategiesResponseSchema,
  type SaveStrategyRequest,
  SaveStrategyResponseSchema,
  SetStrategyStatusResponseSchema,
  type StrategyService,
} from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { invalid } from "../../domain/errors.ts";
import type { StoredStrategy } from "../../domain/strategy.ts";
import type { Engine, SaveResult, StrategyDesk } from "../../engine/api.ts";
import { descriptions } from "../../engine/validation/indicator-descriptions.ts";
import { textFault } from "../../engine/validation/texts.ts";
import type { StrategyCursor } from "../../ports/strategy-repository.ts";
import { Faults } from "../faults.ts";
import { decodePageToken, encodePageToken, fitting, PAGE_TOKEN_FAULT, pageSize } from "../pages.ts";
import type { CallContext, Handlers } from "../service.ts";
import { STRATEGY_SCHEMA } from "../strategy-schema.ts";
import { statuses } from "../translate/enums.ts";
import { toIndicatorDescription } from "../translate/indicator.ts";
import { fromInt64 } from "../translate/numbers.ts";
import { fromStrategyConfig, toStrategyConfig } from "../translate/strategy.ts";
import { batchResults } from "./batch-results.ts";

const LARGEST_BATCH = 1_000;
/** Longest reason for a change of status. */
const LONGEST_REASON = 1_000;

/** They are the same for as long as the process lives. */
const INDICATORS = descriptions().map(toIndicatorDescription);

/** StrategyService of the contract. */
export function strategyHandlers({ strategies }: Pick<Engine, "strategies">): Handlers<typeof StrategyService> {
  return {
    saveStrategy: (request) => save(strategies, request),

    async batchSaveStrategies(request) {
      const faults = new Faults();
      const count = request.strategies.length;
      const fault = `has ${count} strategies, must have 1 to ${LARGEST_BATCH}`;
      faults.note("strategies", count >= 1 && count <= LARGEST_BATCH ? undefined : fault);
      faults.raise();
      const results = await strategies.saveMany(request.strategies.map(fromStrategyConfig));
      return create(BatchSaveStrategiesResponseSchema, {
        results: batchResults(request.strategies, results),
      });
    },

    async getStrategy({ strategyId }) {
      const faults = new Faults();
      faults.required("strategy_id", strategyId);
      faults.raise();
      return create(GetStrategyResponseSchema, { strategy: toStrategyConfig(await strategies.get(strategyId)) });
    },

    async listStrategies(request, context) {
      return create(ListStrategiesResponseSchema, await listPage(strategies, request, context));
    },

    async setStrategyStatus({ strategyId, status, reason }) {
      const faults = new Faults();
      faults.required("strategy_id", strategyId);
      faults.note("status", statuses.fault(status, true));
      faults.note("reason", textFault(reason, { least: 0, most: LONGEST_REASON }));
      const known = statuses.known(status);
      if (known === undefined || faults.violations.length > 0) {
        throw invalid(faults.violations);
      }
      const stored = await strategies.setStatus(strategyId, known, reason);
      return create(SetStrategyStatusResponseSchema, { strategy: toStrategyConfig(stored) });
    },

    async deleteStrategy({ strategyId, reason }) {
      const faults = new Faults();
      faults.required("strategy_id", strategyId);
      faults.note("reason", textFault(reason, { least: 0, most: LONGEST_REASON }));
      faults.raise();
      await strategies.delete(strategyId, reason);
      return create(DeleteStrategyResponseSchema);
    },

    async getStrategySchema() {
      return create(GetStrategySchemaResponseSchema, { jsonSchema: STRATEGY_SCHEMA });
    },

    async listIndicators() {
      return create(ListIndicatorsResponseSchema, { indicators: INDICATORS });
    },
  };
}

async function save(strategies: StrategyDesk, request: SaveStrategyRequest) {
  const { strategy, validateOnly } = request;
  const faults = new Faults();
  const expectedVersion = request.expectedVersion === undefined ? undefined : fromInt64(request.expectedVersion);
  if (expectedVersion !== undefined && expectedVersion < 0) {
    faults.note("expected_version", `is ${expectedVersion}, must be 0 (none exists yet) or a version`);
  }
  if (strategy === undefined) {
    faults.note("strategy", "is required");
    throw invalid(faults.violations);
  }
  const draft = fromStrategyConfig(strategy);
  await faults.raiseWith(() => strategies.save(draft, { validateOnly: true }));
  const options = { validateOnly, ...(expectedVersion !== undefined && { expectedVersion }) };
  const saved = await strategies.save(draft, options);
  return create(SaveStrategyResponseSchema, saveFields(saved));
}

function saveFields({ strategy, warnings }: SaveResult) {
  return { strategy: toStrategyConfig(strategy), warnings: [...warnings] };
}

async function listPage(strategies: StrategyDesk, request: ListStrategiesRequest, context: CallContext) {
  const faults = new Faults();
  faults.note("status", statuses.fault(request.status, false));
  const status = statuses.known(request.status);
  const filters = [status ?? ""];
  const after =
    request.pageToken === "" ? undefined : cursorOf(decodePageToken("strategies", filters, request.pageToken));
  if (request.pageToken !== "" && after === undefined) {
    faults.violations.push(PAGE_TOKEN_FAULT);
  }
  const page = pageSize(request.pageSize);
  if ("fault" in page) {
    faults.violations.push(page.fault);
    throw invalid(faults.violations);
  }
  faults.raise();
  const limit = page.size + 1;
  const found = await strategies.list({ ...(status && { status }), ...(after && { after }), limit });
  context.resumed?.();
  const messages = fitting(StrategyConfigSchema, found.slice(0, page.size).map(toStrategyConfig));
  const more = found.length > messages.length;
  const last = found[messages.length - 1];
  return {
    strategies: [...messages],
    nextPageToken: more && last ? encodePageToken("strategies", filters, placeOf(last)) : "",
  };
}

/**
 * Where a strategy stands in the list; one that cannot be read (R44) stands with those that have no
 * fitness.
 */
function placeOf({ strategyId, draft }: StoredStrategy): readonly [string, number | null] {
  return [strategyId, draft?.fitnessScore ?? null];
}

function cursorOf(place: unknown): StrategyCursor | undefined {
  if (!Array.isArray(place)) {
    return undefined;
  }
  const [strategyId, fitnessScore] = place;
  // A token is no secret: whoever makes one up must not reach the store with it.
  if (typeof strategyId !== "string" || (fitnessScore !== null && typeof fitnessScore !== "number")) {
    return undefined;
  }
  return { strategyId, ...(fitnessScore !== null && { fitnessScore }) };
}
