import type { Place } from "../../domain/place.ts";
import type { Clock } from "../../ports/clock.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import type { Broadcast } from "./broadcast.ts";

/** A stream of what a log holds, and of what comes to it. */
export interface LogStream<Item, Message> {
  /** Where the log's news are told. */
  readonly published: Broadcast<Item>;
  /** The place of the last that the log holds. */
  readonly last: () => Place;
  /** What of an item is for this stream; undefined where nothing is. */
  readonly wanted: (item: Item) => Item | undefined;
  /** Sends what the log holds behind a place; answers with the place reached. */
  readonly catchUp: (from: Place) => AsyncGenerator<Message, Place>;
  /** Sends what waits in the queue, until it ends. */
  readonly live: (queue: BoundedQueue<Item>, from: Place) => AsyncGenerator<Message>;
}

export interface StreamQueueOptions {
  readonly clock: Clock;
  /** Items that may wait for a slow reader. */
  readonly queueLimit: number;
  /** Where the queues of open streams are to be found. */
  readonly queues?: Set<{ readonly depth: number }>;
}

/**
 * First what the log holds behind `start`, then live, without gap or double: listening begins in
 * the same turn of the event loop in which the log was found to be read to its end.
 */
export async function* catchUpThenLive<Item, Message>(
  stream: LogStream<Item, Message>,
  options: StreamQueueOptions,
  start: Place,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  let place = start;
  while (!signal.aborted) {
    place = yield* stream.catchUp(place);
    const listening = listen(stream, options, signal);
    try {
      // Between the last look and the listening, other work may have had its turn: then the log is
      // asked again.
      if (place.sequence >= stream.last().sequence && !signal.aborted) {
        yield* stream.live(listening.queue, place);
        return;
      }
    } finally {
      listening.stop();
    }
  }
}

/** From this call on, what is published for the stream waits in the queue. */
function listen<Item, Message>(
  { published, wanted }: LogStream<Item, Message>,
  { queueLimit, clock, queues }: StreamQueueOptions,
  signal: AbortSignal,
): { readonly queue: BoundedQueue<Item>; readonly stop: () => void } {
  const queue = new BoundedQueue<Item>(queueLimit, clock);
  queues?.add(queue);
  const stopListening = published.listen({
    take(item) {
      const own = wanted(item);
      if (own !== undefined) {
        queue.send(own);
      }
    },
    failed: (error) => queue.fail(error),
  });
  const end = () => queue.end();
  signal.addEventListener("abort", end, { once: true });
  const stop = () => {
    stopListening();
    queues?.delete(queue);
    signal.removeEventListener("abort", end);
  };
  return { queue, stop };
}
