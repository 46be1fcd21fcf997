import { type Timestamp, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { Action, ExitReason, type TradeDecision } from "../gen/strategyruntime/v1/decision_pb.ts";
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

type Exit = "stop" | "target" | "time" | "runtime";

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
   * is reported as rejected. Answers with the closing that a CLOSE has led to.
   */
  async take(decision: TradeDecision): Promise<PaperClose | undefined> {
    switch (decision.action) {
      case Action.CLOSE:
        return await this.#leave(decision);
      case Action.ADJUST:
        this.#adjust(decision);
        return undefined;
      default:
        await this.#enter(decision);
        return undefined;
    }
  }

  /** It comes again at each close until the runtime knows that the position is closed. */
  async #leave({ positionId, exitReason }: TradeDecision): Promise<PaperClose | undefined> {
    const held = this.#held(positionId);
    if (held === undefined) {
      return undefined;
    }
    this.#open.delete(held.decisionId);
    const { price } = await this.#market.price(held.symbol);
    const closing = { price, closedAt: this.#market.now(), exitReason };
    return { position: await this.#report(held, closing), exit: "runtime" };
  }

  #adjust({ positionId, stopLoss, takeProfit }: TradeDecision): void {
    const held = this.#held(positionId);
    if (held !== undefined) {
      const levels = { ...(stopLoss !== undefined && { stopLoss }), ...(takeProfit !== undefined && { takeProfit }) };
      this.#open.set(held.decisionId, { ...held, ...levels });
    }
  }

  #held(positionId: string): TradeDecision | undefined {
    return [...this.#open.values()].find(({ decisionId }) => positionIdOf(decisionId) === positionId);
  }

  async #enter(decision: TradeDecision): Promise<void> {
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
        positionId: positionIdOf(decisionId),
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
          const closing = { price: exit.price, closedAt: event.bar.openTime + BAR_MS, exitReason: REASONS[exit.why] };
          yield { position: await this.#report(decision, closing), exit: exit.why };
        }
      }
    }
  }

  async #report(decision: TradeDecision, { price, closedAt, exitReason }: Closing): Promise<Position> {
    const { position } = await this.#client.performance.reportPositionClosed({
      position: {
        positionId: positionIdOf(decision.decisionId),
        exitPrice: price,
        closedAt: timestampFromMs(closedAt),
        exitReason,
        feesUsd: 2 * FEE * decision.sizeUsd,
      },
    });
    if (position === undefined) {
      throw new Error(`the report on ${decision.decisionId} was answered without its position`);
    }
    return position;
  }
}

interface Closing {
  readonly price: number;
  readonly closedAt: number;
  readonly exitReason: ExitReason;
}

const REASONS = { stop: ExitReason.STOP, target: ExitReason.TARGET, time: ExitReason.TIME };

function positionIdOf(decisionId: string): string {
  return `paper-${decisionId}`;
}

/** Where a bar reaches both levels, which came first is unknown: the stop is assumed. */
function exitOf(
  decision: TradeDecision,
  bar: Bar,
): { readonly why: keyof typeof REASONS; readonly price: number } | undefined {
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
