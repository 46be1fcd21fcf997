import type { TraceWindow } from "../../../ports/decision-journal.ts";
import type { Pace } from "../../concurrency/pace.ts";
import {
  chainOf,
  LATE_MS,
  linked,
  onBar,
  type Remembered,
  RememberedDecision,
  Reservations,
  unlinked,
} from "./remembered.ts";
import { StrategyMemory } from "./strategy-memory.ts";

const DAY_MS = 86_400_000;

/** What is judged: a strategy of a kind on a symbol's bar. */
export type JudgedBar = Pick<Remembered, "strategyId" | "strategyVersion" | "symbol" | "barCloseTime" | "shadow">;

/** The same with the time as of which it is judged, and how far back its cooldown reaches. */
export type JudgedAt = JudgedBar & { readonly judgedAt: number; readonly cooldownMs: number };

/**
 * What the stateful gates remember (R30 to R33): the newest decision of every pair and kind, those
 * before it that are still in force, places reserved, positions open. Filled from the journal and
 * the position book at start, kept current by every commit and report. `remembers` says where the
 * journal must be asked instead.
 */
export class DecisionMemory {
  readonly #positions: Pick<DecisionMemory, "open"> | undefined;
  /** By strategy. */
  readonly #live = new Map<string, StrategyMemory>();
  readonly #shadow = new Map<string, StrategyMemory>();
  /** Of all strategies, so that a report finds its decision. */
  readonly #places = new Reservations();
  /** Pairs are forgotten whose newest decision was made by this time. */
  #pairsFrom = Number.NEGATIVE_INFINITY;
  /**
   * The journal held decisions of this time span, still to come in market time, that were not read
   * at the start.
   */
  #unread = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };

  /** `positions`: whose open positions count, where this one is told of none. */
  constructor(positions?: Pick<DecisionMemory, "open">) {
    this.#positions = positions;
  }

  /**
   * Takes a decision that the journal gave at the start for this window, with its reservation
   * unless `settle` follows.
   */
  restore(trace: Remembered, { validAfter, closedBy }: TraceWindow): void {
    const entry = new RememberedDecision(trace);
    entry.earlier = null;
    const strategy = this.#strategy(entry);
    const newest = strategy.newest.get(entry.symbol);
    if (newest === undefined || newest.timestamp < entry.timestamp) {
      strategy.newest.set(entry.symbol, entry);
    }
    strategy.placesFrom = validAfter;
    if (entry.validUntil > validAfter && entry.barCloseTime <= closedBy) {
      this.#reserve(entry, strategy);
    }
    if (entry.timestamp > closedBy) {
      this.#unread = { from: closedBy, to: Math.max(this.#unread.to, entry.timestamp + DAY_MS) };
    }
  }

  /**
   * Remembers a decision, with its reservation unless it is settled already. What this answers is
   * for `forget` and `trim`.
   */
  record(decision: Remembered, settled = false): Remembered {
    const entry = new RememberedDecision(decision);
    const strategy = this.#strategy(entry);
    const newest = strategy.newest.get(entry.symbol);
    if (newest === undefined) {
      entry.earlier = this.#pairsFrom === Number.NEGATIVE_INFINITY ? undefined : null;
      strategy.newest.set(entry.symbol, entry);
    } else {
      strategy.newest.set(entry.symbol, linked(newest, entry));
    }
    if (!settled) {
      this.#reserve(entry, strategy);
    }
    return entry;
  }

  /** Takes back what was recorded. Where that was more than one, the last goes first. */
  forget(recorded: Remembered): void {
    const strategy = this.#strategy(recorded);
    const newest = strategy.newest.get(recorded.symbol);
    const left = newest && unlinked(newest, recorded as RememberedDecision);
    if (left === undefined) {
      strategy.newest.delete(recorded.symbol);
    } else {
      strategy.newest.set(recorded.symbol, left);
    }
    this.#release(recorded);
  }

  /**
   * Once the journal has it: lets go of decisions on its pair, and of places of its strategy, that
   * nothing asks for any more. So memory goes by pairs, and a gate goes through no more places than
   * may be held, however fast market time runs.
   */
  trim(recorded: Remembered): void {
    this.#expire(this.#strategy(recorded).places, recorded.timestamp - LATE_MS);
    for (const entry of chainOf(this.#newest(recorded))) {
      if (entry.validUntil <= recorded.timestamp) {
        entry.earlier &&= null;
        return;
      }
    }
  }

  /** Whether all that the gates ask of this is remembered; otherwise the journal must be asked. */
  remembers(judged: JudgedAt): boolean {
    const { judgedAt } = judged;
    const placesFrom = this.#strategies(judged.shadow).get(judged.strategyId)?.placesFrom ?? this.#placesFrom;
    const isUnread = judgedAt > this.#unread.from && judgedAt < this.#unread.to;
    return judgedAt >= placesFrom && !isUnread && this.#remembersPair(judged);
  }

  #remembersPair(judged: JudgedAt): boolean {
    const newest = this.#newest(judged);
    if (newest === undefined) {
      return this.#pairsFrom < judged.barCloseTime && this.#pairsFrom <= judged.judgedAt - judged.cooldownMs;
    }
    for (let entry: RememberedDecision | null | undefined = newest; entry; entry = entry.earlier) {
      // No decision is older than its bar's close, so all on the bar are remembered where one from
      // before its close is.
      const reaches = entry.timestamp < judged.barCloseTime && entry.timestamp <= judged.judgedAt;
      if (reaches || entry.barCloseTime === judged.barCloseTime || entry.earlier === undefined) {
        return true;
      }
    }
    return false;
  }

  /**
   * R30: the decision of its kind that was already made for this strategy, symbol and bar. One of
   * the other kind counts where it has the same version, as after a strategy was deleted and saved
   * anew: both would have one id (R34).
   */
  decided(judged: JudgedBar): Remembered | undefined {
    const { strategyId, symbol, strategyVersion, barCloseTime, shadow } = judged;
    const own = onBar(this.#newest(judged), barCloseTime);
    const other = own ?? onBar(this.#newest({ strategyId, symbol, shadow: !shadow }), barCloseTime);
    return own ?? (other?.strategyVersion === strategyVersion ? other : undefined);
  }

  /**
   * Whether the decision may hold a place; whatever else is known of decisions, the journal knows.
   */
  holds(decisionId: string): boolean {
    return this.#places.find(decisionId) !== undefined;
  }

  /** R31: timestamp of the pair's newest decision of this kind, of those at or before `time`. */
  newest(pair: Pick<JudgedBar, "strategyId" | "symbol" | "shadow">, time: number): number | undefined {
    let entry: RememberedDecision | null | undefined = this.#newest(pair);
    while (entry && entry.timestamp > time) {
      entry = entry.earlier;
    }
    return entry?.timestamp;
  }

  /**
   * R32: places held at `time` by decisions that are neither settled nor expired; none made after
   * `asOf` (R49). A decision on the very bar counts though a call made it later than the bar's
   * close; one on a later bar belongs to a future that a replay has yet to come to.
   */
  reserved(strategyId: string, shadow: boolean, time: number, asOf = Number.POSITIVE_INFINITY): number {
    let count = 0;
    for (const entry of this.#strategies(shadow).get(strategyId)?.places.after(time) ?? []) {
      if (entry.barCloseTime <= time && entry.timestamp <= asOf) {
        count++;
      }
    }
    return count;
  }

  open(strategyId: string): number {
    return this.#positions?.open(strategyId) ?? this.#live.get(strategyId)?.openPositions.size ?? 0;
  }

  /** What is remembered of the pair, and of places of its strategy. */
  *of(pair: Pick<JudgedBar, "strategyId" | "symbol" | "shadow">): Generator<Remembered> {
    yield* chainOf(this.#newest(pair));
    yield* this.#strategies(pair.shadow).get(pair.strategyId)?.places.after(Number.NEGATIVE_INFINITY) ?? [];
  }

  /** A position was opened: it counts, and its decision's reservation does not any more. */
  positionOpened(strategyId: string, positionId: string, decisionId: string | undefined): void {
    this.#strategy({ strategyId, shadow: false }).openPositions.add(positionId);
    if (decisionId !== undefined) {
      this.settle(decisionId);
    }
  }

  positionClosed(strategyId: string, positionId: string): void {
    this.#live.get(strategyId)?.openPositions.delete(positionId);
  }

  /** Frees the decision's place: it was rejected, or became a position. */
  settle(decisionId: string): void {
    const entry = this.#places.find(decisionId);
    if (entry !== undefined) {
      this.#release(entry);
    }
  }

  /** Forgets places that expired by `time`. */
  expire(time: number): void {
    this.#expire(this.#places, time);
  }

  #expire(places: Reservations, time: number): void {
    for (const entry of places.until(time)) {
      const strategy = this.#strategy(entry);
      strategy.placesFrom = Math.max(strategy.placesFrom, entry.validUntil);
      this.#release(entry);
    }
  }

  /**
   * Forgets pairs whose newest decision was made before `time`, when no cooldown can need it any
   * more, and strategies without anything.
   */
  async forgetBefore(time: number, pace: Pace): Promise<void> {
    for (const strategies of [this.#live, this.#shadow]) {
      for (const [strategyId, strategy] of strategies) {
        for (const [symbol, { timestamp }] of strategy.newest) {
          if (timestamp < time) {
            this.#pairsFrom = Math.max(this.#pairsFrom, timestamp);
            strategy.newest.delete(symbol);
          }
        }
        if (strategy.isEmpty) {
          strategies.delete(strategyId);
        }
        if (pace.isLateAfter(1 + strategy.newest.size / 10)) {
          await pace.rest();
        }
      }
    }
  }

  #reserve(entry: RememberedDecision, strategy: StrategyMemory): void {
    strategy.places.add(entry);
    this.#places.add(entry);
  }

  #release(entry: Remembered): void {
    this.#strategy(entry).places.delete(entry);
    this.#places.delete(entry);
  }

  /** Of strategies that were forgotten: no decision holds its place for longer than a day. */
  get #placesFrom(): number {
    return this.#pairsFrom + DAY_MS;
  }

  #strategies(shadow: boolean): Map<string, StrategyMemory> {
    return shadow ? this.#shadow : this.#live;
  }

  #strategy({ strategyId, shadow }: Pick<JudgedBar, "strategyId" | "shadow">): StrategyMemory {
    const strategies = this.#strategies(shadow);
    let strategy = strategies.get(strategyId);
    if (strategy === undefined) {
      strategy = new StrategyMemory(this.#placesFrom);
      strategies.set(strategyId, strategy);
    }
    return strategy;
  }

  #newest({
    strategyId,
    symbol,
    shadow,
  }: Pick<JudgedBar, "strategyId" | "symbol" | "shadow">): RememberedDecision | undefined {
    return this.#strategies(shadow).get(strategyId)?.newest.get(symbol);
  }
}
