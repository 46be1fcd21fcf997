import type { Evaluation } from "../domain/decision.ts";
import type { MarketData } from "../ports/market-data.ts";
import type {
  FollowQuery,
  OneShotQuery,
  RefreshReport,
  RuntimeDesk,
  RuntimeStatus,
  SignalBatch,
  SymbolStatus,
} from "./api.ts";
import { judgeDelays } from "./market/feed-delays.ts";
import type { MarketView } from "./market/market-view.ts";
import type { Universe } from "./market/universe.ts";
import type { PolicyKeeper } from "./policy/policy-keeper.ts";
import type { BarCloseSweeps } from "./runtime/bar-closes/bar-close-sweeps.ts";
import { type EvaluateOptions, evaluate } from "./runtime/calls/evaluate.ts";
import { type OneShotOptions, oneShot } from "./runtime/calls/one-shot.ts";
import { type FollowOptions, follow } from "./runtime/follow/follow.ts";
import type { StrategyLoader } from "./strategies/strategy-loader.ts";

/** Of calls that are not called back. */
const NEVER = new AbortController().signal;

export interface RuntimeDeskOptions
  extends Omit<OneShotOptions, "context">,
    Omit<EvaluateOptions, "failed" | "context">,
    Required<Pick<FollowOptions, "published" | "clock" | "identity" | "catchUps">> {
  readonly context: OneShotOptions["context"];
  readonly sweeps: BarCloseSweeps;
  readonly universe: Universe;
  readonly view: MarketView;
  readonly policy: PolicyKeeper;
  readonly loader: StrategyLoader;
  readonly refresh: () => Promise<RefreshReport>;
  readonly market: Pick<MarketData, "delays">;
  /** R7. */
  readonly barGraceMs: number;
  readonly streamQueue: number;
  readonly startedAt: number;
}

/** StrategyRuntimeService's side of the engine. */
export function runtimeDesk(options: RuntimeDeskOptions): RuntimeDesk {
  const { journal, committer, sweeps, universe, dependencies, catchUps } = options;
  let openStreams = 0;
  const queues = new Set<{ readonly depth: number }>();

  const evaluateOptions: EvaluateOptions = {
    ...options,
    failed: (strategyId, symbol, error) =>
      dependencies.observer.observe({ kind: "evaluation_failed", strategyId, symbol, error }),
  };

  async function* followed(query: FollowQuery, signal: AbortSignal): AsyncGenerator<SignalBatch> {
    openStreams++;
    try {
      const { clock, published, streamQueue: queueLimit } = options;
      const last = () => committer.last;
      const watermark = () => sweeps.watermark;
      const { tracer } = dependencies;
      const { identity } = options;
      const hold = universe.hold.bind(universe);
      const symbols = { universe: universe.configured, hold };
      const sources = { journal, published, identity, last, watermark, catchUps, ...symbols };
      yield* follow({ ...sources, clock, tracer, queueLimit, queues }, query, signal);
    } finally {
      openStreams--;
    }
  }

  return {
    evaluate: (query): Promise<Evaluation> => evaluate(evaluateOptions, query),
    generate: (query: OneShotQuery, signal) => oneShot(options, query, signal),
    follow: followed,
    refresh: options.refresh,
    decisions: async ({ strategyIds, symbols, ...query }) => {
      const lists = { ...(strategyIds.length > 0 && { strategyIds }), ...(symbols.length > 0 && { symbols }) };
      return (await catchUps.run(query.limit, NEVER, () => journal.read({ ...query, ...lists }))) ?? [];
    },
    status: () => statusOf(options, openStreams, Math.max(0, ...[...queues].map(({ depth }) => depth))),
  };
}

function statusOf(options: RuntimeDeskOptions, openStreams: number, longestQueue: number): RuntimeStatus {
  const { book, loader, policy, sweeps, view, startedAt, market, barGraceMs } = options;
  const delays = judgeDelays(market.delays?.() ?? [], book.required, barGraceMs);
  const series = view.status();
  const whyNot = [...reasonsAgainst(options, series), ...delays.whyNot];
  return {
    startedAt,
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
