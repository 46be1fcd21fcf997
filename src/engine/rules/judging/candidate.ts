import {
  compareCodePoints,
  type Decision,
  type DecisionKey,
  decisionId,
  type Opening,
} from "../../../domain/decision.ts";
import type { Policy } from "../../../domain/policy.ts";
import type { Side } from "../../../domain/strategy.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import { invalidLevels, pricesOf } from "../conditions/computed-levels.ts";
import { explainConditions, explainConfirmations } from "../conditions/explanation.ts";
import { formatNumber, formatPercent } from "../conditions/format.ts";
import { exitPlanOf } from "../exits/exit-plan.ts";
import { type Levels, levelsOf } from "../exits/levels.ts";
import type { Judgement } from "./judge.ts";
import { levelsFault, type Size, sizeOf } from "./sizing.ts";

/** All that decisions of a sweep have in common. */
export interface CandidateContext {
  readonly policy: Policy;
  readonly regime?: string | undefined;
  readonly dataSource: string;
  readonly maxPositionSizeUsd?: number | undefined;
}

/** When, and at what price, it is decided. */
export interface CandidateMoment {
  /** R24. */
  readonly entryPrice: number;
  /** R36, R50. */
  readonly timestamp: number;
  /**
   * In Evaluate: the market time that is judged, and after which no decision is seen (R31, R32,
   * R49).
   */
  readonly asOf?: number;
}

interface Priced extends Size {
  readonly levels: Levels;
  /** Why computed ones cannot be used. */
  readonly invalid: string | undefined;
}

export type CandidateKey = DecisionKey & Pick<Decision, "confidence" | "shadow">;

/**
 * What a judgement without refusal amounts to: a decision that the stateful gates have still to
 * pass. Most are stopped by a cooldown, so size, levels and the decision itself (R20 to R25, R34 to
 * R36) are worked out only once it is to be made.
 */
export class Candidate implements CandidateKey {
  readonly judgement: Judgement;
  readonly #context: CandidateContext;
  readonly #entryPrice: number;
  readonly #timestamp: number;
  readonly asOf: number | undefined;
  readonly symbol: string;
  readonly barCloseTime: number;
  readonly confidence: number;
  #priced: Priced | undefined = undefined;

  constructor(judgement: Judgement, context: CandidateContext, { entryPrice, timestamp, asOf }: CandidateMoment) {
    this.judgement = judgement;
    this.#context = context;
    this.#entryPrice = entryPrice;
    this.#timestamp = timestamp;
    this.asOf = asOf;
    this.symbol = judgement.market.symbol;
    this.barCloseTime = judgement.market.barClose ?? 0;
    this.confidence = judgement.confidence ?? 0;
  }

  /** The policy that the candidate was judged under. */
  get policy(): Policy {
    return this.#context.policy;
  }

  get strategyId(): string {
    return this.judgement.compiled.strategy.strategyId;
  }

  get strategyVersion(): number {
    return this.judgement.compiled.strategy.version;
  }

  get timeframe(): Timeframe {
    return this.judgement.compiled.strategy.timeframe;
  }

  get side(): Side {
    return this.judgement.compiled.strategy.side;
  }

  get shadow(): boolean {
    return this.judgement.compiled.strategy.status === "SHADOW";
  }

  get judgedAt(): number {
    return this.asOf ?? this.#timestamp;
  }

  get cooldownMs(): number {
    return this.judgement.compiled.strategy.cooldownMs;
  }

  get maxPositions(): number {
    return this.judgement.compiled.strategy.maxPositions;
  }

  /** R25: why it must not leave the process. It is FAILED for this after MAX_POSITIONS. */
  get fault(): string | undefined {
    const { sizeUsd, levels, invalid } = this.#price();
    const used = invalid === undefined ? levels : undefined;
    return levelsFault(this.judgement.compiled.strategy, sizeUsd, this.#entryPrice, used);
  }

  get invalidLevels(): string | undefined {
    return this.#price().invalid;
  }

  /**
   * The decision; its sequence is 0 in a dry run. `traceparent`: of the sweep that makes it, where
   * that is traced.
   */
  decide(sequence: number, traceparent?: string): Opening {
    const { judgement, symbol, barCloseTime } = this;
    const { strategy, timeframeMs } = judgement.compiled;
    const { policy, regime, dataSource } = this.#context;
    const { sizeUsd, cappedFrom, levels } = this.#price();
    const exitPlan = exitPlanOf(strategy, this.#entryPrice, barCloseTime);
    return {
      strategyId: strategy.strategyId,
      strategyVersion: strategy.version,
      symbol,
      timeframe: strategy.timeframe,
      barCloseTime,
      side: strategy.side,
      decisionId: decisionId(this),
      sequence,
      sizeUsd,
      confidence: this.confidence,
      strength: judgement.strength ?? 0,
      requiredConfidence: judgement.requiredConfidence,
      entryPrice: this.#entryPrice,
      ...levels,
      timestamp: this.#timestamp,
      reasoning: reasoningOf(judgement),
      metadata: metadataOf(judgement, cappedFrom, traceparent),
      validUntil: barCloseTime + timeframeMs,
      conditions: judgement.conditions,
      riskMode: policy.riskMode,
      shadow: this.shadow,
      dataSource,
      regime,
      ...(exitPlan && { exitPlan }),
      ...(judgement.tags.length > 0 && { tags: judgement.tags }),
    };
  }

  #price(): Priced {
    if (this.#priced === undefined) {
      const { strategy } = this.judgement.compiled;
      const { policy, maxPositionSizeUsd } = this.#context;
      const { sizeUsd, cappedFrom } = sizeOf(strategy, this.confidence, policy.riskMode, maxPositionSizeUsd);
      const read = this.judgement.levels ?? {};
      this.#priced = {
        sizeUsd,
        cappedFrom,
        levels: levelsOf(strategy, this.#entryPrice, pricesOf(read)),
        invalid: invalidLevels(strategy.side, this.#entryPrice, read),
      };
    }
    return this.#priced;
  }
}

function reasoningOf({
  compiled,
  market,
  conditions,
  confirmations,
  strength,
  confidence,
  requiredConfidence,
}: Judgement): string {
  const confirmed = confirmations === undefined ? "" : explainConfirmations(confirmations);
  const observed = `${compiled.strategy.side} ${market.symbol}: ${explainConditions(compiled, conditions)}`;
  const judged = `strength ${formatPercent(strength ?? 0)}; confidence ${formatNumber(confidence ?? 0)} of ${formatNumber(requiredConfidence)} required`;
  return confirmed === "" ? `${observed}; ${judged}` : `${observed}; ${confirmed}; ${judged}`;
}

/**
 * Labels, then what evaluators added, then what the engine has to say; keys in code-point order
 * (R41).
 */
function metadataOf(
  judgement: Judgement,
  cappedFrom: number | undefined,
  traceparent: string | undefined,
): Readonly<Record<string, string>> {
  const { labels } = judgement.compiled.strategy;
  if (cappedFrom === undefined && traceparent === undefined && isEmpty(judgement.metadata) && isEmpty(labels)) {
    return labels;
  }
  const merged: [string, string][] = [
    ...Object.entries(labels),
    ...Object.entries(judgement.metadata),
    ...(cappedFrom === undefined ? [] : [["size_capped_from", String(cappedFrom)] as [string, string]]),
    ...(traceparent === undefined ? [] : [["traceparent", traceparent] as [string, string]]),
  ];
  return Object.fromEntries([...new Map(merged)].sort(([a], [b]) => compareCodePoints(a, b)));
}

function isEmpty(map: Readonly<Record<string, string>>): boolean {
  for (const _ in map) {
    return false;
  }
  return true;
}
