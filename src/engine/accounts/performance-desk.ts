import { RuntimeError } from "../../domain/errors.ts";
import type { Performance } from "../../domain/performance.ts";
import type { PositionBook } from "../../ports/position-book.ts";
import type { StrategyRepository } from "../../ports/strategy-repository.ts";
import type { PerformanceDesk } from "../api.ts";
import { Pace } from "../concurrency/pace.ts";
import { noSuchStrategy } from "../strategies/strategy-desk.ts";
import { textFault } from "../validation/texts.ts";
import { Closings, type ClosingsOptions } from "./closings.ts";
import { PositionRecorder, type PositionRecorderOptions } from "./position-recorder.ts";
import { type WatchOptions, watchPerformance } from "./watch-performance.ts";

export interface PerformanceDeskOptions
  extends ClosingsOptions,
    Omit<PositionRecorderOptions, "closings">,
    Omit<WatchOptions, "closings" | "positions"> {
  readonly positions: PositionBook;
  readonly repository: StrategyRepository;
}

export interface SettledDesk extends PerformanceDesk {
  /**
   * Resolves once the memory knows what became of every report; fails as the position book does.
   */
  settled(): Promise<void>;
  /**
   * Resolves once no report is being written; none is taken any more. Another desk may take them
   * next.
   */
  stop(): Promise<void>;
}

/** Takes the executor's reports, one after the other, and adds up how strategies do (R45, R46). */
export function performanceDesk(options: PerformanceDeskOptions): SettledDesk {
  const closings = new Closings(options);
  const recorder = new PositionRecorder({ ...options, closings });
  return {
    opened: (report) => recorder.opened(report),
    closed: (report) => recorder.closed(report),
    async rejected(decisionId, reason) {
      refuseWrongId(decisionId);
      await recorder.rejected(decisionId, reason);
    },
    performance: (strategyId, start, end) => performanceOf(options, closings, strategyId, start, end),
    watch: (query, signal) => watchPerformance({ ...options, closings }, query, signal),
    settled: () => recorder.settled(),
    stop: () => recorder.stop(),
  };
}

function refuseWrongId(decisionId: string): void {
  const fault = textFault(decisionId, { least: 1, most: 128 });
  if (fault !== undefined) {
    throw new RuntimeError("invalid", `decision_id ${fault}`, {
      violations: [{ field: "decision_id", description: fault }],
    });
  }
}

/** Over the positions with start <= closedAt < end. */
async function performanceOf(
  { memory, repository, clock }: PerformanceDeskOptions,
  closings: Closings,
  strategyId: string,
  start: number | undefined,
  end: number | undefined,
): Promise<Performance> {
  const all = await closings.totals(strategyId);
  const isKnown = all.length > 0 || memory.open(strategyId) > 0 || (await repository.get([strategyId])).has(strategyId);
  if (!isKnown) {
    throw noSuchStrategy([strategyId]);
  }
  const inside =
    start === undefined && end === undefined
      ? all
      : await all.between(start ?? Number.NEGATIVE_INFINITY, end ?? Number.POSITIVE_INFINITY, new Pace(clock));
  return inside.performance(strategyId, memory.open(strategyId));
}
