import { create } from "@bufbuild/protobuf";
import {
  type GenerateSignalsResponse,
  GenerateSignalsResponseSchema,
  type GetRuntimeStatusResponse,
  GetRuntimeStatusResponseSchema,
  type RefreshStrategiesResponse,
  RefreshStrategiesResponseSchema,
  type RejectedStrategy as RejectedStrategyMessage,
  RejectedStrategySchema,
  type SweepSummary as SweepSummaryMessage,
  SweepSummarySchema,
  type SymbolStatus as SymbolStatusMessage,
  SymbolStatusSchema,
  type UnguardedPosition as UnguardedPositionMessage,
  UnguardedPositionSchema,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { SweepSummary } from "../../domain/decision.ts";
import type {
  RefreshReport,
  RejectedStrategy,
  RuntimeStatus,
  SignalBatch,
  SymbolStatus,
  UnguardedPosition,
} from "../../engine/api.ts";
import { fitting } from "../pages.ts";
import { toSuppression, toTradeDecision } from "./decision.ts";
import { outcomes } from "./enums.ts";
import { identity, sortedMap } from "./maps.ts";
import { toInt64 } from "./numbers.ts";
import { toPolicy } from "./policy-message.ts";
import { toDuration, toTimestamp } from "./time.ts";

function toSweepSummary(summary: SweepSummary): SweepSummaryMessage {
  return create(SweepSummarySchema, {
    evaluations: toInt64(summary.evaluations),
    outcomes: sortedMap(summary.outcomes, toInt64),
    strategies: summary.strategies,
    symbols: summary.symbols,
    duration: toDuration(summary.durationMs),
    barCloseTime: toTimestamp(summary.barCloseTime),
    exitsJudged: toInt64(summary.exitsJudged ?? 0),
    exitOutcomes: sortedMap(summary.exitOutcomes ?? {}, toInt64),
  });
}

/** One step of a stream of signals. */
export function toSignals(batch: SignalBatch): GenerateSignalsResponse {
  return create(GenerateSignalsResponseSchema, {
    decisions: batch.decisions.map(toTradeDecision),
    suppressions: batch.suppressions.map(toSuppression),
    failures: batch.failures.map(({ symbol, outcome, explanation }) => ({
      symbol,
      outcome: outcomes.toWire(outcome),
      explanation,
    })),
    summary: batch.summary && toSweepSummary(batch.summary),
    resumeToken: batch.resumeToken,
    watermark: toTimestamp(batch.watermark),
    withheldDecisions: toInt64(batch.withheldDecisions ?? 0),
  });
}

/**
 * Most bytes of rejected strategies in one message, which has room for the rest of its answer, too.
 */
const MOST_REJECTED_BYTES = 1024 * 1024;

/**
 * Where there are more than clients would take, the last one says how many are left out: a status
 * that cannot be read helps nobody.
 */
function toRejected(rejected: readonly RejectedStrategy[]): RejectedStrategyMessage[] {
  const messages = rejected.map(({ strategyId, explanation }) =>
    create(RejectedStrategySchema, { strategyId, explanation }),
  );
  const shown = fitting(RejectedStrategySchema, messages, MOST_REJECTED_BYTES);
  const rest = rejected.length - shown.length;
  const more = { strategyId: "", explanation: `and ${rest} more that are not valid: mend these first` };
  return rest === 0 ? messages : [...shown, create(RejectedStrategySchema, more)];
}

/** As of rejected strategies, and for the same reason. */
const MOST_SYMBOL_BYTES = 2 * 1024 * 1024;

function toSymbols(symbols: readonly SymbolStatus[]): SymbolStatusMessage[] {
  const messages = symbols.map(({ symbol, timeframe, lastBarCloseTime, bars, requiredBars, whyNot, note = "" }) =>
    create(SymbolStatusSchema, {
      symbol,
      timeframe,
      lastBarCloseTime: toTimestamp(lastBarCloseTime),
      bars,
      requiredBars,
      whyNot: whyNot ?? note,
    }),
  );
  const shown = fitting(SymbolStatusSchema, messages, MOST_SYMBOL_BYTES);
  const rest = symbols.length - shown.length;
  return rest === 0 ? messages : [...shown, create(SymbolStatusSchema, { whyNot: `and ${rest} more, left out here` })];
}

/** As of rejected strategies, and for the same reason. */
function toUnguarded(positions: readonly UnguardedPosition[]): UnguardedPositionMessage[] {
  const messages = positions.map(({ since, ...rest }) =>
    create(UnguardedPositionSchema, { ...rest, since: toTimestamp(since) }),
  );
  const shown = fitting(UnguardedPositionSchema, messages, MOST_REJECTED_BYTES);
  const left = positions.length - shown.length;
  const more = create(UnguardedPositionSchema, { why: `and ${left} more, left out here` });
  return left === 0 ? messages : [...shown, more];
}

export function toRefreshed(report: RefreshReport): RefreshStrategiesResponse {
  return create(RefreshStrategiesResponseSchema, {
    liveStrategies: report.liveStrategies,
    shadowStrategies: report.shadowStrategies,
    notAllowedStrategies: report.notAllowedStrategies,
    rejectedStrategies: toRejected(report.rejectedStrategies),
    policy: toPolicy(report.policy),
    refreshedAt: toTimestamp(report.refreshedAt),
  });
}

/** `about` is what the engine does not know of itself. */
export function toRuntimeStatus(
  status: RuntimeStatus,
  about: { readonly version: string; readonly adapters: Readonly<Record<string, string>> },
): GetRuntimeStatusResponse {
  return create(GetRuntimeStatusResponseSchema, {
    version: about.version,
    startedAt: toTimestamp(status.startedAt),
    ready: status.ready,
    whyNot: [...status.whyNot, ...(status.notes ?? [])],
    liveStrategies: status.liveStrategies,
    shadowStrategies: status.shadowStrategies,
    refreshedAt: toTimestamp(status.refreshedAt),
    policy: status.policy && toPolicy(status.policy),
    symbols: toSymbols(status.symbols),
    lastSweep: status.lastSweep && toSweepSummary(status.lastSweep),
    openStreams: status.openStreams,
    adapters: sortedMap(about.adapters, identity),
    rejectedStrategies: toRejected(status.rejectedStrategies),
    unguardedPositions: toUnguarded(status.unguardedPositions ?? []),
    role: status.lease?.role ?? "",
    epoch: toInt64(status.lease?.epoch ?? 0),
    activeAddress: status.lease?.activeAddress ?? "",
    leaseExpiresAt: toTimestamp(status.lease?.expiresAt),
  });
}
