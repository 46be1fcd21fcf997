import { type Connection, DatabaseError, type PoolClient, type Submittable } from "pg";
import { binaryArray } from "./binary-array.ts";

/** What pg keeps of a connection for all its queries. */
type Wire = Connection & { readonly parsedStatements: Readonly<Record<string, string>> };

/** What a statement did; an INSERT says "INSERT 0 200". */
const ROWS_OF_TAG = /(\d+)$/;

/**
 * Runs one statement for each list of parameters, all in one transaction, and answers how many rows they wrote. A statement is at work in the server while the
 * parameters of the next are made; the one message that commits follows the last. So where any fails, or parameters cannot be made, or the connection is lost
 * before, nothing is written. After a failure that is not the server's refusal the connection must not be used again.
 *
 * `name`: the server keeps the statement under it, parsed and planned.
 *
 * Source: PostgreSQL's documentation, "Pipelining" in the chapter on its protocol.
 */
export function pipelined(
  client: PoolClient,
  text: string,
  name: string,
  each: Iterable<readonly unknown[]>,
): Promise<number> {
  // No function may be made here that could hold on to `each`: the client keeps what it calls for longer than it calls it.
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  client.query(new Pipeline(text, name, each, (error, written = 0) => (error ? reject(error) : resolve(written))));
  return promise;
}

/** A query of our own, as pg's client wants them: it calls these while the connection is ours. */
class Pipeline implements Submittable {
  /** With the name, what the client remembers of what the server has parsed. */
  readonly text: string;
  readonly name: string;
  /** The client puts its time limit before this. */
  callback: (error: unknown, written?: number) => void;
  /** Absent once it is over: what outlives its use in the client lives until the whole heap is marked, and through this all that was written would. */
  #each: Iterator<readonly unknown[]> | undefined;
  #written = 0;
  #isSent = false;

  constructor(
    text: string,
    name: string,
    each: Iterable<readonly unknown[]>,
    callback: (error: unknown, written?: number) => void,
  ) {
    this.text = text;
    this.name = name;
    this.#each = each[Symbol.iterator]();
    this.callback = callback;
  }

  submit(connection: Connection): void {
    const wire = connection as Wire;
    if (wire.parsedStatements[this.name] === undefined) {
      wire.parse({ name: this.name, text: this.text, types: [] }, true);
    }
    this.#send(wire);
  }

  handleDataRow(): void {}

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#written += Number(ROWS_OF_TAG.exec(text)?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.#end(null, this.#written);
  }

  handleError(error: unknown, connection: Connection): void {
    // The server has given the transaction up, and waits for the message that ends it. After any other error that message would commit what there is.
    if (error instanceof DatabaseError && !this.#isSent && this.#each !== undefined) {
      connection.sync();
    }
    this.#end(error);
  }

  /** One statement in a turn of the event loop: more than the system takes at once would wait for the next turn. */
  #send(wire: Wire): void {
    if (this.#each === undefined) {
      return;
    }
    try {
      const next = this.#each.next();
      if (next.done) {
        this.#isSent = true;
        wire.sync();
        return;
      }
      const values = next.value.map((value) => asSent(binaryArray(value)));
      wire.bind({ statement: this.name, values }, true);
      wire.execute({}, true);
      // The answer acknowledges what has come, which the server's system may else put off for 40 ms, and this side's may wait for that with the rest.
      wire.flush();
    } catch (error) {
      this.#end(error);
      return;
    }
    setImmediate(() => this.#send(wire));
  }

  #end(error: unknown, written?: number): void {
    if (this.#each !== undefined) {
      this.#each = undefined;
      this.callback(error, written);
    }
  }
}

function asSent(value: unknown): Buffer | string | null {
  return value === null || value === undefined ? null : value instanceof Buffer ? value : String(value);
}
