import { describe, expect, it } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { memoryPolicy } from "../../src/adapters/memory/memory-policy.ts";
import type { Bar } from "../../src/domain/bar.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import { ManualClock } from "../manual-clock.ts";
import { barsFrom } from "../scripted-feed.ts";
import { freshStores, history, MINUTE, startRig, T0 } from "./rig.ts";

/**
 * A clock that can go on while nothing else does, as for a process that is stopped or a machine
 * that is suspended.
 */
class StandingClock extends ManualClock {
  #stoodMs = 0;

  standStill(ms: number): void {
    this.#stoodMs += ms;
  }

  override monotonic(): number {
    return super.monotonic() + this.#stoodMs;
  }
}

async function startStanding(journal: DecisionJournal = memoryJournal()) {
  const policy = memoryPolicy({ globalMinConfidence: 0 });
  const clock = new StandingClock(T0);
  const stores = freshStores({ policy, journal });
  const rig = await startRig({ clock, stores, prepare: (feed) => history(feed, "BTC", "1m", [100, 101]) });
  await rig.save("s", "CLOSE > 1");
  await rig.close({ BTC: 102 });
  return { rig, policy: stores.policy, standStill: (ms: number) => clock.standStill(ms) };
}

describe("a process that stood still for longer than a policy may be used (R29)", () => {
  it("reads the policy before it judges a close or answers a call", async () => {
    const { rig, policy, standStill } = await startStanding();
    await rig.pass(MINUTE);
    standStill(13_000);
    const [bar] = barsFrom(T0 + MINUTE, "1m", [103]);
    await rig.send("BTC", "1m", bar as Bar);
    expect(await rig.journaled()).toHaveLength(2);
    standStill(13_000);
    policy.plant({ halted: true });
    expect((await rig.evaluate({})).outcome).toBe("HALTED");
    standStill(13_000);
    policy.plant({ halted: false });
    rig.feed.setPrice("BTC", 103, rig.clock.now());
    expect((await rig.sweep()).outcomes).toStrictEqual({ "s BTC": "ALREADY_DECIDED" });
  });

  it("reads the policy again where it stood still between judging and the journal, though no read has failed", async () => {
    const inner = memoryJournal();
    let written: Promise<void> | undefined;
    const slow: DecisionJournal = {
      ...inner,
      async append(decisions) {
        await written;
        await inner.append(decisions);
      },
    };
    const { rig, policy, standStill } = await startStanding(slow);
    await rig.save("first", "CLOSE > 1");
    await rig.save("behind", "CLOSE > 1");
    const { promise, resolve: write } = Promise.withResolvers<void>();
    written = promise;
    const first = rig.sweep({ strategyIds: ["first"] });
    await rig.pass(0);
    const behind = rig.sweep({ strategyIds: ["behind"] });
    await rig.pass(0);
    standStill(13_000);
    // Nobody tells of the change, as where the process stood still while it came.
    const { read } = policy;
    policy.read = async () => ({ ...(await read()), halted: true });
    write();
    await first;
    expect((await behind).outcomes).toStrictEqual({ "behind BTC": "HALTED" });
  });

  it("decides nothing where it cannot be read, and says why", async () => {
    const { rig, policy, standStill } = await startStanding();
    policy.read = () => Promise.reject(new Error("away"));
    standStill(13_000);
    const { outcome, explanation } = await rig.evaluate({});
    expect(outcome).toBe("POLICY_UNAVAILABLE");
    expect(explanation).toContain("away; the last snapshot is 14 s old");
    await rig.close({ BTC: 103 });
    expect(await rig.journaled()).toHaveLength(1);
  });
});
