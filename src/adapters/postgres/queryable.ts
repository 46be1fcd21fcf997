/** Runs one statement; `$1` and so on stand for the parameters. */
export interface Statements {
  query<Row>(text: string, params?: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

/**
 * Why a listener is called: after a NOTIFY, or after a break in which any number of them may have
 * been missed.
 */
export type Heard = "notify" | "break";

export interface TransactionOptions {
  /**
   * In place of the client's own limit, for statements that may take long. A client without limits
   * ignores it.
   */
  readonly statementTimeoutMs?: number;
}

/** What the adapters here need of a PostgreSQL client, so that PGlite and `pg` share them. */
export interface Queryable extends Statements {
  /**
   * Rows that one statement should write at most, where the client holds the event loop while it
   * works on one. Absent: a server does, and any number will do.
   */
  readonly rowsAtOnce?: number;
  /** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
  transaction<Result>(work: (statements: Statements) => Promise<Result>, options?: TransactionOptions): Promise<Result>;
  /**
   * Calls `onNotify` after each NOTIFY on the channel, and once after every break in which some may
   * have been missed. The answer stops it and may be called once the client is closed. A client
   * without it hears of this process's own changes only.
   */
  listen?(channel: string, onNotify: (heard: Heard) => void): Promise<() => Promise<void>>;
  /** Idempotent. */
  close(): Promise<void>;
}
