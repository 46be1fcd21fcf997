import type { Evaluation } from "../domain/decision.ts";
import type { MarketData } from "../ports/market-data.ts";
import type { OneShotQuery, RefreshReport, RuntimeDesk, RuntimeStatus, SymbolStatus } from "./api.ts";
import { judgeDelays } from "./market/feed-delays.ts";
import type { MarketView } from "./market/market-view.ts";
import type { Universe } from "./market/universe.ts";
import type { PolicyKeeper } from "./policy/policy-keeper.ts";
import type { BarCloseSweeps } from "./runtime/bar-closes/bar-close-sweeps.ts";
import { type EvaluateOptions, evaluate } from "./runtime/calls/evaluate.ts";
import { type OneShotOptions, oneShot } from "./runtime/calls/one-shot.ts";
import type { Committer } from "./runtime/deciding/committer.ts";
import { evaluateExit } from "./runtime/exits/evaluate-exit.ts";
import type { OpenPositions } from "./runtime/exits/open-positions.ts";
import { JournalReader, type JournalReaderOptions } from "./runtime/follow/journal-reader.ts";
import type { StrategyLoader } from "./strategies/strategy-loader.ts";

export interface RuntimeDeskOptions
  extends Omit<OneShotOptions, "context">,
    Omit<EvaluateOptions, "failed" | "context">,
    Pick<JournalReaderOptions, "catchUps" | "clock" | "log"> {
  readonly context: OneShotOptions["context"];
  readonly committer: Pick<Committer, "fault">;
  readonly sweeps: BarCloseSweeps;
  readonly universe: Universe;
  readonly view: MarketView;
  readonly policy: PolicyKeeper;
  readonly loader: StrategyLoader;
  readonly market: Pick<MarketData, "delays">;
  /** R7. */
  readonly barGraceMs: number;
  readonly streamQueue: number;
  readonly startedAt: () => number;
  readonly exits: OpenPositions;
}

/** StrategyRuntimeService's side of the engine. */
export function runtimeDesk(options: RuntimeDeskOptions): RuntimeDesk {
  const { journal, log, catchUps, clock, universe, dependencies, streamQueue: queueLimit } = options;
  const reader = new JournalReader({
    journal,
    log,
    catchUps,
    clock,
    tracer: dependencies.tracer,
    queueLimit,
    universe: universe.configured,
    hold: (symbols) => universe.hold(symbols),
    onWithheld: () => dependencies.observer.observe({ kind: "withheld" }),
  });
  const evaluateOptions: EvaluateOptions = {
    ...options,
    failed: (strategyId, symbol, error) =>
      dependencies.observer.observe({ kind: "evaluation_failed", strategyId, symbol, error }),
  };
  return {
    evaluate: (query, caller): Promise<Evaluation> => evaluate(evaluateOptions, query, caller),
    evaluateExit: async (positionId) => {
      const { regime } = await options.context(undefined);
      return await evaluateExit(options.exits, positionId, options.access.now(), regime);
    },
    generate: (query: OneShotQuery, signal) => oneShot(options, query, signal),
    follow: (query, signal) => reader.follow(query, signal),
    refresh: () => refresh(options),
    decisions: (query) => reader.decisions(query),
    status: () => statusOf(options, reader),
  };
}

async function refresh({ book, loader, policy, clock }: RuntimeDeskOptions): Promise<RefreshReport> {
  const [, snapshot] = await Promise.all([loader.refresh(), policy.read()]);
  const loaded = snapshot.allowedStrategies.filter((strategyId) => book.get(strategyId) !== undefined).length;
  return {
    liveStrategies: book.count("LIVE"),
    shadowStrategies: book.count("SHADOW"),
    notAllowedStrategies: snapshot.allowedStrategies.length === 0 ? 0 : book.size - loaded,
    rejectedStrategies: book.rejected,
    policy: snapshot,
    refreshedAt: loader.refreshedAt ?? clock.now(),
  };
}

function statusOf(options: RuntimeDeskOptions, { openStreams, longestQueue }: JournalReader): RuntimeStatus {
  const { book, loader, policy, sweeps, view, startedAt, market, barGraceMs, exits, committer } = options;
  const unguardedPositions = exits.unguarded(committer.fault);
  const delays = judgeDelays(market.delays?.() ?? [], book.required, barGraceMs);
  const series = view.status();
  const whyNot = [...reasonsAgainst(options, series), ...delays.whyNot];
  return {
    startedAt: startedAt(),
    ready: whyNot.length === 0,
    whyNot,
    ...(delays.notes.length > 0 && { notes: delays.notes }),
    liveStrategies: book.count("LIVE"),
    shadowStrategies: book.count("SHADOW"),
    ...(loader.refreshedAt !== undefined && { refreshedAt: loader.refreshedAt }),
    ...(policy.snapshot !== undefined && { policy: policy.snapshot }),
    symbols: delays.mark(series),
    ...(sweeps.last !== undefined && { lastSweep: sweeps.last }),
    openStreams,
    longestQueue,
    ...(unguardedPositions.length > 0 && { unguardedPositions }),
    rejectedStrategies: book.rejected,
  };
}

/** What is in the way of a decision right now; empty where nothing is. */
function reasonsAgainst(
  { book, committer, loader, policy, view }: RuntimeDeskOptions,
  series: readonly SymbolStatus[],
): string[] {
  const reasons: string[] = [];
  const inForce = policy.inForce();
  if (inForce.policy === undefined) {
    reasons.push(`policy: ${inForce.fault}`);
  } else if (inForce.policy.halted) {
    reasons.push(`policy: trading is halted: ${inForce.policy.haltReason || "no reason given"}`);
  }
  if (loader.refreshedAt === undefined) {
    reasons.push(`strategies: ${loader.fault}`);
  }
  if (committer.fault !== undefined) {
    reasons.push(`journal: ${committer.fault}`);
  }
  if (view.fault !== undefined) {
    reasons.push(`market data: ${view.fault}`);
  }
  const [first] = series;
  if (book.size > 0 && first !== undefined && series.every(({ whyNot }) => whyNot !== undefined)) {
    reasons.push(`market data: no symbol can be used; ${first.symbol} ${first.timeframe}: ${first.whyNot}`);
  }
  return reasons;
}
