import type { Timeframe } from "../domain/timeframe.ts";
import type { Clock } from "../ports/clock.ts";
import type { EngineEvent, Observer } from "../ports/observer.ts";

/** Wall time between two lines. */
const EVERY_MS = 10_000;

/** How far a replay is; market times, ms. */
export interface ReplayStanding {
  readonly start: number;
  readonly now: number;
  readonly end: number;
}

export interface ReplayReportOptions {
  readonly clock: Clock;
  /** Undefined until it is open. */
  readonly standing: () => ReplayStanding | undefined;
  readonly say: (fields: object, text: string) => void;
}

export interface ReplayReport extends Observer {
  /** All bars that anybody asked for have been judged. */
  over(at: ReplayStanding): void;
  stop(): void;
}

/**
 * Says now and then how far a replay is, and at its end what came of it. Hears of what the engine
 * does.
 */
export function replayReport({ clock, standing, say }: ReplayReportOptions): ReplayReport {
  const tally = new Tally();
  let saidAt: number | undefined;
  let cancel = clock.after(EVERY_MS, look);

  function look(): void {
    cancel = clock.after(EVERY_MS, look);
    const at = standing();
    // Where nothing moves there is nothing new to say.
    if (at === undefined || at.now === (saidAt ?? at.start)) {
      return;
    }
    saidAt = at.now;
    const percent = Math.floor((100 * (at.now - at.start)) / (at.end - at.start));
    const { closes, decisions } = tally;
    const so = `${counted(closes)} closes judged, ${counted(decisions)} decisions`;
    say(
      { marketTime: at.now, percent, closes, decisions },
      `replay: ${percent} %, market time ${timeText(at.now)}; ${so}`,
    );
  }

  return {
    wantsSuppressions: false,
    observe: (event) => tally.add(event),
    over({ now, start, end }) {
      const { closes, decisions, outcomes } = tally;
      say(
        { marketTime: now, start, end, closes, decisions, outcomes },
        `replay: over at market time ${timeText(now)}: ${tally.text()}`,
      );
      saidAt = now;
    },
    stop: () => cancel(),
  };
}

/** What came of a replay. */
class Tally {
  readonly #closes = new Map<Timeframe, number>();
  readonly #outcomes = new Map<string, number>();
  decisions = 0;

  add(event: EngineEvent): void {
    if (event.kind === "decided") {
      this.decisions++;
    }
    if (event.kind !== "sweep" || event.cause !== "close" || event.timeframe === undefined) {
      return;
    }
    this.#closes.set(event.timeframe, (this.#closes.get(event.timeframe) ?? 0) + 1);
    for (const [outcome, count = 0] of Object.entries(event.summary.outcomes)) {
      this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + count);
    }
  }

  /** Closes that were judged. */
  get closes(): number {
    return this.#closes.values().reduce((sum, count) => sum + count, 0);
  }

  /** The commonest first. */
  get outcomes(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#outcomes].sort(([, a], [, b]) => b - a));
  }

  text(): string {
    const byTimeframe = [...this.#closes].map(([timeframe, count]) => `${counted(count)} of ${timeframe}`).join(", ");
    const outcomes = Object.entries(this.outcomes);
    const evaluations = outcomes.reduce((sum, [, count]) => sum + count, 0);
    const each = outcomes.map(([outcome, count]) => `${counted(count)} ${outcome}`).join(", ");
    const judged = this.closes === 0 ? "no close was judged" : `${counted(this.closes)} closes judged (${byTimeframe})`;
    const came = evaluations === 0 ? "" : `; ${counted(evaluations)} evaluations: ${each}`;
    return `${judged}, ${counted(this.decisions)} decisions${came}`;
  }
}

/** 1,000,000 */
function counted(count: number): string {
  return count.toLocaleString("en-US");
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
