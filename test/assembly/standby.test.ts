import { describe, expect, it } from "vitest";
import { Standby } from "../../src/assembly/standby.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { Engine } from "../../src/engine/api.ts";
import { ManualClock } from "../manual-clock.ts";

const NO_ENGINE = {} as Engine;

function standby(start: () => Promise<Engine>) {
  const clock = new ManualClock(1_000);
  const faults: unknown[] = [];
  return { clock, faults, standby: new Standby({ clock, start, onFault: (error) => faults.push(error) }) };
}

describe("a stand-in for the engine", () => {
  it("says why the engine is not there, and is it once the store is back", async () => {
    const engine = { policy: { get: async () => "the policy" } } as unknown as Engine;
    let isDown = true;
    const rig = standby(async () => {
      if (isDown) {
        throw new RuntimeError("unavailable", "PostgreSQL is away");
      }
      return engine;
    });
    await rig.standby.start();
    expect(rig.standby.runtime.status()).toMatchObject({ ready: false, whyNot: ["stores: PostgreSQL is away"] });
    await expect(rig.standby.policy.get()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("PostgreSQL is away"),
    });
    isDown = false;
    await rig.clock.elapse(1_000);
    expect(rig.standby.engine).toBe(engine);
    expect(await rig.standby.policy.get()).toBe("the policy");
    expect(rig.faults).toHaveLength(1);
  });

  it("does not wait for what will not come back by itself", async () => {
    const rig = standby(() => Promise.reject(new RuntimeError("failed_precondition", "migrated by a newer program")));
    await expect(rig.standby.start()).rejects.toMatchObject({ code: "failed_precondition" });
    expect(rig.clock.pending).toBe(0);
  });

  it("ends only after an attempt under way, and makes no other", async () => {
    const attempt = Promise.withResolvers<Engine>();
    let attempts = 0;
    const rig = standby(() => {
      attempts++;
      return attempts === 1 ? Promise.reject(new RuntimeError("unavailable", "away")) : attempt.promise;
    });
    await rig.standby.start();
    await rig.clock.elapse(1_000);
    let hasEnded = false;
    const end = rig.standby.close().then(() => {
      hasEnded = true;
    });
    await rig.clock.elapse(5_000);
    expect(hasEnded).toBe(false);
    attempt.resolve(NO_ENGINE);
    await end;
    expect(rig.standby.engine).toBe(NO_ENGINE);
    expect(attempts).toBe(2);
  });
});
