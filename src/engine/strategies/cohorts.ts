import type { Status } from "../../domain/strategy.ts";
import { TIMEFRAMES, type Timeframe } from "../../domain/timeframe.ts";
import type { CompiledStrategy, Reads } from "../rules/conditions/compiled-strategy.ts";
import { StrategySet } from "../rules/sets/strategy-set.ts";

/**
 * Strategies of one timeframe and status that read the same timeframes: they wait for the same
 * bars.
 */
export interface Cohort {
  readonly timeframe: Timeframe;
  readonly status: Status;
  /** The own timeframe included. */
  readonly reads: readonly Timeframe[];
  /** The same as a text: equal for those that wait for the same bars. */
  readonly waits: string;
  readonly set: StrategySet;
}

export type Cohorts = ReadonlyMap<Timeframe, readonly Cohort[]>;

/** A strategy of the index, and where it stands there. */
export interface Member {
  compiled: CompiledStrategy;
  group: Group;
  place: number;
}

/** A cohort in the making: the places that differ from what was published last. */
interface Group {
  readonly members: Member[];
  readonly changed: number[];
  published: Cohort;
}

/**
 * Cohorts of strategies that come and go. What is published never changes; publishing again after
 * one strategy of a hundred thousand has changed copies a list of them and nothing else.
 */
export class CohortIndex {
  readonly #groups = new Map<string, Group>();
  /** The same, found without making a key of it. */
  readonly #groupOfReads = new Map<Status, WeakMap<Reads, Group>>();
  readonly #dirty = new Set<Group>();
  #cohorts: Cohorts = new Map();

  /** As last published, short timeframes first. */
  get cohorts(): Cohorts {
    return this.#cohorts;
  }

  add(compiled: CompiledStrategy): Member {
    const group = this.#groupOf(compiled);
    const member = { compiled, group, place: group.members.length };
    group.members.push(member);
    this.#noteChanged(group, member.place);
    return member;
  }

  /** The last of its cohort takes its place. */
  remove({ group, place }: Member): void {
    const last = group.members.pop();
    if (last !== undefined && last.place !== place) {
      last.place = place;
      group.members[place] = last;
    }
    this.#noteChanged(group, place);
  }

  /**
   * Puts another version in its place where it is of the same cohort, and else where that belongs.
   */
  replace(member: Member, compiled: CompiledStrategy): Member {
    if (this.#groupOf(compiled) !== member.group) {
      this.remove(member);
      return this.add(compiled);
    }
    member.compiled = compiled;
    this.#noteChanged(member.group, member.place);
    return member;
  }

  /** What has changed since the last time comes in force at once. */
  publish(): void {
    if (this.#dirty.size === 0) {
      return;
    }
    for (const group of this.#dirty) {
      const strategies = group.members.map(({ compiled }) => compiled);
      const { published, changed } = group;
      group.published = { ...published, set: published.set.changed(strategies, [...changed]) };
      changed.length = 0;
    }
    this.#dirty.clear();
    this.#cohorts = byTimeframe([...this.#groups.values()].map(({ published }) => published));
  }

  #noteChanged(group: Group, place: number): void {
    group.changed.push(place);
    this.#dirty.add(group);
  }

  #groupOf({ strategy, reads }: CompiledStrategy): Group {
    const { timeframe, status } = strategy;
    const ofStatus = this.#groupOfReads.get(status) ?? new WeakMap<Reads, Group>();
    this.#groupOfReads.set(status, ofStatus);
    const known = ofStatus.get(reads);
    if (known !== undefined) {
      return known;
    }
    const timeframes = [...reads.indicators.keys()];
    const key = [status, timeframe, ...timeframes].join(",");
    const waits = timeframes.join(",");
    const published = { timeframe, status, reads: timeframes, waits, set: new StrategySet([]) };
    const group = this.#groups.get(key) ?? { members: [], changed: [], published };
    this.#groups.set(key, group);
    ofStatus.set(reads, group);
    return group;
  }
}

function byTimeframe(cohorts: readonly Cohort[]): Cohorts {
  const filled = Map.groupBy(
    cohorts.filter(({ set }) => set.strategies.length > 0),
    ({ timeframe }) => timeframe,
  );
  return new Map(
    TIMEFRAMES.flatMap((timeframe) => (filled.has(timeframe) ? [[timeframe, filled.get(timeframe) ?? []]] : [])),
  );
}

export function cohortsOf(strategies: Iterable<CompiledStrategy>): Cohorts {
  const index = new CohortIndex();
  for (const compiled of strategies) {
    index.add(compiled);
  }
  index.publish();
  return index.cohorts;
}
