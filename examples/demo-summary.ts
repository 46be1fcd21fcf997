import type { StrategyPerformance } from "../gen/strategyruntime/v1/performance_pb.ts";
import type { SweepSummary } from "../gen/strategyruntime/v1/runtime_service_pb.ts";
import { type StrategyConfig, StrategyStatus } from "../gen/strategyruntime/v1/strategy_pb.ts";
import type { RuntimeClient } from "./client.ts";
import { percent, usd } from "./decision-text.ts";

/** Adds up what the stream said, and asks the service how the strategies did. */
export class DemoSummary {
  readonly #strategies: readonly StrategyConfig[];
  readonly #outcomes = new Map<string, bigint>();
  #evaluations = 0n;
  #decisions = 0;

  constructor(strategies: readonly StrategyConfig[]) {
    this.#strategies = strategies;
  }

  /** One message of the stream. */
  add(decisions: number, sweep: SweepSummary | undefined): void {
    this.#decisions += decisions;
    this.#evaluations += sweep?.evaluations ?? 0n;
    for (const [outcome, count] of Object.entries(sweep?.outcomes ?? {})) {
      this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0n) + count);
    }
  }

  async text(client: RuntimeClient): Promise<string> {
    const outcomes = [...this.#outcomes].sort(([, a], [, b]) => Number(b - a));
    const executed = this.#strategies.filter(({ status }) => status === StrategyStatus.LIVE);
    const rows = await Promise.all(
      executed.map(async ({ strategyId }) => {
        const { performance } = await client.performance.getStrategyPerformance({ strategyId });
        return performance ? [performanceRow(performance)] : [];
      }),
    );
    return [
      "",
      `${this.#decisions} decisions out of ${this.#evaluations.toLocaleString("en-US")} evaluations, by outcome:`,
      ...outcomes.map(([outcome, count]) => `  ${outcome.padEnd(24)}${count.toLocaleString("en-US").padStart(10)}`),
      "",
      "Paper trades by strategy, after fees of 0.04 % a side:",
      `  ${"strategy".padEnd(26)}${["closed", "wins", "losses", "pnl USD", "mean", "open"].map(cell).join("")}`,
      ...rows.flat(),
    ].join("\n");
  }
}

function performanceRow(performance: StrategyPerformance): string {
  const { strategyId, closedPositions, wins, losses, totalPnlUsd, meanPnlPct, openPositions } = performance;
  const mean = closedPositions === 0n ? "–" : percent(meanPnlPct, 2);
  const cells = [closedPositions, wins, losses, usd(totalPnlUsd), mean, openPositions];
  return `  ${strategyId.padEnd(26)}${cells.map(cell).join("")}`;
}

function cell(value: string | bigint): string {
  return String(value).padStart(10);
}
