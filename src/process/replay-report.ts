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

/**
 * Says now and then how far a replay is, and at its end what came of it. Hears of what the engine
 * does.
 */
export class ReplayReport implements Observer {
  readonly wantsSuppressions = false;
  readonly #options: ReplayReportOptions;
  readonly #closes = new Map<Timeframe, number>();
  readonly #outcomes = new Map<string, number>();
  #decisions = 0;
  #saidAt: number | undefined;
  #cancel: () => void;

  constructor(options: ReplayReportOptions) {
    this.#options = options;
    this.#cancel = options.clock.after(EVERY_MS, () => this.#look());
  }

  observe(event: EngineEvent): void {
    if (event.kind === "decided") {
      this.#decisions++;
    }
    if (event.kind !== "sweep" || event.cause !== "close" || event.timeframe === undefined) {
      return;
    }
    this.#closes.set(event.timeframe, (this.#closes.get(event.timeframe) ?? 0) + 1);
    for (const [outcome, count = 0] of Object.entries(event.summary.outcomes)) {
      this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + count);
    }
  }

  /** All bars that anybody asked for have been judged. */
  over({ now, start, end }: ReplayStanding): void {
    const closes = this.#closeCount();
    const byTimeframe = [...this.#closes].map(([timeframe, count]) => `${counted(count)} of ${timeframe}`).join(", ");
    const outcomes = [...this.#outcomes].sort(([, a], [, b]) => b - a);
    const evaluations = outcomes.reduce((sum, [, count]) => sum + count, 0);
    const each = outcomes.map(([outcome, count]) => `${counted(count)} ${outcome}`).join(", ");
    const judged = closes === 0 ? "no close was judged" : `${counted(closes)} closes judged (${byTimeframe})`;
    const came = evaluations === 0 ? "" : `; ${counted(evaluations)} evaluations: ${each}`;
    this.#options.say(
      { marketTime: now, start, end, closes, decisions: this.#decisions, outcomes: Object.fromEntries(outcomes) },
      `replay: over at market time ${timeText(now)}: ${judged}, ${counted(this.#decisions)} decisions${came}`,
    );
    this.#saidAt = now;
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const { clock, standing, say } = this.#options;
    this.#cancel = clock.after(EVERY_MS, () => this.#look());
    const at = standing();
    // Where nothing moves there is nothing new to say.
    if (at === undefined || at.now === (this.#saidAt ?? at.start)) {
      return;
    }
    this.#saidAt = at.now;
    const percent = Math.floor((100 * (at.now - at.start)) / (at.end - at.start));
    const closes = this.#closeCount();
    const so = `${counted(closes)} closes judged, ${counted(this.#decisions)} decisions`;
    say(
      { marketTime: at.now, percent, closes, decisions: this.#decisions },
      `replay: ${percent} %, market time ${timeText(at.now)}; ${so}`,
    );
  }

  #closeCount(): number {
    return this.#closes.values().reduce((sum, count) => sum + count, 0);
  }
}

/** 1,000,000 */
function counted(count: number): string {
  return count.toLocaleString("en-US");
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
