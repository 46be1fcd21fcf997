import type { Decision } from "../../../domain/decision.ts";
import { later, type Place, placeOfDecision } from "../../../domain/place.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { DecisionJournal } from "../../../ports/decision-journal.ts";
import { NO_TRACER, type Tracer } from "../../../ports/tracer.ts";
import type { FollowQuery, SignalBatch } from "../../api.ts";
import { type BoundedQueue, ENDED, SILENCE } from "../../streams/bounded-queue.ts";
import { catchUpThenLive, type LogStream } from "../../streams/catch-up-then-live.ts";
import type { CatchUpTurns } from "../../streams/catch-up-turns.ts";
import { withHeartbeats } from "../../streams/heartbeats.ts";
import { decisionAt, readResumeToken } from "../../streams/resume-token.ts";
import { divided, WithheldCount } from "../../streams/withheld.ts";
import { batchesOf, heartbeat, type Published } from "./batches.ts";
import type { DecisionLog } from "./decision-log.ts";

/** Decisions that are read from the journal at once. */
const DECISIONS_A_PAGE = 200;
/** The contract promises no silence longer than 1 s; the rest is for the way. */
const HEARTBEAT_MS = 800;

export interface FollowOptions extends DecisionLog {
  readonly journal: Pick<DecisionJournal, "read">;
  /** Of all streams together, in which they read what is in the journal. */
  readonly catchUps: CatchUpTurns;
  readonly clock: Clock;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
  /** What a query without symbols follows; absent or empty: all symbols. */
  readonly universe?: ReadonlySet<string>;
  /**
   * Has the query's symbols judged until the answer is called; throws where that would be too many.
   */
  readonly hold?: (symbols: readonly string[]) => () => void;
  /** Messages that may wait for a slow reader. */
  readonly queueLimit: number;
  /** Where the queues of open streams are to be found. */
  readonly queues?: Set<{ readonly depth: number }>;
  /** Told where a stream withholds its first decision, since its caller knows of no exits (R87). */
  readonly onWithheld?: () => void;
}

/**
 * R39: everything journaled for the query's symbols, strategies and kinds, whoever caused it, in
 * journal order, exactly once for a chain of resume tokens. First what the journal holds after the
 * token, then live without gap or double (see `catchUpThenLive`).
 */
export async function* follow(
  options: FollowOptions,
  query: FollowQuery,
  signal: AbortSignal,
): AsyncGenerator<SignalBatch> {
  const { journal, identity, last } = options;
  const placeAt = (sequence: number) => decisionAt(journal, sequence);
  const position = await readResumeToken({ log: "decisions", identity, last, placeAt }, query.resumeToken);
  // Not for a call that is refused: nothing is tracked for its symbols.
  const release = options.hold?.(query.symbols);
  try {
    yield* followFrom(options, query, position, signal);
  } finally {
    release?.();
  }
}

async function* followFrom(
  options: FollowOptions,
  query: FollowQuery,
  start: Place,
  signal: AbortSignal,
): AsyncGenerator<SignalBatch> {
  const withheld = new WithheldCount(options.onWithheld);
  yield heartbeat(options.identity, start);
  const stream: LogStream<Published, SignalBatch> = {
    published: options.published,
    last: () => options.last(),
    wanted: wantedBy(query, options.universe),
    catchUp: (from) => catchUp(options, query, from, withheld, signal),
    live: (queue, from) => live(options, queue, from, withheld, signal),
  };
  yield* catchUpThenLive(stream, options, start, signal);
}

/** Sends what is in the journal; answers with the place reached, which is the journal's end. */
async function* catchUp(
  options: FollowOptions,
  query: FollowQuery,
  start: Place,
  withheld: WithheldCount,
  signal: AbortSignal,
): AsyncGenerator<SignalBatch, Place> {
  const { identity, last, clock, universe } = options;
  let position = start;
  let sentAt = clock.monotonic();
  const matches = filterOf(query, universe);
  while (position.sequence < last().sequence && !signal.aborted) {
    const upTo = last();
    const page = withHeartbeats(readPage(options, query, position, upTo, signal), HEARTBEAT_MS, clock, signal);
    let step = await page.next();
    for (; !step.done; step = await page.next()) {
      yield heartbeat(identity, position, undefined, withheld.count);
      sentAt = clock.monotonic();
    }
    const found = step.value;
    if (found === undefined) {
      break;
    }
    // A page that is not full says that nothing else up to there is for this stream.
    const end = found.length < DECISIONS_A_PAGE ? undefined : found.at(-1);
    position = end === undefined ? upTo : placeOfDecision(end);
    const { sent: decisions, withheld: left } = divided(found.filter(matches), query);
    withheld.add(left);
    if (decisions.length > 0 || clock.monotonic() - sentAt > HEARTBEAT_MS) {
      yield* batchesOf(identity, { decisions, position }, withheld.count);
      sentAt = clock.monotonic();
    }
  }
  return position;
}

/** In its turn; undefined where the signal came before that. */
function readPage(
  { journal, catchUps }: FollowOptions,
  query: FollowQuery,
  after: Place,
  upTo: Place,
  signal: AbortSignal,
): Promise<readonly Decision[] | undefined> {
  return catchUps.run(upTo.sequence - after.sequence, signal, () =>
    journal.read({
      after: after.sequence,
      upTo: upTo.sequence,
      ...(query.strategyIds.length > 0 && { strategyIds: query.strategyIds }),
      ...(query.symbols.length > 0 && { symbols: query.symbols }),
      includeShadow: query.includeShadow,
      limit: DECISIONS_A_PAGE,
      signal,
    }),
  );
}

/** What of what is published is for the query. */
function wantedBy(query: FollowQuery, universe?: ReadonlySet<string>) {
  const matches = filterOf(query, universe);
  return (item: Published): Published | undefined => {
    const { sent: decisions, withheld } = divided(item.decisions.filter(matches), query);
    // What is not for this stream moves its place all the same, with the next heartbeat.
    return decisions.length > 0 || withheld > 0 || item.summary !== undefined
      ? { ...item, decisions, withheld }
      : undefined;
  };
}

async function* live(
  options: FollowOptions,
  queue: BoundedQueue<Published>,
  start: Place,
  withheld: WithheldCount,
  signal: AbortSignal,
): AsyncGenerator<SignalBatch> {
  let position = start;
  const { identity, tracer = NO_TRACER } = options;
  let sweeps: readonly string[] = [];
  yield heartbeat(identity, position, options.watermark(), withheld.count);
  for (;;) {
    const item = await queue.next(HEARTBEAT_MS);
    if (item === ENDED || signal.aborted) {
      break;
    }
    if (item !== SILENCE) {
      position = later(position, item.position);
      withheld.add(item.withheld ?? 0);
      const before = sweeps;
      sweeps = sweepsOf(item, tracer);
      yield* traced(
        options,
        item,
        sweeps.filter((sweep) => !before.includes(sweep)),
        withheld.count,
      );
    } else if (queue.isEmpty) {
      // Nothing waits, so all that was committed up to now and is for this stream has been sent.
      position = later(position, options.last());
      yield heartbeat(identity, position, options.watermark(), withheld.count);
    }
  }
  queue.throwIfBroken();
}

/**
 * R39: a query without symbols follows the universe, where one is configured. Symbols beyond it are
 * for those who name them.
 */
function filterOf(query: FollowQuery, universe?: ReadonlySet<string>): (decision: Decision) => boolean {
  const symbols = query.symbols.length > 0 ? new Set(query.symbols) : (universe ?? new Set());
  const strategies = new Set(query.strategyIds);
  return (decision) =>
    (symbols.size === 0 || symbols.has(decision.symbol)) &&
    (strategies.size === 0 || strategies.has(decision.strategyId)) &&
    (query.includeShadow || !decision.shadow);
}

/** `traceparent`s of the sweeps that an item tells of; none where the stream is not traced. */
function sweepsOf({ decisions, traceparent }: Published, tracer: Tracer): readonly string[] {
  if (tracer.traceparent() === undefined) {
    return [];
  }
  const all = [traceparent, ...decisions.map(({ metadata }) => metadata.traceparent)];
  return [...new Set(all.filter((one) => one !== undefined))];
}

/** One short span a sweep, linked to it: the stream itself may go on for weeks. */
function* traced(
  { identity, tracer = NO_TRACER }: FollowOptions,
  item: Published,
  sweeps: readonly string[],
  withheld: number,
): Generator<SignalBatch> {
  if (sweeps.length === 0) {
    yield* batchesOf(identity, item, withheld);
    return;
  }
  const span = tracer.open("stream", { links: sweeps, attributes: { decisions: item.decisions.length } });
  try {
    yield* batchesOf(identity, item, withheld);
  } finally {
    span.end();
  }
}
