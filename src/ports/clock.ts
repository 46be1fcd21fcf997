/** Wall time and timers. The engine never reads them by itself. */
export interface Clock {
  /** Wall time, ms since the epoch. */
  now(): number;
  /** Runs `task` once after `ms` of wall time; calling the answer cancels it. */
  after(ms: number, task: () => void): () => void;
  /** Monotonic, ms, for durations. */
  monotonic(): number;
}
