// The execution pipeline around the runtime, as stubs: each gate is as small as it can be and still
// refuse something. In a real system they stand where these stand; the runtime knows none of them.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { TradeDecision } from "../../gen/strategyruntime/v1/decision_pb.ts";

/** Why a decision goes no further; undefined where it may. */
export type Refusal = string | undefined;

/** Whether the decision may be looked at at all. */
export class Orchestrator {
  readonly #marketNow: () => number;
  readonly #suspended: ReadonlySet<string>;

  constructor(marketNow: () => number, suspended: readonly string[]) {
    this.#marketNow = marketNow;
    this.#suspended = new Set(suspended);
  }

  isTradeAllowed({ symbol, shadow, validUntil }: TradeDecision): Refusal {
    if (shadow) {
      return "SHADOW decisions are recorded, never executed";
    }
    if (validUntil !== undefined && timestampMs(validUntil) <= this.#marketNow()) {
      return "the decision has expired";
    }
    return this.#suspended.has(symbol) ? `${symbol} is suspended` : undefined;
  }
}

/** Whether one trade risks too much: its loss at the stop, in USD. */
export class RiskGuard {
  readonly #mostLossUsd: number;

  constructor(mostLossUsd: number) {
    this.#mostLossUsd = mostLossUsd;
  }

  validate({ sizeUsd, entryPrice, stopLoss }: TradeDecision): Refusal {
    if (entryPrice === undefined || stopLoss === undefined) {
      return "it has no stop loss";
    }
    const loss = (sizeUsd * Math.abs(entryPrice - stopLoss)) / entryPrice;
    return loss > this.#mostLossUsd
      ? `it would lose ${loss.toFixed(2)} USD at its stop, at most ${this.#mostLossUsd} are allowed`
      : undefined;
  }
}

/** Whether the portfolio has room: one position a symbol. */
export class PortfolioBalancer {
  readonly #held = new Set<string>();

  canAddPosition({ symbol }: TradeDecision): Refusal {
    return this.#held.has(symbol) ? `a position in ${symbol} is held already` : undefined;
  }

  added(symbol: string): void {
    this.#held.add(symbol);
  }
}

/** The last word: how many trades a cycle may make. */
export class SafetyGovernor {
  readonly #mostTrades: number;
  #trades = 0;

  constructor(mostTrades: number) {
    this.#mostTrades = mostTrades;
  }

  isSafeToTrade(): Refusal {
    return this.#trades < this.#mostTrades ? undefined : `${this.#mostTrades} trades a cycle are the most`;
  }

  traded(): void {
    this.#trades++;
  }
}
