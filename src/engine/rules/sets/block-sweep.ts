import type { Outcome } from "../../../domain/decision.ts";
import type { Pace } from "../../concurrency/pace.ts";
import type { CompiledStrategy } from "../conditions/compiled-strategy.ts";
import { doesPolicyStopNobody, OPENING_GATES } from "../gates/gates.ts";
import type { JudgeContext, JudgeMarket } from "../judging/judge.ts";
import { countBits, setBit, wordsFor } from "./bits.ts";
import { readFeatures } from "./feature-values.ts";
import type { Feature, FeatureValues } from "./features.ts";
import { ConditionMasks } from "./masks.ts";
import type { SweepMemory } from "./sweep-memory.ts";
import type { SweepPlan } from "./sweep-plan.ts";

/** Values and conditions of symbols that are read in one go. */
const MOST_STEPS_AT_ONCE = 2_000;

/** The symbols of a block as they are read, and the memory that they are read into. */
class Block {
  readonly memory: SweepMemory;
  readonly input: FeatureValues;
  readonly markets: JudgeMarket[] = [];
  readonly #features: readonly Feature[];

  constructor({ table }: SweepPlan, symbols: number) {
    // What the table gets while symbols are read is for plans that are made later, and `features`
    // says how many there were.
    const features = table.features.length;
    this.memory = table.takeMemory();
    this.input = { features, symbols, values: this.memory.values(features * symbols) };
    this.#features = table.features;
  }

  read(market: JudgeMarket, place: number): void {
    this.markets.push(market);
    readFeatures(this.#features, market, this.input, place);
  }
}

/** A pair whose conditions hold: what comes next needs the whole judge. */
export interface Hit {
  readonly compiled: CompiledStrategy;
  /** Place of the symbol among the markets. */
  readonly symbol: number;
}

/**
 * What became of some strategies on all symbols of a block. Outcomes and hits add up to all pairs
 * (R27).
 */
export interface BlockVerdict {
  readonly outcomes: ReadonlyMap<Outcome, number>;
  readonly hits: readonly Hit[];
}

/**
 * Strategies of one plan on many symbols, without a word of explanation: the gates of R26 up to
 * CONDITIONS_NOT_MET, counted by whole sets of symbols. It agrees with the explained judge, pair by
 * pair.
 */
export class BlockSweep {
  readonly #plan: SweepPlan;
  readonly #context: JudgeContext;
  readonly #symbols: number;
  readonly #markets: readonly JudgeMarket[];
  /** Made where a strategy names symbols. */
  #placeOf: ReadonlyMap<string, number> | undefined;
  readonly #none: Int32Array;
  readonly #all: Int32Array;
  /** By gate of the market, in order: its outcome, and the symbols that it stops. */
  readonly #stopped: readonly { readonly outcome: Outcome; readonly symbols: Int32Array }[];
  readonly #masks: ConditionMasks;
  readonly #memory: SweepMemory;
  /** All with market data, and how many they are. */
  readonly #available: Int32Array;
  readonly #availableCount: number;
  /** Whether the policy stops nobody. */
  readonly #isOpen: boolean;

  private constructor(plan: SweepPlan, { markets, memory }: Block, context: JudgeContext, masks: ConditionMasks) {
    this.#plan = plan;
    this.#memory = memory;
    this.#context = context;
    this.#masks = masks;
    this.#symbols = markets.length;
    this.#markets = markets;
    const words = wordsFor(markets.length);
    this.#none = new Int32Array(words);
    this.#all = new Int32Array(words);
    markets.forEach((_, place) => {
      setBit(this.#all, 0, place);
    });
    this.#stopped = stoppedByMarket(markets, words);
    this.#available = this.#stopped.reduce((left, { symbols }) => without(left, symbols), this.#all);
    this.#availableCount = countBits(this.#available);
    this.#isOpen = doesPolicyStopNobody(context);
  }

  /**
   * Whether so many symbols are few enough for `ofFew`: it takes less than a tenth of a
   * millisecond.
   */
  static areFew(plan: SweepPlan, symbols: number): boolean {
    return symbols * (plan.table.features.length + plan.table.general.length) <= MOST_STEPS_AT_ONCE;
  }

  /** As `of`, in one go: to wait for nothing takes longer than to read a few symbols. */
  static ofFew(
    plan: SweepPlan,
    symbols: number,
    marketOf: (place: number) => JudgeMarket,
    context: JudgeContext,
  ): BlockSweep {
    const block = new Block(plan, symbols);
    for (let place = 0; place < symbols; place++) {
      block.read(marketOf(place), place);
    }
    return new BlockSweep(plan, block, context, ConditionMasks.ofFew(plan.table, block.input, block.memory));
  }

  /**
   * Reads every feature once, in slices; what the series say later does not change what this
   * answers. `marketOf` gives the market of a symbol as it is when its turn has come: all of a
   * symbol is read in one go, so it is never of two moments.
   */
  static async of(
    plan: SweepPlan,
    symbols: number,
    marketOf: (place: number) => JudgeMarket,
    context: JudgeContext,
    pace: Pace,
  ): Promise<BlockSweep> {
    const block = new Block(plan, symbols);
    for (let place = 0; place < symbols; place++) {
      block.read(marketOf(place), place);
      if (pace.isLateAfter(block.input.features)) {
        await pace.rest();
      }
    }
    const masks = await ConditionMasks.of(plan.table, block.input, block.memory, pace);
    return new BlockSweep(plan, block, context, masks);
  }

  /** Leaves the memory to others; nothing can be judged any more. */
  end(): void {
    this.#plan.table.giveBack(this.#memory);
  }

  /** Judges the strategies from `from` to below `to`. */
  judge(from: number, to: number): BlockVerdict {
    const outcomes = new Map<Outcome, number>();
    const add: Add = (outcome, count) => {
      if (count > 0) {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
      }
    };
    let judged = 0;
    let open = 0;
    const areOpen = this.#isOpen && this.#plan.areAllOpen;
    const symbolsOfEach = (place: number) => {
      if (this.#isOpen && this.#plan.isOpen(place)) {
        open++;
        return this.#available;
      }
      const symbols = this.#gated(place, add);
      judged += symbols === this.#all ? this.#symbols : countBits(symbols);
      return symbols;
    };
    const symbolsOf = areOpen ? () => this.#available : symbolsOfEach;
    open += areOpen ? to - from : 0;
    const list = this.#memory.hits;
    list.clear();
    const unknown = this.#plan.judge({ from, to }, this.#masks, symbolsOf, list);
    const hits: Hit[] = [];
    list.forEach((place, symbol) => {
      hits.push({ compiled: this.#plan.strategies[place] as CompiledStrategy, symbol });
    });
    judged += open * this.#availableCount;
    if (open > 0) {
      this.#withData(this.#all, (outcome, count) => add(outcome, open * count));
    }
    add("INDICATOR_NOT_READY", unknown);
    add("CONDITIONS_NOT_MET", judged - hits.length - unknown);
    return { outcomes, hits };
  }

  /**
   * The gates before the conditions: counts whom each stops, and answers with the symbols that are
   * left.
   */
  #gated(place: number, add: Add): Int32Array {
    const compiled = this.#plan.strategies[place];
    if (compiled === undefined) {
      return this.#none;
    }
    let left = this.#all;
    for (const gate of OPENING_GATES) {
      if (gate.needs === "market") {
        continue;
      }
      if (gate.needs === "symbol") {
        const covered = this.#covered(gate.symbols(compiled));
        if (covered !== this.#all) {
          add(gate.outcome, countBits(without(left, covered)));
          left = both(left, covered);
        }
        continue;
      }
      const refusal = gate.needs === "policy" ? gate.refuse(this.#context) : gate.refuse(compiled, this.#context);
      if (refusal !== undefined) {
        add(refusal.outcome, left === this.#all ? this.#symbols : countBits(left));
        return this.#none;
      }
    }
    return this.#withData(left, add);
  }

  /** The symbols of a set that are in the block; all of them where the set is empty. */
  #covered(symbols: ReadonlySet<string>): Int32Array {
    if (symbols.size === 0) {
      return this.#all;
    }
    this.#placeOf ??= new Map(this.#markets.map(({ symbol }, place) => [symbol, place]));
    const covered = new Int32Array(this.#all.length);
    for (const symbol of symbols) {
      const place = this.#placeOf.get(symbol);
      if (place !== undefined) {
        setBit(covered, 0, place);
      }
    }
    return covered;
  }

  /**
   * Those that the gates of the market let through; the gates stand last among those before the
   * conditions.
   */
  #withData(symbols: Int32Array, add: Add): Int32Array {
    let left = symbols;
    for (const { outcome, symbols: stopped } of this.#stopped) {
      add(outcome, countBits(both(left, stopped)));
      left = without(left, stopped);
    }
    return left;
  }
}

type Add = (outcome: Outcome, count: number) => void;

/** Gates of the market that stop any symbol, with those that they stop. */
function stoppedByMarket(markets: readonly JudgeMarket[], words: number) {
  return OPENING_GATES.flatMap((gate) => {
    if (gate.needs !== "market") {
      return [];
    }
    const symbols = new Int32Array(words);
    markets.forEach((market, place) => {
      if (gate.refuse(market) !== undefined) {
        setBit(symbols, 0, place);
      }
    });
    return symbols.every((word) => word === 0) ? [] : [{ outcome: gate.outcome, symbols }];
  });
}

function both(a: Int32Array, b: Int32Array): Int32Array {
  return a.map((word, w) => word & (b[w] as number));
}

function without(a: Int32Array, b: Int32Array): Int32Array {
  return a.map((word, w) => word & ~(b[w] as number));
}
