import type { Bar } from "../../src/domain/bar.ts";
import { randomOf } from "../harness/random.ts";

/** A random walk of bars that follow one another. Equal seeds give equal bars. */
export function barsOf(count: number, seed: number, start: number, lengthMs: number): readonly Bar[] {
  const next = barWalk(seed, start, lengthMs);
  return Array.from({ length: count }, next);
}

/** The same, bar by bar. */
export function barWalk(seed: number, start: number, lengthMs: number): () => Bar {
  const random = randomOf(seed);
  let close = 100;
  let openTime = start - lengthMs;
  return () => {
    const open = close;
    openTime += lengthMs;
    close = open * Math.exp((random() - 0.5) * 0.02);
    const high = Math.max(open, close) * (1 + random() * 0.003);
    const low = Math.min(open, close) * (1 - random() * 0.003);
    return { openTime, open, high, low, close, volume: 10 + random() * 100 };
  };
}
