import { type Decision, isOpening, type SweepSummary } from "../../../domain/decision.ts";
import { RuntimeError } from "../../../domain/errors.ts";
import type { OnThrown } from "../../../domain/guarded.ts";
import { type Place, placeOfDecision } from "../../../domain/place.ts";
import type { MarketData } from "../../../ports/market-data.ts";
import { type Observer, thrownIn } from "../../../ports/observer.ts";
import { Broadcast } from "../../streams/broadcast.ts";
import type { Published } from "./batches.ts";
import type { DecisionLog } from "./decision-log.ts";

export interface PublisherOptions {
  readonly identity: string;
  readonly market: Pick<MarketData, "now" | "completes">;
  readonly observer: Observer;
  /** Hears of all that is decided. */
  readonly note: (decisions: readonly Decision[]) => void;
  readonly last: () => Place;
  readonly watermark: () => number;
}

/** Tells those who follow of decisions that the journal has, and of sweeps that ended. */
export class Publisher implements DecisionLog {
  readonly identity: string;
  readonly published: Broadcast<Published>;
  readonly #options: PublisherOptions;
  readonly #onThrown: OnThrown;

  constructor(options: PublisherOptions) {
    this.identity = options.identity;
    this.#onThrown = thrownIn(options.observer, "stream");
    this.published = new Broadcast(this.#onThrown);
    this.#options = options;
  }

  last(): Place {
    return this.#options.last();
  }

  watermark(): number {
    return this.#options.watermark();
  }

  /**
   * Where those who follow cannot be told, their streams end: whoever reads them resumes, and finds
   * the decisions in the journal.
   */
  decided(decisions: readonly Decision[]): void {
    try {
      this.#publish(decisions);
    } catch (error) {
      this.published.fail(error);
      this.#onThrown(error);
    }
  }

  swept(summary: SweepSummary, watermark: number, traceparent: string | undefined): void {
    this.published.send({ decisions: [], summary, watermark, position: this.last(), traceparent });
  }

  #publish(decisions: readonly Decision[]): void {
    const { market, observer, note } = this.#options;
    note(decisions.filter(isOpening));
    const publishedAt = market.now();
    for (const decision of decisions) {
      observer.observe({ kind: isOpening(decision) ? "decided" : "exit_decided", decision, publishedAt });
    }
    // Nobody can act on a decision that expired while the journal took its time; the journal has
    // it.
    const inTime = market.completes
      ? decisions
      : decisions.filter(({ validUntil = Number.POSITIVE_INFINITY }) => validUntil > publishedAt);
    const late = decisions.length - inTime.length;
    if (late > 0) {
      observer.observe({ kind: "fault", what: "decision journal", error: expiredUnsent(late) });
    }
    const last = decisions.at(-1);
    const position = last === undefined ? this.last() : placeOfDecision(last);
    this.published.send({ decisions: inTime, watermark: this.watermark(), position });
  }
}

function expiredUnsent(count: number): RuntimeError {
  const text = `${count} decisions expired before the journal said that it has them: they are there, and were not sent live`;
  return new RuntimeError("deadline_exceeded", text);
}
