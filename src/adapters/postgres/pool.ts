import { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { Client, type ClientConfig, DatabaseError, Pool, type PoolClient } from "pg";
import type { OnThrown } from "../../domain/guarded.ts";
import { Listener } from "./listener.ts";
import type { Queryable, Statements, TransactionOptions } from "./queryable.ts";

export interface PostgresOptions {
  /** Longest wait for a connection, or for a free one of the pool. 2 s by default; all in ms. */
  readonly connectTimeoutMs?: number;
  /** Longest that one statement may take before the server cancels it. 5 s by default. */
  readonly statementTimeoutMs?: number;
  /** How long a connection stays open that nobody uses. 30 s by default. */
  readonly idleTimeoutMs?: number;
  /** Connections at most; one more listens. 6 by default. */
  readonly maxConnections?: number;
  /** Time between two looks whether the listening connection lives. 10 s by default. */
  readonly listenCheckMs?: number;
  /** Told of what a listener throws, which keeps no other from hearing. */
  readonly onThrown?: OnThrown;
}

/**
 * How much later than the server this side gives up on a statement: only where no answer comes at
 * all.
 */
const ANSWER_GRACE_MS = 1_000;

/** How long connections may take to end in order. */
const CLOSE_LIMIT_MS = 1_000;

/**
 * A PostgreSQL server, 15 or later, by its URL
 * (`postgres://user:password@host:5432/database?sslmode=verify-full`). Nothing is connected until
 * the first statement, and a server that is down fails that one alone: the next tries again.
 */
export function openPostgres(url: string, options: PostgresOptions = {}): Queryable {
  const { connectTimeoutMs = 2_000, statementTimeoutMs = 5_000, idleTimeoutMs = 30_000 } = options;
  const sockets = new Set<Socket>();
  const config: ClientConfig = {
    application_name: "strategy-runtime",
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + ANSWER_GRACE_MS,
    // A transaction whose client has gone must not keep its locks.
    idle_in_transaction_session_timeout: 2 * statementTimeoutMs,
    keepAlive: true,
    // The same where the host of the client has gone while a transaction was on its way.
    options: "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
    stream: () => tracked(sockets),
  };
  const pool = new Pool({ ...config, max: options.maxConnections ?? 6, idleTimeoutMillis: idleTimeoutMs });
  // An idle connection broke: the pool has dropped it, and the next statement opens another.
  pool.on("error", () => {});
  const listener = new Listener(
    () => new Client(config),
    options.listenCheckMs ?? 10_000,
    options.onThrown ?? (() => {}),
  );
  let closing: Promise<void> | undefined;

  return {
    query: (text, params) => lend(pool, (loan) => loan.query(text, params)),
    transaction: (work, limits) => lend(pool, (loan) => inTransaction(loan, work, limits)),
    listen: (channel, onNotify) => listener.listen(channel, onNotify),
    close() {
      closing ??= closeAll();
      return closing;
    },
  };

  /**
   * A server that does not answer must not keep the process: what has not ended in order by then is
   * cut.
   */
  async function closeAll(): Promise<void> {
    const limit = new AbortController();
    const late = wait(CLOSE_LIMIT_MS, undefined, { signal: limit.signal }).catch(() => undefined);
    await Promise.race([late, Promise.allSettled([listener.close(), pool.end()])]);
    limit.abort();
    for (const socket of sockets) {
      socket.destroy();
    }
  }
}

function tracked(sockets: Set<Socket>): Socket {
  const socket = new Socket();
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
  return socket;
}

/** A connection on loan. */
interface Loan extends Statements {
  query<Row>(text: string, params?: readonly unknown[], timeoutMs?: number): Promise<{ readonly rows: readonly Row[] }>;
  /**
   * Whether it failed otherwise than by the server's refusal of a statement: it must not be used
   * again.
   */
  readonly broken: boolean;
}

async function lend<Result>(pool: Pool, work: (loan: Loan) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  const loan = loanOf(client);
  try {
    return await work(loan);
  } finally {
    loan.settle();
  }
}

function loanOf(client: PoolClient): Loan & { settle(): void } {
  let broken = false;
  const onBreak = () => {
    broken = true;
  };
  client.on("error", onBreak);
  return {
    get broken() {
      return broken;
    },
    async query(text, params = [], timeoutMs) {
      const limit = timeoutMs === undefined ? {} : { query_timeout: timeoutMs + ANSWER_GRACE_MS };
      try {
        const { rows } = await client.query({ text, values: [...params], ...limit });
        return { rows };
      } catch (error) {
        broken ||= !(error instanceof DatabaseError) || error.severity !== "ERROR";
        throw error;
      }
    },
    settle() {
      client.off("error", onBreak);
      client.release(broken);
    },
  };
}

async function inTransaction<Result>(
  loan: Loan,
  work: (statements: Statements) => Promise<Result>,
  { statementTimeoutMs }: TransactionOptions = {},
): Promise<Result> {
  await loan.query("BEGIN");
  try {
    if (statementTimeoutMs !== undefined) {
      await loan.query(`SET LOCAL statement_timeout = ${Math.trunc(statementTimeoutMs)}`);
    }
    const result = await work({ query: (text, params) => loan.query(text, params, statementTimeoutMs) });
    await loan.query("COMMIT");
    return result;
  } catch (error) {
    if (!loan.broken) {
      // Where this fails too, the connection is dropped, and the server rolls back by itself.
      await loan.query("ROLLBACK").catch(() => undefined);
    }
    throw error;
  }
}
