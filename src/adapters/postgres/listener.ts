import type { Client } from "pg";
import { guarded, type OnThrown } from "../../domain/guarded.ts";
import type { Heard } from "./queryable.ts";

/** Waits before the tries to connect again; the last one for all that follow. */
const RETRY_MS = [100, 250, 500, 1_000] as const;

type OnNotify = (heard: Heard) => void;

export interface Listener {
  /** See Queryable. */
  listen(channel: string, onNotify: OnNotify): Promise<() => Promise<void>>;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * One connection that listens on all channels asked for. Where it breaks, it is made again, and all
 * that listen are told once: what was notified meanwhile is lost. `create` gives a client that is
 * not connected yet and has time limits. Every `checkMs` it is looked whether the connection lives:
 * an idle one that was cut in silence would never say so.
 */
export function createListener(create: () => Client, checkMs: number, onThrown: OnThrown): Listener {
  const channels = new Map<string, Set<OnNotify>>();
  let current: Promise<Session> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  /** The connection there is, or a new one. */
  function session(): Promise<Session> {
    if (closed) {
      return Promise.reject(new Error("the client is closed"));
    }
    if (current === undefined) {
      const opening = Promise.try(() => openSession(create(), [...channels.keys()], { onNotify, onEnd, checkMs }));
      current = opening;
      opening.catch(() => {
        current = undefined;
      });
    }
    return current;
  }

  function onNotify(channel: string): void {
    for (const listener of channels.get(channel) ?? []) {
      guarded(() => listener("notify"), onThrown);
    }
  }

  function onEnd(): void {
    current = undefined;
    if (!closed && channels.size > 0) {
      reconnect(0);
    }
  }

  function reconnect(tries: number): void {
    clearTimeout(retry);
    retry = setTimeout(() => {
      session().then(
        () => {
          for (const listener of [...channels.values()].flatMap((listeners) => [...listeners])) {
            guarded(() => listener("break"), onThrown);
          }
        },
        () => closed || reconnect(tries + 1),
      );
    }, RETRY_MS[tries] ?? RETRY_MS.at(-1));
  }

  return {
    async listen(channel, onNotify) {
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners.add(onNotify));
      try {
        await (await session()).run(`LISTEN ${quoted(channel)}`);
      } catch (error) {
        forget(channel, onNotify);
        throw error;
      }
      return async () => forget(channel, onNotify);
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      const open = current;
      current = undefined;
      channels.clear();
      await open?.then((session) => session.end()).catch(() => undefined);
    },
  };

  /** The server goes on notifying, which costs nothing: nobody is called. */
  function forget(channel: string, onNotify: OnNotify): void {
    const listeners = channels.get(channel);
    listeners?.delete(onNotify);
    if (listeners?.size === 0) {
      channels.delete(channel);
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
