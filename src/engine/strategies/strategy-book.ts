import type { StoredStrategy, Strategy } from "../../domain/strategy.ts";
import type { StrategyChanges } from "../../ports/strategy-repository.ts";
import type { RejectedStrategy } from "../api.ts";
import type { Pace } from "../concurrency/pace.ts";
import { type CompiledStrategy, compileStrategy } from "../rules/conditions/compiled-strategy.ts";
import { type RequiredSeries, RequiredSeriesIndex, requiredByBoth } from "../rules/conditions/required-series.ts";
import { type ValidationOptions, validateStrategy } from "../validation/validate-strategy.ts";
import { CohortIndex, type Cohorts, type Member } from "./cohorts.ts";

/** A stored strategy that may be judged, or why it may not. */
export type Loadable = { readonly compiled: CompiledStrategy } | { readonly rejected: RejectedStrategy };

/** Validates and compiles what a repository holds (R44). */
export function loadStored(stored: StoredStrategy, options: ValidationOptions): Loadable {
  const { strategyId, draft, fault = "it cannot be read" } = stored;
  if (draft === undefined) {
    return { rejected: { strategyId, explanation: fault } };
  }
  const validated = validateStrategy(draft, options);
  if ("violations" in validated) {
    const explanation = validated.violations.map((v) => `${v.field}: ${v.description}`).join("; ");
    return { rejected: { strategyId, explanation } };
  }
  const { version, createdAt, updatedAt, lastExecutedAt } = stored;
  const strategy: Strategy = {
    ...validated.config,
    version,
    createdAt,
    updatedAt,
    ...(lastExecutedAt !== undefined && { lastExecutedAt }),
  };
  return { compiled: compileStrategy(strategy) };
}

/** Waited for with what will be read, before that is in force. */
export type Prepare = (required: RequiredSeries) => Promise<void>;

interface StagedChange {
  readonly strategyId: string;
  readonly loaded: Loadable | undefined;
}

/**
 * What a load has come to so far, a page after the other. Where it fails, it is left behind and
 * nothing has happened.
 */
export class StagedChanges {
  readonly changes: StagedChange[] = [];
  readonly seen = new Set<string>();
}

/** Loading one takes some ten microseconds. */
const STEPS_A_STRATEGY = 16;

function isSame({ strategy }: CompiledStrategy, stored: StoredStrategy): boolean {
  return strategy.version === stored.version && strategy.updatedAt === stored.updatedAt;
}

function isActive(status: string): status is "LIVE" | "SHADOW" {
  return status === "LIVE" || status === "SHADOW";
}

/**
 * The LIVE and SHADOW strategies in force, compiled; and those that cannot be.
 *
 * Loading many is done in slices, and comes in force at one moment: until then everything here
 * answers as before, so that no sweep mixes two states of the store.
 */
export class StrategyBook {
  readonly #options: ValidationOptions;
  readonly #members = new Map<string, Member>();
  readonly #rejections = new Map<string, RejectedStrategy>();
  readonly #index = new CohortIndex();
  readonly #read = { LIVE: new RequiredSeriesIndex(), SHADOW: new RequiredSeriesIndex() };
  /** While an update is under way, what was in force before under the ids that it has come to. */
  readonly #before = new Map<string, CompiledStrategy | undefined>();
  #rejected: readonly RejectedStrategy[] = [];
  #size = 0;
  #live = 0;
  #required: RequiredSeries = new Map();
  #requiredByLive: RequiredSeries = new Map();
  #requiredByShadow: RequiredSeries = new Map();

  constructor(options: ValidationOptions) {
    this.#options = options;
  }

  get(strategyId: string): CompiledStrategy | undefined {
    if (this.#size === 0) {
      return undefined;
    }
    return this.#before.has(strategyId) ? this.#before.get(strategyId) : this.#members.get(strategyId)?.compiled;
  }

  /** How many are loaded. */
  get size(): number {
    return this.#size;
  }

  get rejected(): readonly RejectedStrategy[] {
    return this.#rejected;
  }

  count(status: "LIVE" | "SHADOW"): number {
    return status === "LIVE" ? this.#live : this.#size - this.#live;
  }

  /** The loaded strategies by timeframe, short to long. */
  get cohorts(): Cohorts {
    return this.#index.cohorts;
  }

  /** What the loaded strategies read, by timeframe; the same object as long as that is the same. */
  get required(): RequiredSeries {
    return this.#required;
  }

  /** The same of the LIVE ones alone. */
  get requiredByLive(): RequiredSeries {
    return this.#requiredByLive;
  }

  /** Takes what has changed in the repository, as `stage` and `apply` do. */
  async update(
    changes: Pick<StrategyChanges, "complete" | "strategies" | "gone">,
    pace: Pace,
    prepare?: Prepare,
  ): Promise<boolean> {
    const staged = new StagedChanges();
    await this.stage(staged, changes.strategies, pace);
    return this.apply(staged, changes, pace, prepare);
  }

  /**
   * Validates and compiles what a repository holds, without any effect. What has not changed is not
   * compiled again.
   */
  async stage(staged: StagedChanges, strategies: readonly StoredStrategy[], pace: Pace): Promise<void> {
    pace.begin();
    for (const stored of strategies) {
      staged.seen.add(stored.strategyId);
      const loaded = this.#loadedOf(stored);
      if (loaded !== "same") {
        staged.changes.push({ strategyId: stored.strategyId, loaded });
      }
      if (pace.isLateAfter(STEPS_A_STRATEGY)) {
        await pace.rest();
      }
    }
  }

  /**
   * Brings in force what was staged since the last time, less those gone; answers whether anything
   * has changed. Where `complete`, all that was not staged is gone. Before anything else is read
   * than before, `prepare` is waited for with what is read before and after: a strategy is never in
   * force with indicators that nobody computes. One call at a time.
   */
  async apply(
    staged: StagedChanges,
    { complete, gone }: Pick<StrategyChanges, "complete" | "gone">,
    pace: Pace,
    prepare: Prepare = async () => {},
  ): Promise<boolean> {
    pace.begin();
    let changed = false;
    for (const change of staged.changes) {
      changed = this.#take(change) || changed;
      if (pace.isLateAfter(1)) {
        await pace.rest();
      }
    }
    for (const strategyId of complete ? this.#known() : gone) {
      changed = (!staged.seen.has(strategyId) && this.#drop(strategyId)) || changed;
      if (pace.isLateAfter(1)) {
        await pace.rest();
      }
    }
    if (changed) {
      if (this.#readsElse) {
        await prepare(
          requiredByBoth(this.#required, requiredByBoth(this.#read.LIVE.required, this.#read.SHADOW.required)),
        );
      }
      this.#publish();
    }
    return changed;
  }

  *#known(): Generator<string> {
    yield* this.#members.keys();
    yield* this.#rejections.keys();
  }

  /**
   * What a stored strategy is to be from now on; undefined: neither LIVE nor SHADOW, and so not in
   * force.
   */
  #loadedOf(stored: StoredStrategy): Loadable | undefined | "same" {
    const { strategyId, draft } = stored;
    const known = this.#members.get(strategyId)?.compiled;
    if (known !== undefined && isSame(known, stored)) {
      return "same";
    }
    return draft?.status === "CANDIDATE" || draft?.status === "DISABLED"
      ? undefined
      : loadStored(stored, this.#options);
  }

  /** Answers whether that changes anything. */
  #take({ strategyId, loaded }: StagedChange): boolean {
    if (loaded === undefined) {
      return this.#drop(strategyId);
    }
    if ("compiled" in loaded) {
      this.#rejections.delete(strategyId);
      this.#load(loaded.compiled, this.#members.get(strategyId));
      return true;
    }
    if (this.#rejections.get(strategyId)?.explanation === loaded.rejected.explanation) {
      return false;
    }
    this.#drop(strategyId);
    this.#rejections.set(strategyId, loaded.rejected);
    return true;
  }

  #load(compiled: CompiledStrategy, member: Member | undefined): void {
    const { strategyId } = compiled.strategy;
    this.#note(strategyId, member);
    this.#readBy(compiled)?.add(compiled);
    if (member === undefined) {
      this.#members.set(strategyId, this.#index.add(compiled));
    } else {
      this.#readBy(member.compiled)?.remove(member.compiled);
      this.#members.set(strategyId, this.#index.replace(member, compiled));
    }
  }

  /** Whether it was there. */
  #drop(strategyId: string): boolean {
    const member = this.#members.get(strategyId);
    if (member === undefined) {
      return this.#rejections.delete(strategyId);
    }
    this.#note(strategyId, member);
    this.#members.delete(strategyId);
    this.#index.remove(member);
    this.#readBy(member.compiled)?.remove(member.compiled);
    return true;
  }

  #note(strategyId: string, member: Member | undefined): void {
    if (this.#size > 0 && !this.#before.has(strategyId)) {
      this.#before.set(strategyId, member?.compiled);
    }
  }

  #readBy({ strategy }: CompiledStrategy): RequiredSeriesIndex | undefined {
    return isActive(strategy.status) ? this.#read[strategy.status] : undefined;
  }

  /** Whether what is to come in force reads anything else than what is. */
  get #readsElse(): boolean {
    return this.#requiredByLive !== this.#read.LIVE.required || this.#requiredByShadow !== this.#read.SHADOW.required;
  }

  #publish(): void {
    this.#index.publish();
    this.#before.clear();
    this.#rejected = [...this.#rejections.values()];
    this.#size = this.#members.size;
    const cohorts = [...this.#index.cohorts.values()].flat();
    this.#live = cohorts.reduce((sum, { status, set }) => sum + (status === "LIVE" ? set.strategies.length : 0), 0);
    const { LIVE, SHADOW } = this.#read;
    if (this.#readsElse) {
      this.#requiredByLive = LIVE.required;
      this.#requiredByShadow = SHADOW.required;
      this.#required = requiredByBoth(LIVE.required, SHADOW.required);
    }
  }
}
