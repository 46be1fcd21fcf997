import { Redis, type RedisOptions } from "ioredis";
import { errorText, RuntimeError } from "../../domain/errors.ts";

export interface RedisLimits {
  /** Longest wait for a connection, ms. */
  readonly connectTimeoutMs: number;
  /** Longest wait for an answer, ms. */
  readonly commandTimeoutMs: number;
}

/** Waits before the tries to connect again, ms; the last one for all that follow. */
const RETRY_MS = [50, 100, 250, 500, 1_000] as const;

/**
 * How much later than the answer's limit a connection that says nothing is given up and made anew.
 */
const SILENCE_GRACE_MS = 1_000;

/** What ioredis says of a command without an answer. */
const TIMED_OUT = "Command timed out";

export interface Connection {
  readonly redis: Redis;
  /**
   * Connects, the first time; then asks for an answer. Fails with `unavailable`, and may be tried
   * again.
   */
  ready(): Promise<void>;
  /** Runs commands; what fails is `unavailable`, with the reason. */
  run<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result>;
  close(): void;
}

/**
 * A connection that makes itself anew for as long as it is open. A call never waits for it: without
 * one, it fails at once, so that no order is carried out long after it was given.
 */
export function openConnection(url: string, { connectTimeoutMs, commandTimeoutMs }: RedisLimits): Connection {
  const options = {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    socketTimeout: commandTimeoutMs + SILENCE_GRACE_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => RETRY_MS[times - 1] ?? RETRY_MS.at(-1),
  } satisfies RedisOptions;
  const redis = new Redis(url, options);
  let fault: unknown;
  redis.on("error", (error: unknown) => {
    fault = error;
  });
  redis.on("close", () => {
    fault ??= new Error("the connection was closed");
  });
  redis.on("ready", () => {
    fault = undefined;
  });

  async function run<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    try {
      return await commands(redis);
    } catch (error) {
      if (errorText(error) === TIMED_OUT) {
        // The next command must not wait behind this one.
        redis.disconnect(true);
      }
      // While there is no connection, commands say no more than that; why there is none is what
      // helps.
      const cause = redis.status === "ready" ? error : (fault ?? error);
      const text = `Redis cannot be reached or answers too late, try again later: ${reasonOf(cause)}`;
      throw new RuntimeError("unavailable", text, { cause });
    }
  }

  return {
    redis,
    run,
    async ready() {
      await run(async () => {
        if (redis.status === "wait") {
          await redis.connect();
        }
        await redis.ping();
      });
    },
    close: () => redis.disconnect(),
  };
}

/** A host with several addresses fails with one error for each, and no text of its own. */
function reasonOf(error: unknown): string {
  return error instanceof AggregateError && error.message === ""
    ? error.errors.map(errorText).join("; ")
    : errorText(error);
}
