import type { Client } from "pg";
import { guarded, type OnThrown } from "../../domain/guarded.ts";
import type { Heard } from "./queryable.ts";

/** Waits before the tries to connect again; the last one for all that follow. */
const RETRY_MS = [100, 250, 500, 1_000] as const;

type OnNotify = (heard: Heard) => void;

/**
 * One connection that listens on all channels asked for. Where it breaks, it is made again, and all
 * that listen are told once: what was notified meanwhile is lost.
 */
export class Listener {
  readonly #create: () => Client;
  readonly #checkMs: number;
  readonly #onThrown: OnThrown;
  readonly #channels = new Map<string, Set<OnNotify>>();
  #current: Promise<Session> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * `create` gives a client that is not connected yet and has time limits. Every `checkMs` it is
   * looked whether the connection lives: an idle one that was cut in silence would never say so.
   */
  constructor(create: () => Client, checkMs: number, onThrown: OnThrown) {
    this.#create = create;
    this.#checkMs = checkMs;
    this.#onThrown = onThrown;
  }

  /** See Queryable. */
  async listen(channel: string, onNotify: OnNotify): Promise<() => Promise<void>> {
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(onNotify));
    try {
      await (await this.#session()).run(`LISTEN ${quoted(channel)}`);
    } catch (error) {
      this.#forget(channel, onNotify);
      throw error;
    }
    return async () => this.#forget(channel, onNotify);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const open = this.#current;
    this.#current = undefined;
    this.#channels.clear();
    await open?.then((session) => session.end()).catch(() => undefined);
  }

  /** The connection there is, or a new one. */
  #session(): Promise<Session> {
    if (this.#closed) {
      return Promise.reject(new Error("the client is closed"));
    }
    if (this.#current === undefined) {
      const options = {
        onNotify: (channel: string) => this.#tell([channel], "notify"),
        onEnd: () => this.#ended(),
        checkMs: this.#checkMs,
      };
      const opening = Promise.try(() => openSession(this.#create(), [...this.#channels.keys()], options));
      this.#current = opening;
      opening.catch(() => {
        this.#current = undefined;
      });
    }
    return this.#current;
  }

  #tell(channels: readonly string[], heard: Heard): void {
    for (const listener of channels.flatMap((channel) => [...(this.#channels.get(channel) ?? [])])) {
      guarded(() => listener(heard), this.#onThrown);
    }
  }

  #ended(): void {
    this.#current = undefined;
    if (!this.#closed && this.#channels.size > 0) {
      this.#reconnect(0);
    }
  }

  #reconnect(tries: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#session().then(
        () => this.#tell([...this.#channels.keys()], "break"),
        () => this.#closed || this.#reconnect(tries + 1),
      );
    }, RETRY_MS[tries] ?? RETRY_MS.at(-1));
  }

  /** The server goes on notifying, which costs nothing: nobody is called. */
  #forget(channel: string, onNotify: OnNotify): void {
    const listeners = this.#channels.get(channel);
    listeners?.delete(onNotify);
    if (listeners?.size === 0) {
      this.#channels.delete(channel);
    }
  }
}

interface Session {
  /** Runs a statement after those asked for before. */
  run(text: string): Promise<void>;
  end(): Promise<void>;
}

interface SessionOptions {
  readonly onNotify: (channel: string) => void;
  /** The connection has ended, by `end` or by itself. Not called where it was never made. */
  readonly onEnd: () => void;
  readonly checkMs: number;
}

/** Connects and listens; fails, with nothing left open, where either does. */
async function openSession(client: Client, channels: readonly string[], options: SessionOptions): Promise<Session> {
  let last: Promise<unknown> = Promise.resolve();
  const run = (text: string): Promise<void> => {
    const mine = last.then(() => client.query(text)).then(() => undefined);
    last = mine.catch(() => undefined);
    return mine;
  };
  // Breaks are told by "end"; without a listener here an error would end the process.
  client.on("error", () => {});
  client.on("notification", ({ channel }) => options.onNotify(channel));
  try {
    await client.connect();
    for (const channel of channels) {
      await run(`LISTEN ${quoted(channel)}`);
    }
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  let looking = false;
  const look = setInterval(() => {
    if (!looking) {
      looking = true;
      run("SELECT 1").then(
        () => {
          looking = false;
        },
        () => client.end().catch(() => undefined),
      );
    }
  }, options.checkMs);
  look.unref();
  client.once("end", () => {
    clearInterval(look);
    options.onEnd();
  });
  return {
    run,
    async end() {
      clearInterval(look);
      await client.end();
    },
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
