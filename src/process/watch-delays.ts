import type { Timeframe } from "../domain/timeframe.ts";
import type { Clock } from "../ports/clock.ts";
import type { FeedDelay } from "../ports/market-data.ts";

/** Wall time between two looks. */
const EVERY_MS = 1_000;
/** What lasts is told again this often: by how much bars are late may have changed. */
const AGAIN_MS = 60_000;

export interface DelayWatchOptions {
  readonly clock: Clock;
  readonly delays: () => readonly FeedDelay[];
  readonly warn: (fields: { readonly timeframe: Timeframe; readonly lateMs: number }, text: string) => void;
  readonly info: (fields: { readonly timeframe: Timeframe; readonly lastedMs: number }, text: string) => void;
}

interface Warned {
  /** Monotonic ms, of the first time and the last. */
  readonly since: number;
  readonly at: number;
}

/**
 * Says when a feed's bars begin to come late, by timeframe, that they still do, and when they no
 * longer do. The answer ends it.
 */
export function watchDelays({ clock, delays, warn, info }: DelayWatchOptions): () => void {
  const warned = new Map<Timeframe, Warned>();
  let cancel = clock.after(EVERY_MS, look);

  function look(): void {
    // First: it looks again whatever it throws.
    cancel = clock.after(EVERY_MS, look);
    const now = clock.monotonic();
    const standing = delays();
    for (const { timeframe, lateMs, text } of standing) {
      const known = warned.get(timeframe);
      if (known === undefined || now - known.at >= AGAIN_MS) {
        warned.set(timeframe, { since: known?.since ?? now, at: now });
        warn({ timeframe, lateMs }, `market data: ${timeframe}: ${text}`);
      }
    }
    for (const [timeframe, { since }] of warned) {
      if (!standing.some((delay) => delay.timeframe === timeframe)) {
        warned.delete(timeframe);
        const lastedMs = now - since;
        info({ timeframe, lastedMs }, `market data: ${timeframe}: bars come as they should again`);
      }
    }
  }

  return () => cancel();
}
