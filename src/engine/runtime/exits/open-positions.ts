import { type Decision, isOpening } from "../../../domain/decision.ts";
import type { Position } from "../../../domain/position.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import type { DecisionJournal } from "../../../ports/decision-journal.ts";
import type { MarketData } from "../../../ports/market-data.ts";
import type { Observer } from "../../../ports/observer.ts";
import type { StrategyRepository } from "../../../ports/strategy-repository.ts";
import type { UnguardedPosition } from "../../api.ts";
import type { SeriesLookup } from "../../market/series.ts";
import type { CompiledStrategy } from "../../rules/conditions/compiled-strategy.ts";
import type { RequiredSeries } from "../../rules/conditions/required-series.ts";
import type { ExitCandidate } from "../../rules/exits/exit-candidate.ts";
import { requiredByRules, timeframesOfRules } from "../../rules/exits/exit-rule.ts";
import { planOfClose, planOfDecision } from "../../rules/exits/held-plan.ts";
import { loadStored, type StrategyBook } from "../../strategies/strategy-book.ts";
import type { ValidationOptions } from "../../validation/validate-strategy.ts";
import { closesSince } from "./closes-since.ts";
import { ExitPass } from "./exit-pass.ts";
import { type HeldPosition, isOf } from "./held-position.ts";
import { HeldPositions } from "./held-positions.ts";
import { planInForce } from "./plan-in-force.ts";

export interface OpenPositionsOptions {
  readonly journal: Pick<DecisionJournal, "get" | "exits">;
  readonly repository: Pick<StrategyRepository, "get">;
  readonly book: Pick<StrategyBook, "get">;
  readonly validation: ValidationOptions;
  readonly market: Pick<MarketData, "history" | "completes" | "source">;
  readonly series: SeriesLookup;
  readonly observer: Observer;
  /** Positions are judged on other symbols or timeframes than before. */
  readonly onReads: () => void;
}

/**
 * The open positions, and how each is to be left: judged at the closes of their timeframes (R85).
 * What is remembered comes from journal, position book and bars, and so is the same after a restart.
 */
export class OpenPositions {
  readonly #options: OpenPositionsOptions;
  readonly #held = new HeldPositions();
  /** Rules that the market series were told of. */
  readonly #reads = new WeakMap<HeldPosition, object>();
  #isSettling = false;

  constructor(options: OpenPositionsOptions) {
    this.#options = options;
  }

  get series(): SeriesLookup {
    return this.#options.series;
  }

  get dataSource(): string {
    return this.#options.market.source;
  }

  get timeframes(): ReadonlySet<Timeframe> {
    return this.#held.timeframes;
  }

  symbols(timeframe: Timeframe): ReadonlySet<string> {
    return this.#held.symbols(timeframe);
  }

  /** Timeframes that the exit rules read of the positions that are judged on this one. */
  wishes(timeframe: Timeframe): readonly Timeframe[] {
    const on = this.#held.on(timeframe, this.#held.symbols(timeframe));
    return timeframesOfRules(on.flatMap(({ plan }) => plan ?? []));
  }

  /** Symbols whose bars positions need, by timeframe. */
  reads(): ReadonlyMap<Timeframe, ReadonlySet<string>> {
    return this.#held.reads();
  }

  /** What the exit rules of open positions read: those of versions of before, too. */
  required(): RequiredSeries {
    return requiredByRules([...this.#held.all()].flatMap(({ plan }) => plan ?? []));
  }

  /** Takes those that are open at the start. Never rejects: what could not be read is read later. */
  async restore(positions: readonly Position[]): Promise<void> {
    const held = positions.map((position) => this.#held.add(position));
    await this.#load(held);
  }

  /** Resolves once it is known how the position is to be left, as far as that can be read now. */
  async opened(position: Position): Promise<void> {
    await this.#load([this.#held.add(position)]);
  }

  closed(positionId: string): void {
    this.#held.remove(positionId);
  }

  /**
   * Reads what is not known yet of the positions on these symbols. Only a feed whose time waits is
   * kept waiting for closes of before.
   */
  async prepare(timeframe: Timeframe, close: number, symbols: ReadonlySet<string>): Promise<void> {
    await this.#load([...this.#held.all()].filter(({ isLoaded }) => !isLoaded));
    const on = this.#held.on(timeframe, symbols);
    await this.#lookUpStrategies(on);
    for (const each of on) {
      this.#loadClosesBefore(each, close);
    }
    if (this.#options.market.completes) {
      await Promise.all(on.map(({ loading }) => loading));
    }
  }

  /**
   * Looks again for positions that are judged at no close: a store did not answer, or the strategy
   * was not stored, or not valid. To be called again and again.
   */
  async settle(): Promise<void> {
    const unplaced = this.#held.unplaced();
    if (unplaced.length === 0 || this.#isSettling) {
      return;
    }
    this.#isSettling = true;
    try {
      const known = unplaced.filter(({ isLoaded }) => isLoaded);
      await this.#load(unplaced.filter(({ isLoaded }) => !isLoaded));
      await this.#lookUpStrategies(known);
    } finally {
      this.#isSettling = false;
    }
  }

  /** Judges those on these symbols at a close of the timeframe. */
  judge(timeframe: Timeframe, close: number, symbols: ReadonlySet<string>, regime: string | undefined): ExitPass {
    const { series, market, observer } = this.#options;
    const held = this.#held.on(timeframe, symbols);
    return new ExitPass(held, { series, timeframe, close, regime, dataSource: market.source, observer });
  }

  /** Whether the position is still open, and nothing was decided for it on this bar or later. */
  mayDecide({ position, barCloseTime }: ExitCandidate): boolean {
    const held = this.#held.get(position.positionId);
    return held !== undefined && (held.last === undefined || held.last.barCloseTime < barCloseTime);
  }

  /** The journal has them. */
  decided(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      const held = decision.positionId === undefined ? undefined : this.#held.get(decision.positionId);
      if (held !== undefined) {
        held.last = decision;
      }
    }
  }

  get(positionId: string): HeldPosition | undefined {
    return this.#held.get(positionId);
  }

  /** What stands for open positions on these symbols (R87), in the order of the journal. */
  standing(symbols: readonly string[], strategyIds: readonly string[]): readonly Decision[] {
    const on = new Set(symbols);
    const of = new Set(strategyIds);
    return [...this.#held.all()]
      .flatMap(({ last }) => last ?? [])
      .filter(({ symbol, strategyId }) => on.has(symbol) && (of.size === 0 || of.has(strategyId)))
      .sort((a, b) => a.sequence - b.sequence);
  }

  /** R86: those whose exits cannot be judged. `journalFault`: why none can be decided. */
  unguarded(journalFault: string | undefined): readonly UnguardedPosition[] {
    return [...this.#held.all()].flatMap(({ position, unguarded, whyNot, plan }) => {
      const unknown = whyNot ?? (plan === undefined ? "nothing is known yet of how it is to be left" : undefined);
      const why = unguarded?.why ?? unknown ?? journalFault;
      const { positionId, strategyId, symbol, openedAt } = position;
      return why === undefined ? [] : [{ positionId, strategyId, symbol, since: unguarded?.since ?? openedAt, why }];
    });
  }

  /** Ids of decisions that open positions need, whatever their age (R81). */
  kept(): ReadonlySet<string> {
    const ids = [...this.#held.all()].flatMap(({ position, last }) => [position.decisionId, last?.decisionId]);
    return new Set(ids.filter((id) => id !== undefined));
  }

  async #load(held: readonly HeldPosition[]): Promise<void> {
    if (held.length === 0) {
      return;
    }
    const { journal, observer } = this.#options;
    try {
      const ids = held.flatMap(({ position }) => position.decisionId ?? []);
      const decisions = new Map((await journal.get(ids)).map((decision) => [decision.decisionId, decision]));
      const exits = new Map(
        (await journal.exits(held.map(({ position }) => position.positionId))).map((exit) => [exit.positionId, exit]),
      );
      for (const each of held) {
        const { decisionId = "", positionId } = each.position;
        const decision = decisions.get(decisionId);
        each.last ??= exits.get(positionId);
        if (decision !== undefined && isOpening(decision) && isOf(decision, each.position)) {
          each.plan = planOfDecision(decision);
        }
        each.isLoaded = true;
      }
      await this.#lookUpStrategies(held);
    } catch (error) {
      observer.observe({ kind: "fault", what: "decision journal", error });
    }
  }

  /** Whether the strategies are stored, and the versions in force where a decision says nothing. */
  async #lookUpStrategies(held: readonly HeldPosition[]): Promise<void> {
    const { book, repository, validation } = this.#options;
    const absent = new Set(held.flatMap(({ position: { strategyId: id } }) => (book.get(id) ? [] : [id])));
    let stored: Awaited<ReturnType<StrategyRepository["get"]>> = new Map();
    if (absent.size > 0) {
      try {
        stored = await repository.get([...absent]);
      } catch {
        // Whose plan is known is judged by it; the others wait.
        for (const each of held) {
          if (each.plan !== undefined) {
            this.#place(each, each.plan.timeframe);
          }
        }
        return;
      }
    }
    for (const each of held) {
      const { strategyId } = each.position;
      const row = stored.get(strategyId);
      const loaded = row && loadStored(row, validation);
      const compiled = book.get(strategyId) ?? (loaded && "compiled" in loaded ? loaded.compiled : undefined);
      if (compiled === undefined && row === undefined) {
        each.whyNot = `strategy ${strategyId} is not stored any more`;
      } else if (each.plan?.isTold) {
        each.whyNot = undefined;
      } else {
        this.#planWithout(each, compiled);
      }
      this.#place(each, each.plan?.timeframe ?? compiled?.strategy.timeframe);
    }
  }

  /** By the version in force, where the position is not of a decision that is kept (R85). */
  #planWithout(each: HeldPosition, compiled: CompiledStrategy | undefined): void {
    const { position, plan } = each;
    if (plan !== undefined && plan.strategyVersion === compiled?.strategy.version) {
      each.whyNot = undefined;
      return;
    }
    const found = planInForce(compiled, position, this.#options.series);
    if ("whyNot" in found && each.last?.action === "CLOSE") {
      each.whyNot = undefined;
      each.plan ??= planOfClose(each.last);
      return;
    }
    each.plan = "plan" in found ? found.plan : undefined;
    each.whyNot = "whyNot" in found ? `it is of no decision that is kept, and ${found.whyNot}` : undefined;
  }

  #place(held: HeldPosition, timeframe: Timeframe | undefined): void {
    if (this.#held.get(held.position.positionId) !== held) {
      return;
    }
    const isNew = timeframe !== undefined && !this.#held.has(timeframe, held.position.symbol);
    this.#held.place(held, timeframe);
    const reads = held.plan?.exit?.rule;
    const readsMore = reads !== undefined && reads !== this.#reads.get(held);
    if (reads !== undefined) {
      this.#reads.set(held, reads);
    }
    if (isNew || readsMore) {
      this.#options.onReads();
    }
  }

  /** Asks the venue for closes that the series does not reach back to. */
  #loadClosesBefore(held: HeldPosition, close: number): void {
    const { series, market, observer } = this.#options;
    const { plan, position } = held;
    if (plan === undefined || held.loading !== undefined) {
      return;
    }
    const found = series.series(position.symbol, plan.timeframe);
    if (found?.fault !== undefined || found === undefined || held.advance(found, close - 1)) {
      return;
    }
    const first = held.missingFrom(close - 1) ?? close;
    held.loading = closesSince(market, position.symbol, plan.timeframe, first, close - 1)
      .then(
        (closes) => held.take(closes, close - 1),
        (error: unknown) => observer.observe({ kind: "fault", what: `${position.symbol} ${plan.timeframe}`, error }),
      )
      .finally(() => {
        held.loading = undefined;
      });
  }
}
