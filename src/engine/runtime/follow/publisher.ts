import type { Decision } from "../../../domain/decision.ts";
import { RuntimeError } from "../../../domain/errors.ts";
import { type Place, placeOfDecision } from "../../../domain/place.ts";
import type { MarketData } from "../../../ports/market-data.ts";
import { type Observer, thrownIn } from "../../../ports/observer.ts";
import type { Broadcast } from "../../streams/broadcast.ts";
import type { Published } from "./batches.ts";

export interface PublisherOptions {
  readonly market: Pick<MarketData, "now" | "completes">;
  readonly observer: Observer;
  readonly published: Broadcast<Published>;
  /** Hears of all that is decided. */
  readonly note: (decisions: readonly Decision[]) => void;
  /** Place of the last decision committed. */
  readonly last: () => Place;
  readonly watermark: () => number;
}

/**
 * Tells everybody of decisions that the journal has. Where that cannot be done, streams end: whoever
 * reads them resumes, and finds the decisions in the journal.
 */
export function publisher(options: PublisherOptions): (decisions: readonly Decision[]) => void {
  const { published, observer } = options;
  return (decisions) => {
    try {
      publish(options, decisions);
    } catch (error) {
      published.fail(error);
      thrownIn(observer, "stream")(error);
    }
  };
}

function publish(options: PublisherOptions, decisions: readonly Decision[]): void {
  const { market, observer, published, note, last, watermark } = options;
  note(decisions);
  const publishedAt = market.now();
  for (const decision of decisions) {
    observer.observe({ kind: "decided", decision, publishedAt });
  }
  const end = decisions.at(-1);
  const position = end === undefined ? last() : placeOfDecision(end);
  // Nobody can act on a decision that expired while the journal took its time; the journal has it.
  const inTime = market.completes ? decisions : decisions.filter(({ validUntil }) => validUntil > publishedAt);
  if (inTime.length < decisions.length) {
    const error = expiredUnsent(decisions.length - inTime.length);
    observer.observe({ kind: "fault", what: "decision journal", error });
  }
  published.send({ decisions: inTime, watermark: watermark(), position });
}

function expiredUnsent(count: number): RuntimeError {
  const text = `${count} decisions expired before the journal said that it has them: they are there, and were not sent live`;
  return new RuntimeError("deadline_exceeded", text);
}
