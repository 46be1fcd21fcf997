import type { Bar } from "../../src/domain/bar.ts";
import { randomOf } from "../harness/random.ts";

/** A random walk of bars that follow one another. Equal seeds give equal bars. */
export function barsOf(count: number, seed: number, start: number, lengthMs: number): readonly Bar[] {
  const random = randomOf(seed);
  let close = 100;
  return Array.from({ length: count }, (_, i) => {
    const open = close;
    close = open * Math.exp((random() - 0.5) * 0.02);
    const high = Math.max(open, close) * (1 + random() * 0.003);
    const low = Math.min(open, close) * (1 - random() * 0.003);
    return { openTime: start + i * lengthMs, open, high, low, close, volume: 10 + random() * 100 };
  });
}
