import { type Bar, barFault } from "../../domain/bar.ts";
import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import { formatTime } from "../rules/conditions/format.ts";

/** R5: the longest run of bars that is filled where the history itself lacks them. */
const LONGEST_FILL = 48;

/** Behind what a series begins anew (R5). */
export interface Cut {
  /** Open time of the bar that is invalid, or of the first one that is missing. */
  readonly time: number;
  /**
   * A sentence without its subject, which is the series: "lacks 49 bars from … on, more than 48".
   */
  readonly why: string;
  /**
   * Whether a bar is invalid: the venue may put a valid one in its place. Bars that it lacks stay
   * away.
   */
  readonly isInvalidBar: boolean;
}

/** Bars that follow one another, with what was filled or left out in making them so (R5). */
export interface Joined {
  readonly bars: readonly Bar[];
  /** Present where bars were left out, and why. */
  readonly cut?: Cut;
  /** Present where the newest of the bars given is invalid (R3): the bars end before it. */
  readonly end?: Cut;
}

/**
 * Makes bars, which are in order, follow `previous` without a gap: short gaps are filled flat;
 * behind a longer one, or an invalid bar, they begin anew.
 */
export function joinBars(previous: Bar | undefined, bars: readonly Bar[], timeframe: Timeframe): Joined {
  const length = timeframeMs(timeframe);
  let joined: Bar[] = [];
  let cut: Cut | undefined;
  let invalid: Cut | undefined;
  let last = previous;
  for (const bar of bars) {
    const fault = barFault(bar);
    if (fault !== undefined) {
      invalid = invalidBar(bar, fault);
      continue;
    }
    const missing = last === undefined ? 0 : (bar.openTime - last.openTime) / length - 1;
    if (invalid !== undefined || missing > LONGEST_FILL) {
      joined = [];
      cut = invalid ?? longGap((last as Bar).openTime + length, missing);
      invalid = undefined;
    } else if (last !== undefined) {
      for (let i = 1; i <= missing; i++) {
        joined.push(flatBar(last, last.openTime + i * length));
      }
    }
    joined.push(bar);
    last = bar;
  }
  return { bars: joined, ...(cut && { cut }), ...(invalid && { end: invalid }) };
}

function invalidBar({ openTime: time }: Bar, fault: string): Cut {
  return { time, why: `has an invalid bar at ${formatTime(time)}: ${fault}`, isInvalidBar: true };
}

function longGap(time: number, missing: number): Cut {
  const why = `lacks ${missing} bars from ${formatTime(time)} on, more than ${LONGEST_FILL}`;
  return { time, why, isInvalidBar: false };
}

/** R5: a bar in which nothing was traded. */
function flatBar(previous: Bar, openTime: number): Bar {
  const { close } = previous;
  return { openTime, open: close, high: close, low: close, close, volume: 0 };
}
