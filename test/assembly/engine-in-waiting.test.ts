import { describe, expect, it } from "vitest";
import { EngineInWaiting } from "../../src/assembly/engine-in-waiting.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { PolicyChange } from "../../src/domain/policy.ts";
import type { FollowQuery, RuntimeStatus, SignalBatch } from "../../src/engine/api.ts";
import type { RunningEngine } from "../../src/engine/engine.ts";
import type { LeaseStatus } from "../../src/ports/lease.ts";
import { ManualClock, settled } from "../manual-clock.ts";

const FOLLOW: FollowQuery = { symbols: [], resumeToken: "", includeShadow: false, strategyIds: [] };
const UNAVAILABLE = new RuntimeError("unavailable", "PostgreSQL is away");

interface Rig {
  readonly clock: ManualClock;
  readonly waiting: EngineInWaiting<RunningEngine>;
  readonly faults: unknown[];
  readonly waitedFor: string[];
  /** Who holds the lease; undefined: nobody else. */
  holder: string | undefined;
  standing: { status: LeaseStatus | undefined; fault: string | undefined };
}

function rigOf(start: (orders: readonly PolicyChange[]) => Promise<RunningEngine>): Rig {
  const clock = new ManualClock(1_000);
  const rig: Rig = {
    clock,
    faults: [],
    waitedFor: [],
    holder: undefined,
    standing: { status: undefined, fault: undefined },
    waiting: new EngineInWaiting({
      clock,
      turn: async () => rig.holder,
      start,
      onFault: (error) => rig.faults.push(error),
      onWaiting: (why) => rig.waitedFor.push(why),
      standing: () => rig.standing,
    }),
  };
  return rig;
}

/**
 * An engine that answers its name as the policy, and whose streams go on until they are told to
 * end.
 */
function engineNamed(name: string, log: string[] = [], orders: readonly PolicyChange[] = []): RunningEngine {
  return {
    policy: { get: async () => name },
    runtime: {
      status: () => ({ ready: true, whyNot: [] }) as unknown as RuntimeStatus,
      async *follow(_: FollowQuery, signal: AbortSignal) {
        yield { resumeToken: name } as SignalBatch;
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      },
    },
    async close() {
      log.push(`${name} closed`);
      return orders;
    },
  } as unknown as RunningEngine;
}

describe("an engine in waiting", () => {
  it("says why the engine is not there, and is it once the store is back", async () => {
    const engine = engineNamed("the engine");
    let isDown = true;
    const { waiting, clock, faults } = rigOf(async () => {
      if (isDown) {
        throw UNAVAILABLE;
      }
      return engine;
    });
    await waiting.start();
    expect(waiting.runtime.status()).toMatchObject({ ready: false, whyNot: ["stores: PostgreSQL is away"] });
    await expect(waiting.policy.get()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("PostgreSQL is away"),
    });
    isDown = false;
    await clock.elapse(1_000);
    expect(waiting.engine).toBe(engine);
    expect(await waiting.policy.get()).toBe("the engine");
    expect(faults).toHaveLength(1);
  });

  it("does not wait for what will not come back by itself", async () => {
    const { waiting, clock } = rigOf(() => Promise.reject(new RuntimeError("failed_precondition", "newer tables")));
    await expect(waiting.start()).rejects.toMatchObject({ code: "failed_precondition" });
    expect(clock.pending).toBe(0);
  });

  it("waits while another process holds the lease, says for whom, once, and starts soon after it is free", async () => {
    const rig = rigOf(async () => engineNamed("b"));
    rig.holder = "standby: a holds the lease; call a:50051";
    rig.standing = { status: { role: "standby", epoch: 3, activeAddress: "a:50051", expiresAt: 9 }, fault: rig.holder };
    await rig.waiting.start();
    await rig.clock.elapse(5_000);
    expect(rig.waitedFor).toEqual([rig.holder]);
    expect(rig.faults).toEqual([]);
    expect(rig.waiting.runtime.status()).toMatchObject({
      ready: false,
      whyNot: [rig.holder],
      lease: { role: "standby", epoch: 3, activeAddress: "a:50051", expiresAt: 9 },
    });
    await expect(rig.waiting.policy.get()).rejects.toMatchObject({
      code: "unavailable",
      message: "the service is not ready: standby: a holds the lease; call a:50051",
    });
    rig.holder = undefined;
    await rig.clock.elapse(250);
    expect(await rig.waiting.policy.get()).toBe("b");
  });

  it("is not ready while the lease is in doubt, whatever the engine says", async () => {
    const rig = rigOf(async () => engineNamed("a"));
    await rig.waiting.start();
    expect(rig.waiting.runtime.status()).toMatchObject({ ready: true, whyNot: [] });
    rig.standing = { status: undefined, fault: "the lease could not be renewed for 2001 ms" };
    expect(rig.waiting.runtime.status()).toMatchObject({
      ready: false,
      whyNot: ["lease: the lease could not be renewed for 2001 ms"],
    });
  });

  it("that starts anew ends the engine first, once, and streams hear that they must come again", async () => {
    const log: string[] = [];
    let starts = 0;
    const rig = rigOf(async () => {
      starts++;
      log.push(`${starts} started`);
      return engineNamed(String(starts), log);
    });
    await rig.waiting.start();
    const stream = rig.waiting.runtime.follow(FOLLOW, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await stream.next()).value).toEqual({ resumeToken: "1" });
    const next = stream.next();
    next.catch(() => undefined);
    rig.waiting.restart(new RuntimeError("unavailable", "the journal was restored"));
    rig.waiting.restart(new RuntimeError("unavailable", "and the lease is lost"));
    await expect(next).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("resume_token") });
    await settled();
    expect(log).toEqual(["1 started", "1 closed", "2 started"]);
    expect(await rig.waiting.policy.get()).toBe("2");
    expect(rig.faults).toHaveLength(1);
  });

  it("that starts anew where it cannot goes on trying", async () => {
    let starts = 0;
    const rig = rigOf(async () => {
      starts++;
      if (starts === 2) {
        throw new RuntimeError("failed_precondition", "something else");
      }
      return engineNamed(String(starts));
    });
    await rig.waiting.start();
    rig.waiting.restart(UNAVAILABLE);
    await settled();
    expect(rig.waiting.runtime.status().whyNot).toEqual(["stores: something else"]);
    await rig.clock.elapse(1_000);
    expect(await rig.waiting.policy.get()).toBe("3");
  });

  it("ends only after an attempt under way, ends what that started, and makes no other", async () => {
    const log: string[] = [];
    const attempt = Promise.withResolvers<RunningEngine>();
    let attempts = 0;
    const { waiting, clock } = rigOf(() => {
      attempts++;
      return attempts === 1 ? Promise.reject(UNAVAILABLE) : attempt.promise;
    });
    await waiting.start();
    await clock.elapse(1_000);
    let hasEnded = false;
    const end = waiting.close().then(() => {
      hasEnded = true;
    });
    await clock.elapse(5_000);
    expect(hasEnded).toBe(false);
    attempt.resolve(engineNamed("late", log));
    await end;
    expect(log).toEqual(["late closed"]);
    expect(attempts).toBe(2);
  });
});

describe("orders that the store does not have when an engine ends", () => {
  const HALT: PolicyChange = { halted: true, haltReason: "enough" };

  async function ended() {
    const given: (readonly PolicyChange[])[] = [];
    const rig = rigOf(async (orders) => {
      given.push(orders);
      return engineNamed(`${given.length}`, [], given.length === 1 ? [HALT] : []);
    });
    await rig.waiting.start();
    return { rig, given };
  }

  it("are in force in the one that is started in its place, and in no later one", async () => {
    const { rig, given } = await ended();
    rig.waiting.restart(UNAVAILABLE);
    await settled();
    rig.waiting.restart(UNAVAILABLE);
    await settled();
    expect(given).toEqual([[], [HALT], []]);
  });

  it("are told of where another process decides now, and not in force once it is this one's turn again", async () => {
    const { rig, given } = await ended();
    rig.holder = "standby: HOST holds the lease";
    rig.waiting.restart(UNAVAILABLE);
    await settled();
    expect(String(rig.faults.at(-1))).toContain('another process decides now: give them again: {"halted":true');
    rig.holder = undefined;
    await rig.clock.elapse(1_000);
    expect(given).toEqual([[], []]);
  });

  it("are told of where the process ends", async () => {
    const { rig } = await ended();
    await rig.waiting.close();
    expect(String(rig.faults.at(-1))).toContain("the process ends: give them again");
  });
});
