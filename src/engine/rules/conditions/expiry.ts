import { type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import { formatTime } from "./format.ts";

/** R7: no decision is born expired. */
export function expired(close: number, own: Timeframe, now: number): string | undefined {
  const until = close + timeframeMs(own);
  if (until > now) {
    return undefined;
  }
  return `a decision on the ${own} bar that closed at ${formatTime(close)} would have expired at ${formatTime(until)}, and it is ${formatTime(now)}`;
}
