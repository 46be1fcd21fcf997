import { type Timestamp, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { TradeDecision } from "../gen/strategyruntime/v1/decision_pb.ts";
import type { Position } from "../gen/strategyruntime/v1/performance_pb.ts";
import { Side } from "../gen/strategyruntime/v1/strategy_pb.ts";
import type { Bar } from "../src/domain/bar.ts";
import { isTimeframe, timeframeMs } from "../src/domain/timeframe.ts";
import type { MarketData } from "../src/ports/market-data.ts";
import type { RuntimeClient } from "./client.ts";

const BAR_MS = timeframeMs("1m");
/** A position that reached neither level is closed after this many bars of its strategy. */
const LONGEST_HOLD_BARS = 12;
/** Of the size, for each of both legs. */
const FEE = 0.0004;

type Exit = "stop" | "target" | "time";

export interface PaperClose {
  readonly position: Position;
  readonly exit: Exit;
}

/**
 * The executor's side of the bridge without a venue: it fills at the decision's price, and closes
 * on the bars that follow.
 */
export class PaperExecutor {
  readonly #client: RuntimeClient;
  readonly #market: MarketData;
  readonly #open = new Map<string, TradeDecision>();

  constructor(client: RuntimeClient, market: MarketData) {
    this.#client = client;
    this.#market = market;
  }

  /**
   * Acts on an id once, never on a SHADOW decision, never on one that is no longer valid: that one
   * is reported as rejected.
   */
  async take(decision: TradeDecision): Promise<void> {
    const { decisionId, shadow, validUntil } = decision;
    if (shadow || this.#open.has(decisionId)) {
      return;
    }
    if (msOf(validUntil) <= this.#market.now()) {
      await this.#client.performance.reportDecisionRejected({ decisionId, reason: "came too late to act on" });
      return;
    }
    await this.#client.performance.reportPositionOpened({
      position: {
        positionId: `paper-${decisionId}`,
        strategyId: decision.strategyId,
        symbol: decision.symbol,
        side: decision.side,
        decisionId,
        sizeUsd: decision.sizeUsd,
        entryPrice: decision.entryPrice ?? Number.NaN,
        ...(decision.timestamp && { openedAt: decision.timestamp }),
      },
    });
    this.#open.set(decisionId, decision);
  }

  /** Watches the market and closes what has to be closed, until the signal aborts. */
  async *closings(symbols: readonly string[], signal: AbortSignal): AsyncGenerator<PaperClose> {
    const series = symbols.map((symbol) => ({ symbol, timeframe: "1m" as const }));
    for await (const event of this.#market.subscribe(series, signal)) {
      if (event.kind !== "bar") {
        continue;
      }
      for (const decision of [...this.#open.values()].filter(({ symbol }) => symbol === event.symbol)) {
        const exit = exitOf(decision, event.bar);
        if (exit !== undefined) {
          this.#open.delete(decision.decisionId);
          yield { position: await this.#report(decision, exit.price, event.bar), exit: exit.why };
        }
      }
    }
  }

  async #report(decision: TradeDecision, exitPrice: number, bar: Bar): Promise<Position> {
    const { position } = await this.#client.performance.reportPositionClosed({
      position: {
        positionId: `paper-${decision.decisionId}`,
        exitPrice,
        closedAt: timestampFromMs(bar.openTime + BAR_MS),
        feesUsd: 2 * FEE * decision.sizeUsd,
      },
    });
    if (position === undefined) {
      throw new Error(`the report on ${decision.decisionId} was answered without its position`);
    }
    return position;
  }
}

/** Where a bar reaches both levels, which came first is unknown: the stop is assumed. */
function exitOf(decision: TradeDecision, bar: Bar): { readonly why: Exit; readonly price: number } | undefined {
  const { side, stopLoss = Number.NaN, takeProfit = Number.NaN } = decision;
  const opened = msOf(decision.barCloseTime);
  if (bar.openTime < opened) {
    return undefined;
  }
  const isLong = side === Side.LONG;
  if (isLong ? bar.low <= stopLoss : bar.high >= stopLoss) {
    return { why: "stop", price: stopLoss };
  }
  if (isLong ? bar.high >= takeProfit : bar.low <= takeProfit) {
    return { why: "target", price: takeProfit };
  }
  const held = bar.openTime + BAR_MS - opened;
  const timeframe = isTimeframe(decision.timeframe) ? timeframeMs(decision.timeframe) : BAR_MS;
  return held >= LONGEST_HOLD_BARS * timeframe ? { why: "time", price: bar.close } : undefined;
}

function msOf(time: Timestamp | undefined): number {
  return time === undefined ? Number.NaN : timestampMs(time);
}
