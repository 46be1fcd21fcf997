/**
 * Sees to it that a write does nothing once another process, or a later epoch of this one, is the
 * writer (R101). The statement calls `sg_fence` with the epoch that `write` hands over.
 */
export interface Fence {
  /** Runs a write under the epoch in force; one whose fate is unknown ends that epoch. */
  write<Result>(run: (epoch: number | null) => Promise<Result>): Promise<Result>;
  /** Resolves once no earlier write can arrive any more; fails with `unavailable`. */
  settled(): Promise<number | null>;
}

/** For whoever writes besides the service: tools and tests. */
export const UNFENCED: Fence = { write: (run) => run(null), settled: async () => null };
