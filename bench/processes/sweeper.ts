import { DEFAULT_POLICY } from "../../src/domain/policy.ts";
import { Pace } from "../../src/engine/concurrency/pace.ts";
import type { JudgeContext } from "../../src/engine/rules/judging/judge.ts";
import { StrategySet } from "../../src/engine/rules/sets/strategy-set.ts";
import { JudgingPass } from "../../src/engine/runtime/sweeps/judging-pass.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { answer } from "../harness/child.ts";
import { marketOf } from "../samples/market.ts";
import { rulesOf, valuesOf } from "../samples/rulebook.ts";
import { symbolsOf } from "../samples/strategies.ts";
import { watchTurns } from "./turns.ts";

/**
 * A whole sweep in a process of its own: strategies, their plan, the sets, and the explained
 * judging of what holds.
 */
export interface SweeperQuestion {
  readonly strategies: number;
  readonly symbols: number;
}

export interface SweeperAnswer {
  readonly ms: number;
  readonly longestTurnMs: number;
  /** The process's resident memory at its highest, MiB. */
  readonly peakMib: number;
  readonly evaluations: number;
  /** Pairs whose conditions hold. */
  readonly held: number;
}

/** No confidence reaches it, so what holds is judged to its end and no decision is made of it. */
const OUT_OF_REACH = 2;
const CONTEXT: JudgeContext = {
  inForce: { policy: { ...DEFAULT_POLICY, globalMinConfidence: OUT_OF_REACH }, allowed: new Set() },
  evaluators: [],
};

let kept: { readonly question: string; readonly set: StrategySet } | undefined;

function setOf({ strategies, symbols }: SweeperQuestion): StrategySet {
  const question = `${strategies} ${symbols}`;
  if (kept?.question !== question) {
    kept = { question, set: new StrategySet(rulesOf(strategies).map(({ compiled }) => compiled)) };
  }
  return kept.set;
}

answer<SweeperQuestion, SweeperAnswer>(async (question) => {
  const set = setOf(question);
  const markets = valuesOf(question.symbols).map((values, i) => marketOf(symbolsOf(question.symbols)[i] ?? "", values));
  const observer = { wantsSuppressions: false, observe() {} };
  const pass = new JudgingPass({ observer, dataSource: "bench" }, CONTEXT, new Pace(systemClock), false);
  const units = markets.map((market) => ({
    set,
    symbol: market.symbol,
    market: () => market,
    entryPrice: () => 100,
    timestamp: market.barClose ?? 0,
  }));
  const longest = watchTurns();
  const start = performance.now();
  await pass.judge(units);
  const ms = performance.now() - start;
  return {
    ms,
    longestTurnMs: longest(),
    peakMib: process.resourceUsage().maxRSS / 1_024,
    evaluations: [...pass.outcomes.values()].reduce((sum, count) => sum + count, pass.candidates.length),
    held: pass.outcomes.get("LOW_CONFIDENCE") ?? 0,
  };
});
