import type { Decision, SweepSummary } from "../../../domain/decision.ts";
import { type Place, placeOfDecision } from "../../../domain/place.ts";
import type { SignalBatch } from "../../api.ts";
import { decisionMessages } from "../../streams/messages.ts";
import { resumeToken } from "../../streams/resume-token.ts";

/** An item that the engine tells its followers, in journal order. */
export interface Published {
  readonly decisions: readonly Decision[];
  /** Present at the end of a bar-close sweep. */
  readonly summary?: SweepSummary;
  /** The watermark that holds once this is sent. */
  readonly watermark: number;
  /** The place of the last decision committed at that moment. */
  readonly position: Place;
  /** Openings that the stream withholds (R87), of those that came with these. */
  readonly withheld?: number;
  /** Names the sweep of the summary, where that is traced. */
  readonly traceparent?: string | undefined;
}

/**
 * The messages of a stream on the journal with this identity. The last one goes to the place that
 * is reached with all of them, and says how far sweeps are over, and how many decisions the stream
 * has withheld.
 */
export function* batchesOf(
  identity: string,
  { decisions, summary, watermark, position }: Pick<Published, "decisions" | "position"> & Partial<Published>,
  withheld = 0,
): Generator<SignalBatch> {
  const messages = decisionMessages(decisions);
  for (const message of messages.slice(0, -1)) {
    const end = message.at(-1);
    yield batchOf(identity, message, end === undefined ? position : placeOfDecision(end));
  }
  const last = batchOf(identity, messages.at(-1) ?? [], position, watermark, withheld);
  yield summary === undefined ? last : { ...last, summary };
}

/** A message without decisions: how far the stream is. */
export function heartbeat(identity: string, position: Place, watermark?: number, withheld = 0): SignalBatch {
  return batchOf(identity, [], position, watermark, withheld);
}

function batchOf(
  identity: string,
  decisions: readonly Decision[],
  position: Place,
  watermark?: number,
  withheld = 0,
): SignalBatch {
  return {
    decisions,
    suppressions: [],
    failures: [],
    resumeToken: resumeToken({ log: "decisions", identity }, position),
    ...(watermark !== undefined && watermark > 0 && { watermark }),
    ...(withheld > 0 && { withheldDecisions: withheld }),
  };
}
