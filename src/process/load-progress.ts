import type { RuntimeStatus } from "../engine/api.ts";
import type { Clock } from "../ports/clock.ts";

/** Wall time between two looks. */
const EVERY_MS = 5_000;

export interface LoadProgressOptions {
  readonly clock: Clock;
  readonly status: () => Pick<RuntimeStatus, "symbols">;
  readonly say: (fields: { readonly usable: number; readonly series: number }, text: string) => void;
}

/**
 * Says how many series are usable, until all are: with many symbols a start takes minutes within a
 * venue's weight limit, and each is decided on as soon as it is there. The answer ends it.
 */
export function watchLoading({ clock, status, say }: LoadProgressOptions): () => void {
  let before = -1;
  let cancel = clock.after(EVERY_MS, look);

  function look(): void {
    // First: it looks again whatever it throws.
    cancel = clock.after(EVERY_MS, look);
    const { symbols } = status();
    const waiting = symbols.filter(({ whyNot }) => whyNot !== undefined);
    const [first] = waiting;
    const series = symbols.length;
    const usable = series - waiting.length;
    if (usable !== before && first !== undefined) {
      const reason = `${first.symbol} ${first.timeframe}: ${first.whyNot}`;
      say({ usable, series }, `${usable} of ${series} series are usable; the others are not yet, such as ${reason}`);
    } else if (before >= 0 && first === undefined) {
      say({ usable, series }, `all ${series} series are usable`);
    }
    // Later troubles are told as faults, one by one.
    if (series === 0 || first !== undefined) {
      before = first === undefined ? before : usable;
    } else {
      cancel();
    }
  }

  return () => cancel();
}
