import { RuntimeError } from "../../domain/errors.ts";
import type { OnThrown } from "../../domain/guarded.ts";
import { gainOf, type Performance } from "../../domain/performance.ts";
import { later, type Place, placeOfClosing } from "../../domain/place.ts";
import { type ClosedPosition, isClosed, type Position } from "../../domain/position.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DecisionJournal } from "../../ports/decision-journal.ts";
import type { PositionBook } from "../../ports/position-book.ts";
import type { StrategyRepository } from "../../ports/strategy-repository.ts";
import type { ClosedAnswer, PerformanceDesk, PerformanceStep } from "../api.ts";
import { Pace } from "../concurrency/pace.ts";
import { Serial } from "../concurrency/serial.ts";
import type { DecisionMemory } from "../runtime/deciding/decision-memory.ts";
import { noSuchStrategy } from "../strategies/strategy-desk.ts";
import { BoundedQueue, ENDED, SILENCE } from "../streams/bounded-queue.ts";
import { Broadcast } from "../streams/broadcast.ts";
import type { CatchUpTurns } from "../streams/catch-up-turns.ts";
import { closingAt, readResumeToken, resumeToken, type TokenLog } from "../streams/resume-token.ts";
import { textFault } from "../validation/texts.ts";
import { noSuchDecision, reportClosed, reportOpened } from "./position-reports.ts";
import type { RunningTotals } from "./running-totals.ts";
import { StrategyTotals } from "./strategy-totals.ts";

const HEARTBEAT_MS = 800;
const PAGE = 200;
/** Of a microsecond or so each. */
const STEPS_AN_ANSWER = 10;

export interface PerformanceDeskOptions {
  readonly positions: PositionBook;
  readonly journal: Pick<DecisionJournal, "find">;
  readonly repository: StrategyRepository;
  readonly memory: DecisionMemory;
  readonly clock: Clock;
  readonly onThrown: OnThrown;
  readonly queueLimit: number;
  /** The journal's identity, which tokens name. */
  readonly identity: string;
  /** The last that the position book holds. */
  readonly lastClosing: Place;
  /** Of all streams together, in which they read what the stores hold. */
  readonly catchUps: CatchUpTurns;
}

/** A closing, with the totals that it made; they are asked for once for all who watch. */
interface Closing {
  readonly position: ClosedPosition;
  readonly performance: Promise<Performance>;
}

export interface SettledDesk extends PerformanceDesk {
  /** Resolves once the memory knows what became of every report; fails as the position book does. */
  settled(): Promise<void>;
  /** Resolves once no report is being written; none is taken any more. Another desk may take them next. */
  stop(): Promise<void>;
}

/** Takes the executor's reports, one after the other, and adds up how strategies do (R45, R46). */
export function performanceDesk(options: PerformanceDeskOptions): SettledDesk {
  const { positions, memory, clock } = options;
  const serial = new Serial();
  const published = new Broadcast<Closing>(options.onThrown);
  const closings = new StrategyTotals(positions, clock, options.onThrown);
  let last = options.lastClosing;
  const log: TokenLog = {
    log: "positions",
    identity: options.identity,
    last: () => last,
    placeAt: (sequence) => closingAt(positions, sequence),
  };
  /** Set while a write's fate is unknown: the book is asked before the next report. */
  let inDoubt = false;
  let hasEnded = false;

  const inTurn = <T>(task: () => Promise<T>): Promise<T> =>
    serial.run(async () => {
      if (hasEnded) {
        throw new RuntimeError("unavailable", "the report was not taken, since this engine has ended; report it again");
      }
      if (inDoubt) {
        await resolveDoubt();
      }
      return task();
    });

  const put = async (position: Position): Promise<void> => {
    inDoubt = true;
    await positions.put(position);
    inDoubt = false;
  };

  /** A write that failed may have reached the store all the same (the answer was lost). */
  const resolveDoubt = async (): Promise<void> => {
    for (;;) {
      const found = await positions.closedAfter(last.sequence, PAGE);
      if (found.length === 0) {
        break;
      }
      for (const position of found) {
        // One after the other: each has the totals that it made itself.
        await noteClosed(position).catch(() => undefined);
      }
    }
    for (const position of await positions.open()) {
      noteOpen(position, memory);
    }
    inDoubt = false;
  };

  /** In one turn of the event loop, so that nobody who watches can see one without the other. */
  const noteClosed = (position: ClosedPosition): Promise<Performance> => {
    if (position.decisionId !== undefined) {
      memory.settle(position.decisionId);
    }
    memory.positionClosed(position.strategyId, position.positionId);
    closings.add(position);
    const performance = totals(position.strategyId);
    // Whoever waits for it hears of the failure; nobody need wait.
    performance.catch(() => undefined);
    if (position.closeSequence > last.sequence) {
      last = placeOfClosing(position);
      published.send({ position, performance });
    }
    return performance;
  };

  const opened: PerformanceDesk["opened"] = (report) =>
    inTurn(async () => {
      const { position, isNew } = reportOpened(report, await positions.get(report.positionId));
      if (isNew) {
        await put(position);
      }
      if (!isClosed(position)) {
        memory.positionOpened(position.strategyId, position.positionId, position.decisionId);
      }
      return position;
    });

  const closed: PerformanceDesk["closed"] = (report) =>
    inTurn(async () => {
      const known = await positions.get(report.positionId);
      const { position, isNew } = reportClosed(report, known, last.sequence + 1);
      if (isNew) {
        await put(position);
      }
      return { position, performance: await noteClosed(position) };
    });

  const rejected: PerformanceDesk["rejected"] = (decisionId, reason) =>
    inTurn(async () => {
      const before = await positions.rejection(decisionId);
      if (before !== undefined && before.reason !== reason) {
        throw new RuntimeError(
          "already_exists",
          `decision ${JSON.stringify(decisionId)} was reported rejected before, because ${JSON.stringify(before.reason)}`,
        );
      }
      if (before === undefined) {
        if (!memory.holds(decisionId) && (await options.journal.find([decisionId])).length === 0) {
          throw noSuchDecision(decisionId);
        }
        await positions.reject({ decisionId, reason, time: clock.now() });
      }
      memory.settle(decisionId);
    });

  const totals = async (strategyId: string): Promise<Performance> =>
    (await closings.of(strategyId)).performance(strategyId, memory.open(strategyId));

  const performance: PerformanceDesk["performance"] = async (strategyId, start, end) => {
    const all = await closings.of(strategyId);
    const isKnown =
      all.length > 0 || memory.open(strategyId) > 0 || (await options.repository.get([strategyId])).has(strategyId);
    if (!isKnown) {
      throw noSuchStrategy([strategyId]);
    }
    const inside =
      start === undefined && end === undefined
        ? all
        : await all.between(start ?? Number.NEGATIVE_INFINITY, end ?? Number.POSITIVE_INFINITY, new Pace(clock));
    return inside.performance(strategyId, memory.open(strategyId));
  };

  /** For who reads closings in the order of their reports: the strategy's totals as they were once each had been reported. */
  const pastTotals = (): ((position: ClosedPosition) => Promise<Performance>) => {
    const then = new Map<string, RunningTotals>();
    return async (position) => {
      const { strategyId, closeSequence } = position;
      let known = then.get(strategyId);
      if (known === undefined) {
        known = await (await closings.of(strategyId)).reportedBy(closeSequence, new Pace(clock));
        then.set(strategyId, known);
      }
      known.add(gainOf(position));
      return known.performance(strategyId, memory.open(strategyId));
    };
  };

  async function* watch(
    query: { strategyIds: readonly string[]; resumeToken: string },
    signal: AbortSignal,
  ): AsyncGenerator<PerformanceStep> {
    let position = await readResumeToken(log, query.resumeToken);
    const wanted = new Set(query.strategyIds);
    const step = (answer?: ClosedAnswer): PerformanceStep => ({
      ...(answer && { closed: answer }),
      resumeToken: resumeToken(log, position),
    });
    yield step();
    const past = pastTotals();
    const pace = new Pace(clock);
    while (position.sequence < last.sequence && !signal.aborted) {
      const upTo = last;
      const ids = query.strategyIds.length > 0 ? query.strategyIds : undefined;
      const left = upTo.sequence - position.sequence;
      const read = () => positions.closedAfter(position.sequence, PAGE, ids);
      const found = await options.catchUps.run(left, signal, read);
      if (found === undefined) {
        break;
      }
      const page = found.filter((each) => each.closeSequence <= upTo.sequence);
      for (const each of page) {
        position = placeOfClosing(each);
        yield step({ position: each, performance: await past(each) });
        if (pace.isLateAfter(STEPS_AN_ANSWER)) {
          await pace.rest();
        }
      }
      position = page.length < PAGE ? later(position, upTo) : position;
    }
    if (!signal.aborted) {
      yield* watchLive(wanted, signal, (to) => {
        position = later(position, to);
        return position;
      });
    }
  }

  async function* watchLive(
    wanted: ReadonlySet<string>,
    signal: AbortSignal,
    moveTo: (place: Place) => Place,
  ): AsyncGenerator<PerformanceStep> {
    const queue = new BoundedQueue<Closing>(options.queueLimit, clock);
    const stopListening = published.listen({
      take(closing) {
        if (wanted.size === 0 || wanted.has(closing.position.strategyId)) {
          queue.send(closing);
        }
      },
      failed: (error) => queue.fail(error),
    });
    const end = () => queue.end();
    signal.addEventListener("abort", end, { once: true });
    try {
      for (;;) {
        const item = await queue.next(HEARTBEAT_MS);
        if (item === ENDED || signal.aborted) {
          break;
        }
        if (item !== SILENCE) {
          const { position, performance } = item;
          const closed = { position, performance: await performance };
          yield { closed, resumeToken: resumeToken(log, moveTo(placeOfClosing(position))) };
        } else if (queue.isEmpty) {
          yield { resumeToken: resumeToken(log, moveTo(last)) };
        }
      }
    } finally {
      stopListening();
      signal.removeEventListener("abort", end);
    }
    queue.throwIfBroken();
  }

  return {
    opened,
    closed,
    rejected: async (decisionId, reason) => {
      const fault = textFault(decisionId, { least: 1, most: 128 });
      if (fault !== undefined) {
        throw new RuntimeError("invalid", `decision_id ${fault}`, {
          violations: [{ field: "decision_id", description: fault }],
        });
      }
      await rejected(decisionId, reason);
    },
    performance,
    watch,
    settled: () => inTurn(async () => undefined),
    async stop() {
      hasEnded = true;
      await serial.run(async () => undefined);
    },
  };
}

/** A position that the book has open counts, and its decision's place does not any more (R33). */
export function noteOpen({ strategyId, positionId, decisionId }: Position, memory: DecisionMemory): void {
  memory.positionOpened(strategyId, positionId, decisionId);
}
