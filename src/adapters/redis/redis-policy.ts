import { randomUUID } from "node:crypto";
import type { ChainableCommander } from "ioredis";
import { createChanges } from "../../domain/changes.ts";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import { guarded, type OnThrown } from "../../domain/guarded.ts";
import type { Policy, PolicyChange } from "../../domain/policy.ts";
import { policyOf } from "../../domain/policy-parts.ts";
import type { PolicyStore } from "../../ports/policy-store.ts";
import { CHANGE_SCRIPT, changeArguments } from "./change-script.ts";
import { type Connection, openConnection } from "./connection.ts";
import { KEYS, partsOf, REVISION, unreadable } from "./policy-keys.ts";

export interface RedisPolicyOptions {
  /** `redis://user:password@host:6379/0`; `rediss://` for TLS. */
  readonly url: string;
  /** Longest wait for a connection. 2 s by default; both in ms. */
  readonly connectTimeoutMs?: number;
  /** Longest wait for an answer. 5 s by default. */
  readonly commandTimeoutMs?: number;
  /** Told of what a listener throws. */
  readonly onThrown?: OnThrown;
}

/**
 * Where this adapter tells others of its kind of a change. Controllers that write the keys
 * themselves may do so, too.
 */
export const CHANGED = "global:policy_changed";

/** How often a change is tried again where another writer came between. */
const ATTEMPTS = 5;

/** One result of a transaction: what a command answered, or why it could not be carried out. */
type Reply = readonly [error: Error | null, value: unknown];

/**
 * The policy in a Redis server, 7 or later, under the keys of policy-keys.ts. Read in one MULTI and
 * written by one script: no reader sees half a change, and a change that comes late is none.
 * `changes` tells of changes made through this adapter, in this process or another; raw writes to
 * the keys tell nobody.
 */
export function redisPolicy(options: RedisPolicyOptions): PolicyStore {
  const { url, connectTimeoutMs = 2_000, commandTimeoutMs = 5_000, onThrown = () => {} } = options;
  const limits = { connectTimeoutMs, commandTimeoutMs };
  const commands = openConnection(url, limits);
  const subscription = openConnection(url, limits);
  const changes = createChanges();
  const me = randomUUID();
  tellOfOthers(subscription, me, () => guarded(() => changes.notify(), onThrown));

  /**
   * The policy after the change; undefined where others changed the policy since its revision was
   * read.
   */
  async function tryToChange(change: PolicyChange, deadline: number): Promise<Policy | undefined> {
    const next = randomUUID();
    // Where there is none yet, the next change has one to compare with.
    const seen = (await commands.run((redis) => redis.set(REVISION, next, "NX", "GET"))) ?? next;
    if (performance.now() > deadline) {
      // Whoever gave this order has been told that it failed, or is about to be: it must not come
      // behind the next one.
      throw new RuntimeError("unavailable", "Redis answers too late, try again later");
    }
    const { keys, args } = changeArguments(change, { seen, next: randomUUID() }, CHANGED, me);
    const replies = await transact(commands, (multi) => multi.eval(CHANGE_SCRIPT, keys.length, ...keys, ...args));
    const policy = policyIn(replies);
    return replies[0]?.[1] === 1 ? policy : undefined;
  }

  return {
    async ready() {
      await commands.ready();
      await subscription.ready().catch(() => undefined);
    },
    read: async () => policyIn(await transact(commands, () => {})),
    async change(change) {
      const deadline = performance.now() + commandTimeoutMs;
      try {
        for (let i = 0; i < ATTEMPTS; i++) {
          const policy = await tryToChange(change, deadline);
          if (policy !== undefined) {
            return policy;
          }
        }
        throw new RuntimeError("unavailable", `others changed the policy ${ATTEMPTS} times meanwhile; try again`);
      } finally {
        // Also where the answer fails: the change may stand all the same.
        changes.notify();
      }
    },
    changes: (signal) => changes.watch(signal),
    async close() {
      changes.end();
      commands.close();
      subscription.close();
    },
  };
}

/** The replies to what is filled in, and after them to what `policyIn` reads. */
function transact(commands: Connection, fill: (multi: ChainableCommander) => void): Promise<readonly Reply[]> {
  return commands.run(async (redis) => {
    const multi = redis.multi();
    fill(multi);
    const answered: readonly Reply[] | null = await readAll(multi).exec();
    if (answered === null) {
      throw new Error("the transaction was not carried out");
    }
    return answered;
  });
}

/** Tells of changes that others than `me` made, and of breaks, in which some may be missed. */
function tellOfOthers({ redis }: Connection, me: string, tell: () => void): void {
  let heardBefore = false;
  redis.on("message", (_channel: string, who: string) => {
    if (who !== me) {
      tell();
    }
  });
  // Without the right to subscribe there are no messages; the keys are polled anyway.
  redis.on("ready", () => {
    redis.subscribe(CHANGED).then(
      () => {
        if (heardBefore) {
          tell();
        }
        heardBefore = true;
      },
      () => undefined,
    );
  });
}

const STRINGS = [KEYS.riskMode, KEYS.globalMinConfidence, KEYS.halted, KEYS.haltReason, KEYS.currentRegime] as const;

/** The last commands of every transaction; policyIn reads their replies. */
function readAll(multi: ChainableCommander): ChainableCommander {
  for (const key of STRINGS) {
    multi.get(key);
  }
  return multi.smembers(KEYS.allowedStrategies);
}

function policyIn(replies: readonly Reply[]): Policy {
  const start = replies.length - STRINGS.length - 1;
  const failed = replies.slice(0, start).find(([error]) => error !== null)?.[0];
  if (failed) {
    throw new RuntimeError("unavailable", `Redis refused a part of the change: ${errorText(failed)}`, {
      cause: failed,
    });
  }
  const value = (i: number): unknown => {
    const [error, answer] = replies[start + i] ?? [null, null];
    if (error !== null) {
      throw unreadable(`${STRINGS[i] ?? KEYS.allowedStrategies} holds another type of value (${errorText(error)})`);
    }
    return answer;
  };
  const string = (i: number): string | null => value(i) as string | null;
  return policyOf(
    partsOf({
      riskMode: string(0),
      globalMinConfidence: string(1),
      halted: string(2),
      haltReason: string(3),
      currentRegime: string(4),
      allowedStrategies: value(5) as readonly string[],
    }),
  );
}
