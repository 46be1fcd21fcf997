import type { PolicyInForce } from "../gates/gate.ts";
import type { Refusal } from "../gates/refusal.ts";
import { expired } from "../market/live-reading.ts";
import type { StrategyBook } from "../strategies/strategy-book.ts";
import type { Candidate } from "./decide.ts";

/** What is asked once more at the commit: judging takes its time, and a write before this one may take seconds. */
export interface StillInForce {
  /**
   * Why the candidates must be judged again: another policy, or another version of a strategy, is in
   * force than those that they were judged under. The refusal is for who must not judge once more.
   */
  replaced(candidates: readonly Candidate[]): Refusal | undefined;
  /** R7: no decision is born expired, however long the write before it took. */
  expired(candidate: Candidate): Refusal | undefined;
}

/** Compares with what is in force at the moment of this call. */
export function stillInForce(
  book: Pick<StrategyBook, "get">,
  { policy }: PolicyInForce,
  marketNow: number,
): StillInForce {
  return {
    replaced(candidates) {
      if (candidates.some((candidate) => candidate.policy !== policy)) {
        return { outcome: "POLICY_UNAVAILABLE", because: "the policy changed each time that this was judged" };
      }
      const replaced = candidates.find((candidate) => !isCurrent(book, candidate));
      if (replaced === undefined) {
        return undefined;
      }
      const because = `strategy ${replaced.strategyId} was replaced each time that this was judged`;
      return { outcome: "NOT_ACTIVE", because };
    },
    expired({ barCloseTime, timeframe }) {
      const because = expired(barCloseTime, timeframe, marketNow);
      return because === undefined ? undefined : { outcome: "MARKET_DATA_UNAVAILABLE", because };
    },
  };
}

function isCurrent(book: Pick<StrategyBook, "get">, { judgement }: Candidate): boolean {
  const judged = judgement.compiled.strategy;
  const now = book.get(judged.strategyId)?.strategy;
  return now?.version === judged.version && now.status === judged.status && now.updatedAt === judged.updatedAt;
}
