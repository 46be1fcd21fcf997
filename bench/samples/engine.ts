import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { memoryPolicy } from "../../src/adapters/memory/memory-policy.ts";
import { memoryPositions } from "../../src/adapters/memory/memory-positions.ts";
import { memoryStrategies } from "../../src/adapters/memory/memory-strategies.ts";
import type { StoredStrategy } from "../../src/domain/strategy.ts";
import type { LongWorks } from "../../src/engine/concurrency/long-work.ts";
import { type RunningEngine, startEngine } from "../../src/engine/engine.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import type { MarketData } from "../../src/ports/market-data.ts";
import type { EngineEvent, Observer } from "../../src/ports/observer.ts";
import type { Tracer } from "../../src/ports/tracer.ts";
import { systemClock } from "../../src/process/system-clock.ts";

export interface BenchEngineOptions {
  readonly strategies: readonly StoredStrategy[];
  readonly symbols: readonly string[];
  readonly market: MarketData;
  readonly journal?: DecisionJournal;
  readonly observe?: (event: EngineEvent) => void;
  /** The engine's; that of the system unless said otherwise. */
  readonly clock?: Clock;
  /** The policy's; 0, which lets every confidence pass, unless said otherwise. */
  readonly globalMinConfidence?: number;
  /** Among which calls compute; one of the engine's own, unless shared with carriers. */
  readonly longWorks?: LongWorks;
  /** In place of `observe`. */
  readonly observer?: Observer;
  readonly tracer?: Tracer;
}

/**
 * The engine as the service starts it, with the defaults of the configuration, over memory stores.
 */
export async function startBenchEngine(options: BenchEngineOptions): Promise<RunningEngine> {
  const { strategies, symbols, market, journal = memoryJournal(), observe = () => {}, tracer } = options;
  const { observer = { wantsSuppressions: false, observe } } = options;
  // What closed before is no part of what is measured.
  await journal.noteJudged(market.now());
  return startEngine({
    stores: {
      strategies: memoryStrategies({ stored: strategies }),
      policy: memoryPolicy({ globalMinConfidence: options.globalMinConfidence ?? 0 }),
      journal,
      positions: memoryPositions(),
    },
    market,
    clock: options.clock ?? systemClock,
    observer,
    ...(tracer && { tracer }),
    ...(options.longWorks && { longWorks: options.longWorks }),
    evaluators: [],
    symbols,
    refreshIntervalMs: 300_000,
    policyMaxAgeMs: 10_000,
    barGraceMs: 10_000,
    barWaitMs: 500,
    priceMaxAgeMs: 60_000,
    journalRetentionMs: 30 * 86_400_000,
    streamQueue: 4_096,
    maxExtraSymbols: 100,
  });
}
