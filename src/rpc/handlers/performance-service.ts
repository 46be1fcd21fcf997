import { create } from "@bufbuild/protobuf";
import type { Position } from "../../../gen/strategyruntime/v1/performance_pb.ts";
import {
  GetStrategyPerformanceResponseSchema,
  type PerformanceService,
  ReportDecisionRejectedResponseSchema,
  ReportPositionClosedResponseSchema,
  ReportPositionOpenedResponseSchema,
  type WatchPerformanceRequest,
  type WatchPerformanceResponse,
  WatchPerformanceResponseSchema,
} from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import type { ClosedReport, Engine, PerformanceDesk } from "../../engine/api.ts";
import { textFault } from "../../engine/validation/texts.ts";
import { Faults } from "../faults.ts";
import type { CallContext, Handlers } from "../service.ts";
import { fromPosition, toPerformance, toPosition } from "../translate/position.ts";
import { ceilMs } from "../translate/time.ts";
import { closedReport, openedReport } from "./position-reports.ts";

/** Longest reason for a rejection. */
const LONGEST_REASON = 1_000;

/** PerformanceService of the contract. */
export function performanceHandlers({ performance }: Pick<Engine, "performance">): Handlers<typeof PerformanceService> {
  return {
    async reportPositionOpened({ position }) {
      const opened = await performance.opened(report(position, openedReport));
      return create(ReportPositionOpenedResponseSchema, { position: toPosition(opened) });
    },

    async reportPositionClosed({ position }) {
      const answer = await performance.closed(report(position, closedReport));
      return create(ReportPositionClosedResponseSchema, {
        position: toPosition(answer.position),
        performance: toPerformance(answer.performance),
      });
    },

    async reportDecisionRejected({ decisionId, reason }) {
      const faults = new Faults();
      faults.required("decision_id", decisionId);
      faults.note("reason", textFault(reason, { least: 0, most: LONGEST_REASON }));
      faults.raise();
      await performance.rejected(decisionId, reason);
      return create(ReportDecisionRejectedResponseSchema);
    },

    async getStrategyPerformance({ strategyId, startTime, endTime }) {
      const faults = new Faults();
      faults.required("strategy_id", strategyId);
      faults.time("start_time", startTime);
      faults.time("end_time", endTime);
      faults.raise();
      const start = startTime && ceilMs(startTime);
      const totals = await performance.performance(strategyId, start, endTime && ceilMs(endTime));
      return create(GetStrategyPerformanceResponseSchema, { performance: toPerformance(totals) });
    },

    watchPerformance: (request, context) => watch(performance, request, context),
  };
}

function report(position: Position | undefined, check: (faults: Faults, position: Position) => void): ClosedReport {
  const faults = new Faults();
  if (position === undefined) {
    faults.note("position", "is required");
  } else {
    check(faults, position);
  }
  faults.raise();
  return fromPosition(position as Position);
}

async function* watch(
  performance: PerformanceDesk,
  { strategyIds, resumeToken }: WatchPerformanceRequest,
  context: CallContext,
): AsyncIterable<WatchPerformanceResponse> {
  const faults = new Faults();
  faults.strategyIds("strategy_ids", strategyIds);
  faults.raise();
  context.endless?.();
  for await (const step of performance.watch({ strategyIds, resumeToken }, context.signal)) {
    yield create(WatchPerformanceResponseSchema, {
      ...(step.closed && {
        position: toPosition(step.closed.position),
        performance: toPerformance(step.closed.performance),
      }),
      resumeToken: step.resumeToken,
    });
  }
}
