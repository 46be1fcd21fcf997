import { setTimeout as wait } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs, timestampNow } from "@bufbuild/protobuf/wkt";
import { connect, type RuntimeClient } from "../../examples/client.ts";
import { RiskMode } from "../../gen/strategyruntime/v1/policy_pb.ts";
import { Side, type StrategyConfigSchema, StrategyStatus } from "../../gen/strategyruntime/v1/strategy_pb.ts";

const SAVE_MS = 1_000;
const ORDER_MS = 5_000;
const READERS = 5;
/** How long a reader stays before it leaves and another comes. */
const READER_MS = 10_000;
const OPERANDS = [8, 10, 12, 14, 16] as const;

/**
 * Callers of all kinds, at work on one service until they are stopped: what fails is counted and
 * goes on.
 */
export class SoakLoad {
  readonly #client: RuntimeClient;
  readonly #symbols: readonly string[];
  readonly #stop = new AbortController();
  readonly #counts = { saves: 0, orders: 0, opened: 0, closed: 0, readers: 0, decisions: 0, failures: 0 };
  readonly #work: Promise<void>[] = [];
  #lastFailure = "";

  constructor(address: string, symbols: readonly string[]) {
    this.#client = connect(address);
    this.#symbols = symbols;
  }

  /** The strategy of a number, whose threshold depends on the moment where `moment` is given. */
  static strategy(number: number, status: StrategyStatus, moment = 0): MessageInitShape<typeof StrategyConfigSchema> {
    const value = OPERANDS[(number + moment) % OPERANDS.length] ?? 12;
    return {
      strategyId: `soak-${number}`,
      name: `Soak ${number}`,
      status,
      entryIndicators: [{ name: `RSI_${7 + (number % 14)}`, operator: "<", operand: { case: "value", value } }],
      baseSizeUsd: 500,
      stopLossPct: 0.02,
      takeProfitPct: 0.04,
      side: Side.LONG,
      timeframe: ["5m", "15m", "1h"][number % 3] ?? "5m",
      minConfidence: 0,
      maxPositions: 5,
    };
  }

  start(): void {
    this.#work.push(this.#repeat(SAVE_MS, () => this.#save()));
    this.#work.push(this.#repeat(ORDER_MS, () => this.#order()));
    this.#work.push(this.#repeat(0, () => this.#execute()));
    for (let i = 0; i < READERS; i++) {
      this.#work.push(this.#repeat(0, () => this.#read(i)));
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#work);
    this.#client.close();
  }

  text(): string {
    const counts = Object.entries(this.#counts).map(([name, count]) => `${name} ${count}`);
    return [...counts, ...(this.#lastFailure ? [`last failure: ${this.#lastFailure}`] : [])].join(", ");
  }

  async #repeat(ms: number, task: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await task();
      } catch (error) {
        if (!signal.aborted) {
          this.#counts.failures++;
          this.#lastFailure = error instanceof Error ? error.message : String(error);
          await wait(1_000);
        }
      }
      await wait(ms, undefined, { signal }).catch(() => undefined);
    }
  }

  async #save(): Promise<void> {
    const number = this.#counts.saves % 1_000;
    const status = number % 10 === 0 ? StrategyStatus.SHADOW : StrategyStatus.LIVE;
    const strategy = SoakLoad.strategy(number, status, Math.floor(this.#counts.saves / 1_000) + 1);
    await this.#client.strategies.saveStrategy({ strategy });
    this.#counts.saves++;
  }

  async #order(): Promise<void> {
    const turn = this.#counts.orders++;
    if (turn % 10 === 0) {
      await this.#client.policy.setTradingHalt({ halted: true, reason: "soak" });
      await this.#client.policy.setTradingHalt({ halted: false });
      return;
    }
    await this.#client.policy.setRiskMode({ riskMode: turn % 2 === 0 ? RiskMode.DEFENSIVE : RiskMode.NORMAL });
  }

  /** An executor: opens a position for every decision, and closes it soon after. */
  async #execute(): Promise<void> {
    const { runtime, performance } = this.#client;
    const left = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(60 * READER_MS)]);
    for await (const { decisions } of runtime.generateSignals({ follow: true }, left)) {
      for (const { decisionId, strategyId, symbol, side, sizeUsd, entryPrice = 1 } of decisions) {
        this.#counts.decisions++;
        const positionId = `soak-${decisionId}`;
        const openedAt = timestampNow();
        const position = { positionId, decisionId, strategyId, symbol, side, sizeUsd, entryPrice, openedAt };
        await performance.reportPositionOpened({ position });
        this.#counts.opened++;
        const exitPrice = entryPrice * 1.01;
        const closedAt = timestampFromMs(Date.now() + 1);
        await performance.reportPositionClosed({ position: { positionId, exitPrice, closedAt } });
        this.#counts.closed++;
      }
    }
  }

  /** A reader that comes, reads from the start or from now on, and leaves. */
  async #read(number: number): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(READER_MS)]);
    this.#counts.readers++;
    const symbols = number % 2 === 0 ? [] : [this.#symbols[number] ?? ""];
    const request = { follow: true, symbols, resumeToken: number === 4 ? "start" : "", includeShadow: true };
    try {
      for await (const _ of this.#client.runtime.generateSignals(request, signal)) {
        // What is read says nothing here.
      }
    } catch (error) {
      if (!signal.aborted) {
        throw error;
      }
    }
  }
}
