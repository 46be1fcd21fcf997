import { later, type Place, placeOfClosing } from "../../domain/place.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PositionBook } from "../../ports/position-book.ts";
import type { ClosedAnswer, PerformanceStep } from "../api.ts";
import { Pace } from "../concurrency/pace.ts";
import { type BoundedQueue, ENDED, SILENCE } from "../streams/bounded-queue.ts";
import { catchUpThenLive, type LogStream } from "../streams/catch-up-then-live.ts";
import type { CatchUpTurns } from "../streams/catch-up-turns.ts";
import { readResumeToken, resumeToken } from "../streams/resume-token.ts";
import type { Closing, Closings } from "./closings.ts";

const HEARTBEAT_MS = 800;
const PAGE = 200;
/** Of a microsecond or so each. */
const STEPS_AN_ANSWER = 10;

export interface WatchOptions {
  readonly positions: Pick<PositionBook, "closedAfter">;
  readonly closings: Closings;
  readonly clock: Clock;
  readonly queueLimit: number;
  /** Of all streams together, in which they read what the stores hold. */
  readonly catchUps: CatchUpTurns;
}

export interface WatchQuery {
  readonly strategyIds: readonly string[];
  readonly resumeToken: string;
}

/**
 * Closings after the token, in the order of their reports, each with the totals that it made: first
 * those kept, then live.
 */
export async function* watchPerformance(
  options: WatchOptions,
  query: WatchQuery,
  signal: AbortSignal,
): AsyncGenerator<PerformanceStep> {
  const { closings } = options;
  const past = closings.past();
  const start = await readResumeToken(closings.log, query.resumeToken);
  yield stepOf(closings, start);
  const ids = new Set(query.strategyIds);
  const stream: LogStream<Closing, PerformanceStep> = {
    published: closings.published,
    last: () => closings.last,
    wanted: (closing) => (ids.size === 0 || ids.has(closing.position.strategyId) ? closing : undefined),
    catchUp: (from) => kept(options, query, past, from, signal),
    live: (queue, from) => live(closings, queue, from, signal),
  };
  yield* catchUpThenLive(stream, options, start, signal);
}

/** Sends what the position book has; answers with the place reached. */
async function* kept(
  options: WatchOptions,
  { strategyIds }: WatchQuery,
  past: ReturnType<Closings["past"]>,
  start: Place,
  signal: AbortSignal,
): AsyncGenerator<PerformanceStep, Place> {
  const { positions, closings, clock, catchUps } = options;
  const pace = new Pace(clock);
  const ids = strategyIds.length > 0 ? strategyIds : undefined;
  let place = start;
  while (place.sequence < closings.last.sequence && !signal.aborted) {
    const upTo = closings.last;
    const after = place.sequence;
    const found = await catchUps.run(upTo.sequence - after, signal, () => positions.closedAfter(after, PAGE, ids));
    if (found === undefined) {
      break;
    }
    const page = found.filter((each) => each.closeSequence <= upTo.sequence);
    for (const each of page) {
      place = placeOfClosing(each);
      yield stepOf(closings, place, { position: each, performance: await past(each) });
      if (pace.isLateAfter(STEPS_AN_ANSWER)) {
        await pace.rest();
      }
    }
    place = page.length < PAGE ? later(place, upTo) : place;
  }
  return place;
}

async function* live(
  closings: Closings,
  queue: BoundedQueue<Closing>,
  start: Place,
  signal: AbortSignal,
): AsyncGenerator<PerformanceStep> {
  let place = start;
  for (;;) {
    const item = await queue.next(HEARTBEAT_MS);
    if (item === ENDED || signal.aborted) {
      break;
    }
    if (item !== SILENCE) {
      const { position, performance } = item;
      const closed = { position, performance: await performance };
      place = later(place, placeOfClosing(position));
      yield stepOf(closings, place, closed);
    } else if (queue.isEmpty) {
      place = later(place, closings.last);
      yield stepOf(closings, place);
    }
  }
  queue.throwIfBroken();
}

function stepOf({ log }: Closings, place: Place, closed?: ClosedAnswer): PerformanceStep {
  return { ...(closed && { closed }), resumeToken: resumeToken(log, place) };
}
