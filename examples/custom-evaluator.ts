// A custom evaluator: it vetoes signals on symbols with a pending news event. The service loads it
// with
//   EVALUATORS=./examples/custom-evaluator.ts
// and reads the calendar that NEWS_CALENDAR names, by default the one beside this file. A veto is
// the outcome VETOED, with its reason.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SignalEvaluator } from "../src/ports/signal-evaluator.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** One entry of the calendar. Without symbols it concerns all of them. */
export interface NewsEvent {
  readonly event: string;
  /** A moment such as "2026-12-10T13:30:00Z", or a time of every day, such as "13:30" (UTC). */
  readonly at: string;
  readonly before_minutes: number;
  readonly after_minutes: number;
  readonly symbols?: readonly string[];
}

/**
 * The calendar's events, checked: one that cannot be read would let signals pass that it was meant
 * to stop.
 */
export function readCalendar(path: string): readonly NewsEvent[] {
  const events: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!Array.isArray(events)) {
    throw new Error(`${path} must hold a list of events`);
  }
  return events.map((event: NewsEvent, index) => {
    const isTime = TIME_OF_DAY.test(event.at) || !Number.isNaN(Date.parse(event.at));
    if (!isTime || !(event.before_minutes >= 0) || !(event.after_minutes >= 0) || typeof event.event !== "string") {
      throw new Error(
        `${path}: entry ${index} is ${JSON.stringify(event)}; it needs event, at, before_minutes, after_minutes`,
      );
    }
    return event;
  });
}

/**
 * Refuses signals whose bar closes while an event is pending for their symbol. It asks market time,
 * so it holds in a replay, too.
 */
export function newsFilter(calendar: readonly NewsEvent[]): SignalEvaluator {
  return {
    name: "news filter",
    evaluate({ symbol, barCloseTime }) {
      for (const event of calendar) {
        const distance = distanceMs(event, barCloseTime);
        const isPending = distance >= -event.after_minutes * MINUTE_MS && distance <= event.before_minutes * MINUTE_MS;
        if (isPending && (event.symbols === undefined || event.symbols.includes(symbol))) {
          const minutes = Math.round(Math.abs(distance) / MINUTE_MS);
          return { veto: `${event.event} ${distance > 0 ? `is due in ${minutes} min` : `was ${minutes} min ago`}` };
        }
      }
      return { metadata: { news: "none pending" } };
    },
  };
}

/**
 * From `time` to the event, ms; to the nearest one where it takes place every day. Negative: it is
 * past.
 */
function distanceMs({ at }: NewsEvent, time: number): number {
  const [, hours, minutes] = TIME_OF_DAY.exec(at) ?? [];
  if (hours === undefined) {
    return Date.parse(at) - time;
  }
  const ahead = Number(hours) * 60 * MINUTE_MS + Number(minutes) * MINUTE_MS - (time % DAY_MS);
  return ahead - Math.round(ahead / DAY_MS) * DAY_MS;
}

export default newsFilter(readCalendar(process.env.NEWS_CALENDAR ?? join(import.meta.dirname, "news-calendar.json")));
