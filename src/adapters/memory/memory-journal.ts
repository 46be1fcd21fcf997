import { type Decision, isOpening, needsExits, type Opening } from "../../domain/decision.ts";
import { RuntimeError } from "../../domain/errors.ts";
import type {
  DecisionJournal,
  DecisionTrace,
  DropQuery,
  JournalQuery,
  TraceQuestion,
  TraceWindow,
} from "../../ports/decision-journal.ts";

/** Decisions that live as long as the process. */
export function memoryJournal(): DecisionJournal {
  const identity = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
  let kept: Decision[] = [];
  const ids = new TakenIds();
  let last = 0;
  let judgedUntil: number | undefined;

  const openings = (): Opening[] => kept.filter(isOpening);

  return {
    async ready() {},
    async append(decisions, withinMs) {
      if (withinMs !== undefined && withinMs <= 0 && decisions.length > 0) {
        throw new RuntimeError("deadline_exceeded", `nothing was written: it came ${-withinMs} ms too late`);
      }
      ids.take(decisions, last);
      for (const decision of decisions) {
        kept.push(decision);
      }
      last += decisions.length;
    },
    async probe() {},
    read: async (query) => pageOf(kept, query),
    identity: async () => identity,
    lastSequence: async () => last,
    async get(decisionIds) {
      const wanted = new Set(decisionIds);
      return kept.filter(({ decisionId }) => wanted.has(decisionId));
    },
    exits: async (positionIds) => newestExits(kept, positionIds),
    async find(decisionIds) {
      const wanted = new Set(decisionIds);
      return openings()
        .filter(({ decisionId }) => wanted.has(decisionId))
        .map(traceOf);
    },
    judgedUntil: async () => judgedUntil,
    async noteJudged(time) {
      judgedUntil = time;
    },
    async traces(window, take) {
      take(tracesIn(openings(), window));
    },
    async tracesAt(questions) {
      const all = openings();
      const wanted = new Set(questions.flatMap((question) => answersTo(question, all)));
      return all.filter((decision) => wanted.has(decision)).map(traceOf);
    },
    async drop(query) {
      const { gone, end } = outdated(kept, query);
      for (const decision of gone) {
        ids.free(decision);
      }
      kept = kept.filter((decision) => !gone.has(decision));
      return { dropped: gone.size, ...(end && { end: { timestamp: end.timestamp, sequence: end.sequence } }) };
    },
    async close() {},
  };
}

function pageOf(kept: readonly Decision[], query: JournalQuery): readonly Decision[] {
  const { after = 0, upTo = Number.POSITIVE_INFINITY, newestFirst = false, limit, signal, ...filters } = query;
  const wants = filterOf(filters);
  const [start, end] = [firstAfter(kept, after), firstAfter(kept, upTo)];
  const found: Decision[] = [];
  for (let n = 0; n < end - start && found.length < limit && !signal?.aborted; n++) {
    const decision = kept[newestFirst ? end - 1 - n : start + n];
    if (decision !== undefined && wants(decision)) {
      found.push(decision);
    }
  }
  return found;
}

/** The ids that are in the journal. */
class TakenIds {
  /**
   * By bar close, which is part of what an id is made of (R34): one set of all would stall a write
   * each time that it grows.
   */
  readonly #ids = new Map<number, Set<string>>();

  /** Takes the ids of all, or of none where one may not be written behind sequence `last`. */
  take(decisions: readonly Decision[], last: number): void {
    for (let i = 0; i < decisions.length; i++) {
      const { sequence, decisionId, barCloseTime } = decisions[i] as Decision;
      const taken = this.#ids.get(barCloseTime);
      const fault =
        sequence !== last + 1 + i
          ? `decision sequence ${sequence} does not follow ${last + i}, the last one`
          : taken?.has(decisionId)
            ? `decision ${decisionId} is in the journal already`
            : undefined;
      if (fault !== undefined) {
        for (const decision of decisions.slice(0, i)) {
          this.free(decision);
        }
        throw new RuntimeError("aborted", fault);
      }
      if (taken === undefined) {
        this.#ids.set(barCloseTime, new Set([decisionId]));
      } else {
        taken.add(decisionId);
      }
    }
  }

  free({ barCloseTime, decisionId }: Decision): void {
    const taken = this.#ids.get(barCloseTime);
    taken?.delete(decisionId);
    if (taken?.size === 0) {
      this.#ids.delete(barCloseTime);
    }
  }
}

/** Which decisions a drop takes away, and the last one that it looked at. */
function outdated(kept: readonly Decision[], { before, keepNewestFrom, after, limit, keep }: DropQuery) {
  const old = kept.filter(
    (decision) => decision.timestamp < before && (after === undefined || compareAge(decision, after) > 0),
  );
  const looked = old.sort(compareAge).slice(0, limit);
  const newest = newestOf(kept.filter(isOpening));
  const isKept = (one: Decision) =>
    keep?.has(one.decisionId) || (one.timestamp >= keepNewestFrom && isOpening(one) && newest.has(one));
  return { gone: new Set(looked.filter((one) => !isKept(one))), end: looked.at(-1) };
}

/** The newest exit of each position, in their order. */
function newestExits(kept: readonly Decision[], positionIds: readonly string[]): readonly Decision[] {
  const wanted = new Set(positionIds);
  const newest = new Map<string, Decision>();
  for (const decision of kept) {
    if (decision.positionId !== undefined && wanted.has(decision.positionId)) {
      newest.set(decision.positionId, decision);
    }
  }
  return [...newest.values()].sort((a, b) => a.sequence - b.sequence);
}

/** Index of the first decision with a sequence above `after`; they are in order of sequence. */
function firstAfter(kept: readonly Decision[], after: number): number {
  let [low, high] = [0, kept.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((kept[middle]?.sequence ?? 0) > after) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** By timestamp, then sequence. */
function compareAge(a: Pick<Decision, "timestamp" | "sequence">, b: Pick<Decision, "timestamp" | "sequence">): number {
  return a.timestamp - b.timestamp || a.sequence - b.sequence;
}

/** The newest of every strategy, symbol and kind. */
function newestOf(decisions: readonly Opening[]): ReadonlySet<Opening> {
  const newest = new Map<string, Opening>();
  for (const decision of decisions) {
    const pair = JSON.stringify([decision.strategyId, decision.symbol, decision.shadow]);
    const before = newest.get(pair);
    if (before === undefined || compareAge(before, decision) < 0) {
      newest.set(pair, decision);
    }
  }
  return new Set(newest.values());
}

/** What the gates must remember from the start on. */
function tracesIn(all: readonly Opening[], { validAfter, closedBy }: TraceWindow): readonly DecisionTrace[] {
  const newest = newestOf(all);
  return all
    .filter((one) => newest.has(one) || (one.validUntil > validAfter && one.barCloseTime <= closedBy))
    .map(traceOf);
}

function answersTo({ strategyId, symbol, barCloseTime, time }: TraceQuestion, kept: readonly Opening[]): Opening[] {
  const own = kept.filter((decision) => decision.strategyId === strategyId);
  const ofPair = own.filter((decision) => decision.symbol === symbol);
  return [
    ...ofPair.filter((decision) => decision.barCloseTime === barCloseTime),
    ...newestOf(ofPair.filter((decision) => decision.timestamp <= time)),
    ...own.filter((decision) => isInForce(decision, time)),
  ];
}

function isInForce({ barCloseTime, validUntil }: Decision, time: number): boolean {
  return barCloseTime <= time && validUntil !== undefined && time < validUntil;
}

/**
 * Readers that come back ask for pages of thousands of decisions one after the other, and for many
 * symbols: lists are looked into once.
 */
function filterOf(
  query: Omit<JournalQuery, "after" | "upTo" | "newestFirst" | "limit" | "signal">,
): (decision: Decision) => boolean {
  const {
    includeShadow,
    withoutExits = false,
    startTime = Number.NEGATIVE_INFINITY,
    endTime = Number.POSITIVE_INFINITY,
  } = query;
  const strategyIds = setOf(query.strategyIds);
  const symbols = setOf(query.symbols);
  const { validAt } = query;
  return (decision) =>
    (includeShadow || !decision.shadow) &&
    !(withoutExits && needsExits(decision)) &&
    (strategyIds?.has(decision.strategyId) ?? true) &&
    (symbols?.has(decision.symbol) ?? true) &&
    decision.timestamp >= startTime &&
    decision.timestamp < endTime &&
    (validAt === undefined || isInForce(decision, validAt));
}

/** An absent or empty list lets all through. */
function setOf(list: readonly string[] = []): ReadonlySet<string> | undefined {
  return list.length === 0 ? undefined : new Set(list);
}

function traceOf(decision: Opening): DecisionTrace {
  const { sequence, decisionId, strategyId, strategyVersion, symbol } = decision;
  const { barCloseTime, timestamp, validUntil, shadow } = decision;
  return { sequence, decisionId, strategyId, strategyVersion, symbol, barCloseTime, timestamp, validUntil, shadow };
}
