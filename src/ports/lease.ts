/** How a process stands among those on one database (R100). */
export interface LeaseStatus {
  readonly role: "active" | "standby";
  readonly epoch: number;
  /** Where the active one serves. */
  readonly activeAddress: string;
  /** Absent where the lease never ends. */
  readonly expiresAt?: number;
}

/**
 * Says whether this process is the one that decides and writes (R100, R101): of all processes on
 * one store, one holds the lease.
 */
export interface Lease {
  /** Why this process must not decide now; undefined while it may. Read from its own clock. */
  fault(): string | undefined;
  /**
   * The epoch in force, once the fate of every earlier write is known: where one was given up, a
   * new epoch is taken first, so that a write of the old one does nothing when it arrives. State
   * that may be other than what this process remembers is read anew where the epoch is not the one
   * of before. Fails with `unavailable` where the lease is lost, or cannot be asked for.
   */
  settled(): Promise<number>;
}

/** For stores that nobody shares and whose writes never come late. */
export const NO_LEASE: Lease = { fault: () => undefined, settled: async () => 0 };
