import type { Decision } from "../../domain/decision.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Observer } from "../../ports/observer.ts";
import type { StrategyRepository } from "../../ports/strategy-repository.ts";

const WAIT_MS = 1_000;

/** Notes last executions in batches, off the hot path. */
export class LastExecutions {
  readonly #repository: StrategyRepository;
  readonly #clock: Clock;
  readonly #observer: Observer;
  #pending = new Map<string, number>();
  #cancel: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(repository: StrategyRepository, clock: Clock, observer: Observer) {
    this.#repository = repository;
    this.#clock = clock;
    this.#observer = observer;
  }

  note(decisions: readonly Decision[]): void {
    for (const { strategyId, timestamp } of decisions) {
      this.#pending.set(strategyId, Math.max(this.#pending.get(strategyId) ?? 0, timestamp));
    }
    this.#cancel ??= this.#clock.after(WAIT_MS, () => {
      this.#cancel = undefined;
      this.#writing = this.#write();
    });
  }

  /** Writes what is still pending. */
  async stop(): Promise<void> {
    this.#cancel?.();
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const batch = this.#pending;
    this.#pending = new Map();
    if (batch.size === 0) {
      return;
    }
    try {
      await this.#repository.touch(batch);
    } catch (error) {
      // It is told again with the strategy's next decision; nothing that decides depends on it.
      this.#observer.observe({ kind: "fault", what: "last execution times", error });
    }
  }
}
