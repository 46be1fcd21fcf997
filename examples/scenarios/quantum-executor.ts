// The event-driven executor of the integration guide, with the runtime plugged in: `runCycle` is
// its cycle, step by step.
import type { TradeDecision } from "../../gen/strategyruntime/v1/decision_pb.ts";
import type { RuntimeClient } from "../client.ts";
import type { Orchestrator, PortfolioBalancer, Refusal, RiskGuard, SafetyGovernor } from "./pipeline-gates.ts";

export interface ExecutorParts {
  readonly strategyRuntime: RuntimeClient;
  readonly regimeDetector: { getCurrentRegime(): string };
  readonly opportunityRanker: { getTopSymbols(limit: number): readonly string[] };
  readonly getAiPredictions: (symbols: readonly string[]) => Promise<readonly TradeDecision[]>;
  readonly orchestrator: Orchestrator;
  readonly riskGuard: RiskGuard;
  readonly portfolioBalancer: PortfolioBalancer;
  readonly safetyGovernor: SafetyGovernor;
}

/**
 * What became of one decision: the gate that refused it and why, or nothing where a position was
 * opened.
 */
export interface Processed {
  readonly decision: TradeDecision;
  readonly refusedBy?: string;
  readonly reason?: string;
}

export class QuantumExecutor {
  readonly #parts: ExecutorParts;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  async runCycle(): Promise<readonly Processed[]> {
    const { regimeDetector, opportunityRanker, getAiPredictions } = this.#parts;
    // 1. The current regime, 2. the top symbols.
    const currentRegime = regimeDetector.getCurrentRegime();
    const symbols = opportunityRanker.getTopSymbols(10);
    // 3. Signals from strategies, 4. predictions of AI models, 5. all of them.
    const strategyDecisions = await this.#generateSignals(symbols, currentRegime);
    const aiDecisions = await getAiPredictions(symbols);
    const processed: Processed[] = [];
    // 6. Through the pipeline, most confident first: strategies' decisions come in that order.
    for (const decision of [...strategyDecisions, ...aiDecisions]) {
      processed.push(await this.#process(decision));
    }
    return processed;
  }

  async #generateSignals(symbols: readonly string[], currentRegime: string): Promise<readonly TradeDecision[]> {
    const decisions: TradeDecision[] = [];
    const request = { symbols: [...symbols], currentRegime };
    for await (const message of this.#parts.strategyRuntime.runtime.generateSignals(request)) {
      decisions.push(...message.decisions);
    }
    return decisions;
  }

  async #process(decision: TradeDecision): Promise<Processed> {
    const { orchestrator, riskGuard, portfolioBalancer, safetyGovernor } = this.#parts;
    const gates: readonly (readonly [string, () => Refusal])[] = [
      ["Orchestrator", () => orchestrator.isTradeAllowed(decision)],
      ["RiskGuard", () => riskGuard.validate(decision)],
      ["PortfolioBalancer", () => portfolioBalancer.canAddPosition(decision)],
      ["SafetyGovernor", () => safetyGovernor.isSafeToTrade()],
    ];
    for (const [gate, ask] of gates) {
      const reason = ask();
      if (reason !== undefined) {
        await this.#reject(decision, `${gate}: ${reason}`);
        return { decision, refusedBy: gate, reason };
      }
    }
    await this.#placeTrade(decision);
    return { decision };
  }

  /**
   * Frees the place that the decision holds under its strategy's max_positions. The runtime knows
   * nothing of AI decisions.
   */
  async #reject({ decisionId, shadow }: TradeDecision, reason: string): Promise<void> {
    if (decisionId !== "" && !shadow) {
      await this.#parts.strategyRuntime.performance.reportDecisionRejected({ decisionId, reason });
    }
  }

  /** A venue would fill here. The position is tracked with its strategy, from opening on. */
  async #placeTrade(decision: TradeDecision): Promise<void> {
    const { strategyRuntime, portfolioBalancer, safetyGovernor } = this.#parts;
    const { decisionId, strategyId, symbol, side, sizeUsd, entryPrice = Number.NaN, timestamp } = decision;
    portfolioBalancer.added(symbol);
    safetyGovernor.traded();
    if (decisionId !== "") {
      const position = { positionId: `q-${decisionId}`, decisionId, strategyId, symbol, side, sizeUsd, entryPrice };
      await strategyRuntime.performance.reportPositionOpened({
        position: { ...position, ...(timestamp && { openedAt: timestamp }) },
      });
    }
  }
}
