import { create } from "@bufbuild/protobuf";
import { TradeDecisionSchema } from "../../../gen/strategyruntime/v1/decision_pb.ts";
import {
  type ListDecisionsRequest,
  type ListDecisionsResponse,
  ListDecisionsResponseSchema,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { invalid } from "../../domain/errors.ts";
import type { RuntimeDesk } from "../../engine/api.ts";
import { Faults } from "../faults.ts";
import { decodePageToken, encodePageToken, fitting, PAGE_TOKEN_FAULT, pageSize } from "../pages.ts";
import type { CallContext } from "../service.ts";
import { toTradeDecision } from "../translate/decision.ts";
import { ceilMs } from "../translate/time.ts";

/**
 * One page of decisions. Decisions made between two pages come on a later one where the oldest come
 * first, and on none where the newest do; none comes twice.
 */
export async function listDecisions(
  runtime: Pick<RuntimeDesk, "decisions">,
  request: ListDecisionsRequest,
  context: Pick<CallContext, "resumed">,
): Promise<ListDecisionsResponse> {
  const { strategyIds, symbols, startTime, endTime, includeShadow, includeExits, newestFirst, pageToken } = request;
  const faults = new Faults();
  faults.strategyIds("strategy_ids", strategyIds);
  faults.symbols("symbols", symbols);
  faults.time("start_time", startTime);
  faults.time("end_time", endTime);
  const filters = {
    strategyIds,
    symbols,
    ...(startTime && { startTime: ceilMs(startTime) }),
    ...(endTime && { endTime: ceilMs(endTime) }),
    includeShadow,
    // Only where it is set, so that tokens of before the field are good.
    ...(includeExits && { includeExits }),
    ...(newestFirst && { newestFirst }),
  };
  const place = pageToken === "" ? undefined : sequenceOf(decodePageToken("decisions", filters, pageToken));
  if (pageToken !== "" && place === undefined) {
    faults.violations.push(PAGE_TOKEN_FAULT);
  }
  const page = pageSize(request.pageSize);
  if ("fault" in page) {
    faults.violations.push(page.fault);
  }
  if (faults.violations.length > 0 || "fault" in page) {
    throw invalid(faults.violations);
  }
  // One more than the page says whether there is another.
  const from = newestFirst ? { after: 0, ...(place !== undefined && { upTo: place - 1 }) } : { after: place ?? 0 };
  const found = await runtime.decisions({ ...filters, ...from, limit: page.size + 1 });
  context.resumed?.();
  const decisions = fitting(TradeDecisionSchema, found.slice(0, page.size).map(toTradeDecision));
  const last = found[decisions.length - 1];
  const more = found.length > decisions.length && last !== undefined;
  return create(ListDecisionsResponseSchema, {
    decisions: [...decisions],
    nextPageToken: more ? encodePageToken("decisions", filters, last.sequence) : "",
  });
}

/** A token is no secret: whoever makes one up must not reach the store with it. */
function sequenceOf(place: unknown): number | undefined {
  return typeof place === "number" && Number.isSafeInteger(place) && place >= 0 ? place : undefined;
}
