import { expired } from "../../rules/conditions/expiry.ts";
import type { PolicyInForce } from "../../rules/gates/gate.ts";
import type { Refusal } from "../../rules/gates/refusal.ts";
import type { Candidate } from "../../rules/judging/candidate.ts";
import type { StrategyBook } from "../../strategies/strategy-book.ts";

/**
 * Asked once more at the commit: judging takes its time, and a write before this one may take
 * seconds.
 */
export interface StillInForce {
  /**
   * Whether the candidates must be judged again: another policy, or another version of a strategy,
   * is in force than those that they were judged under.
   */
  areReplaced(candidates: readonly Candidate[]): boolean;
  /**
   * Why nothing must become of the candidate: it was replaced, or it has expired (R7: no decision
   * is born expired, however long the write before it took).
   */
  refuse(candidate: Candidate): Refusal | undefined;
}

/** Where nothing can change between judging and deciding. */
export const ALL_IN_FORCE: StillInForce = { areReplaced: () => false, refuse: () => undefined };

/** Compares with what is in force at the moment of this call. */
export function stillInForce(
  book: Pick<StrategyBook, "get">,
  { policy }: PolicyInForce,
  marketNow: number,
): StillInForce {
  const replaced = (candidate: Candidate): Refusal | undefined => {
    if (candidate.policy !== policy) {
      return { outcome: "POLICY_UNAVAILABLE", because: "the policy changed while this was judged" };
    }
    return isCurrent(book, candidate)
      ? undefined
      : { outcome: "NOT_ACTIVE", because: `strategy ${candidate.strategyId} was replaced while it was judged` };
  };
  return {
    areReplaced: (candidates) => candidates.some((candidate) => replaced(candidate) !== undefined),
    refuse(candidate) {
      const because = expired(candidate.barCloseTime, candidate.timeframe, marketNow);
      const late: Refusal | undefined =
        because === undefined ? undefined : { outcome: "MARKET_DATA_UNAVAILABLE", because };
      return replaced(candidate) ?? late;
    },
  };
}

function isCurrent(book: Pick<StrategyBook, "get">, { judgement }: Candidate): boolean {
  const judged = judgement.compiled.strategy;
  const now = book.get(judged.strategyId)?.strategy;
  return now?.version === judged.version && now.status === judged.status && now.updatedAt === judged.updatedAt;
}
