import type { Clock } from "../../ports/clock.ts";
import type { Observer } from "../../ports/observer.ts";
import type { StrategyRepository } from "../../ports/strategy-repository.ts";
import type { StrategyDesk } from "../api.ts";
import type { RequiredSeries } from "../rules/conditions/required-series.ts";
import type { ValidationOptions } from "../validation/validate-strategy.ts";
import { LastExecutions } from "./last-executions.ts";
import { StrategyBook } from "./strategy-book.ts";
import { strategyDesk } from "./strategy-desk.ts";
import { StrategyLoader } from "./strategy-loader.ts";

export interface StrategiesOptions {
  readonly repository: StrategyRepository;
  readonly validation: ValidationOptions;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly refreshIntervalMs: number;
  /** Symbols that are judged at every close. */
  readonly followed: () => ReadonlySet<string>;
  /** How many positions of a strategy are open. */
  readonly openPositions: (strategyId: string) => number;
  /** See `StrategyLoader`. */
  readonly onRequired: (required: RequiredSeries) => Promise<void>;
}

/** What strategies there are: kept in a repository, checked, compiled, in force. */
export interface Strategies {
  readonly book: StrategyBook;
  readonly loader: StrategyLoader;
  readonly desk: StrategyDesk;
  readonly lastExecutions: LastExecutions;
}

/** The parts; nothing is loaded until the loader is started. */
export function openStrategies(options: StrategiesOptions): Strategies {
  const {
    repository,
    validation,
    clock,
    observer,
    followed,
    openPositions,
    onRequired,
    refreshIntervalMs: intervalMs,
  } = options;
  const book = new StrategyBook(validation);
  const loader = new StrategyLoader({ repository, book, clock, observer, intervalMs, onRequired });
  const inTurn = loader.inTurn.bind(loader);
  return {
    book,
    loader,
    desk: strategyDesk({ repository, validation, clock, followed, openPositions, inTurn }),
    lastExecutions: new LastExecutions(repository, clock, observer),
  };
}
