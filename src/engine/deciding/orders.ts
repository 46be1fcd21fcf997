import { orderGate, type PolicyInForce, type Refusal, tradingGate } from "../judging/policy-gates.ts";
import { expired } from "../market/live-reading.ts";
import type { CompiledStrategy } from "../strategies/compile.ts";
import type { StrategyBook } from "../strategies/strategy-book.ts";
import type { Candidate } from "./decide.ts";

/** Why what was judged a moment ago must not be decided any more, where that is so. */
export type Orders = (candidate: Candidate) => Refusal | undefined;

/**
 * The orders at the moment of the call, for what is gated in that moment. Judging takes its time, and a write before this one may take seconds:
 * whoever halts trading or switches a strategy off must not see a decision come out after the answer.
 */
export function ordersNow(
  book: Pick<StrategyBook, "get">,
  inForce: () => PolicyInForce,
  marketNow: () => number,
): Orders {
  const policy = inForce();
  const now = marketNow();
  return (candidate) => {
    const { compiled } = candidate.judgement;
    return (
      tradingGate(policy) ?? statusGate(book, compiled) ?? orderGate(compiled, policy) ?? expiryGate(candidate, now)
    );
  };
}

/** R7: no decision is born expired, however long the write before it took. */
function expiryGate({ barCloseTime, timeframe }: Candidate, now: number): Refusal | undefined {
  const because = expired(barCloseTime, timeframe, now);
  return because === undefined ? undefined : { outcome: "MARKET_DATA_UNAVAILABLE", because };
}

function statusGate(book: Pick<StrategyBook, "get">, { strategy }: CompiledStrategy): Refusal | undefined {
  const now = book.get(strategy.strategyId)?.strategy.status;
  if (now === strategy.status) {
    return undefined;
  }
  const because = `it was ${strategy.status} when it was judged, and is ${now ?? "switched off"} by now`;
  return { outcome: "NOT_ACTIVE", because };
}
