import { expect, it } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { type MemoryPolicy, memoryPolicy } from "../../src/adapters/memory/memory-policy.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { Policy, PolicyChange } from "../../src/domain/policy.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import { history, onBothPaths, type Rig, startRig } from "./rig.ts";

const HALT: PolicyChange = { halted: true, haltReason: "enough" };
const GO_ON: PolicyChange = { halted: false, haltReason: "" };

/** A policy store that can be away, or never answer. */
class ShakyPolicy implements MemoryPolicy {
  readonly inner = memoryPolicy({ globalMinConfidence: 0 });
  away = false;
  readsHang = false;
  changesHang = false;
  /** While present, changes are made when this resolves. */
  gate: Promise<void> | undefined;

  plant: MemoryPolicy["plant"] = (parts) => this.inner.plant(parts);
  ready = () => this.inner.ready();
  changes = (signal: AbortSignal) => this.inner.changes(signal);
  close = () => this.inner.close();

  read(): Promise<Policy> {
    return this.#answer(this.readsHang, () => this.inner.read());
  }

  change(change: PolicyChange): Promise<Policy> {
    return this.#answer(this.changesHang, async () => {
      await this.gate;
      return await this.inner.change(change);
    });
  }

  #answer(hangs: boolean, answer: () => Promise<Policy>): Promise<Policy> {
    if (this.away) {
      return Promise.reject(new RuntimeError("unavailable", "the store is away"));
    }
    return hangs ? new Promise(() => {}) : answer();
  }
}

async function opened(): Promise<{ readonly rig: Rig; readonly policy: ShakyPolicy }> {
  const policy = new ShakyPolicy();
  const rig = await startRig({
    stores: { policy },
    symbols: [],
    prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]),
  });
  for (let i = 0; i < 12; i++) {
    await rig.save(`s${i}`, "CLOSE > 1");
  }
  return { rig, policy };
}

/** A journal whose writes take until they are let go. */
function slowJournal(): { readonly journal: DecisionJournal; letGo: () => void } {
  const memory = memoryJournal();
  const slow = {
    letGo: () => {},
    journal: {
      ...memory,
      async append(decisions) {
        await new Promise<void>((resolve) => {
          slow.letGo = resolve;
        });
        await memory.append(decisions);
      },
    } satisfies DecisionJournal,
  };
  return slow;
}

/** Gives an order and lets the time pass that it takes to be answered. */
async function ordered(rig: Rig, change: PolicyChange, ms = 1_000) {
  const answer = rig.engine.policy.change(change);
  const settled = answer.catch((error: unknown) => error);
  await rig.pass(ms);
  return await settled;
}

async function decidedBy(rig: Rig, strategyId: string) {
  return (await rig.sweep({ strategyIds: [strategyId] })).decisions;
}

onBothPaths("an order that makes trading safer", () => {
  it("halts at once where the store is away, says that it is pending, and is written when the store is back", async () => {
    const { rig, policy } = await opened();
    policy.away = true;
    expect(await ordered(rig, HALT, 0)).toMatchObject({
      pending: true,
      policy: { halted: true, haltReason: "enough" },
    });
    for (let i = 0; i < 5; i++) {
      await rig.pass(1_000);
      expect(await decidedBy(rig, `s${i}`)).toEqual([]);
    }
    expect(rig.engine.runtime.status().whyNot).toContainEqual("policy: trading is halted: enough");
    policy.away = false;
    await rig.pass(1_000);
    expect(await policy.inner.read()).toMatchObject({ halted: true, haltReason: "enough" });
    expect(await decidedBy(rig, "s6")).toEqual([]);
    expect(rig.events).toContainEqual({ kind: "recovered", what: "policy orders" });
  });

  it("holds from the call on, not from the answer", async () => {
    const { rig, policy } = await opened();
    policy.changesHang = true;
    const answer = rig.engine.policy.change(HALT);
    expect(await decidedBy(rig, "s0")).toEqual([]);
    await rig.pass(1_000);
    expect(await answer).toMatchObject({ pending: true });
  });

  it("does not wait for a read that hangs", async () => {
    const { rig, policy } = await opened();
    policy.readsHang = true;
    await rig.pass(1_000);
    expect(await ordered(rig, HALT, 0)).toMatchObject({ pending: false, policy: { halted: true } });
    expect(await policy.inner.read()).toMatchObject({ halted: true });
    expect(await decidedBy(rig, "s0")).toEqual([]);
  });

  it("is undone neither by a snapshot from before it nor by a read that was under way", async () => {
    const { rig, policy } = await opened();
    policy.away = true;
    await ordered(rig, HALT, 0);
    // The store answers reads again, and has not got the order yet.
    policy.away = false;
    policy.changesHang = true;
    await rig.pass(3_000);
    expect(await policy.inner.read()).toMatchObject({ halted: false });
    expect(await decidedBy(rig, "s0")).toEqual([]);
    expect(await rig.engine.policy.get()).toMatchObject({ halted: true });
  });

  it("gives way to a later snapshot once it was written", async () => {
    const { rig, policy } = await opened();
    await ordered(rig, HALT, 0);
    policy.plant({ halted: false });
    await rig.pass(1_000);
    expect(await decidedBy(rig, "s0")).toHaveLength(1);
  });

  const parts: readonly (readonly [string, PolicyChange, object])[] = [
    ["a smaller risk mode", { riskMode: "DEFENSIVE" }, { riskMode: "DEFENSIVE" }],
    ["a higher least confidence", { globalMinConfidence: 0.9 }, { globalMinConfidence: 0.9 }],
    ["a shorter allow-list", { allowedStrategies: ["s1"] }, { allowedStrategies: ["s1"] }],
  ];
  it.each(parts)("may be %s", async (_, change, inForce) => {
    const { rig, policy } = await opened();
    policy.away = true;
    expect(await ordered(rig, change, 0)).toMatchObject({ pending: true, policy: inForce });
    expect(rig.engine.runtime.status().policy).toMatchObject(inForce);
    policy.away = false;
    await rig.pass(1_000);
    expect(await policy.inner.read()).toMatchObject(inForce);
  });

  it("does not keep a later order waiting behind its retries, and both reach the store as they were given", async () => {
    const { rig, policy } = await opened();
    policy.away = true;
    await ordered(rig, HALT, 0);
    await ordered(rig, { riskMode: "DEFENSIVE" }, 0);
    policy.away = false;
    expect(await ordered(rig, GO_ON, 0)).toMatchObject({
      pending: false,
      policy: { halted: false, riskMode: "DEFENSIVE" },
    });
    expect(await policy.inner.read()).toMatchObject({ halted: false, riskMode: "DEFENSIVE" });
    await rig.pass(5_000);
    expect(await policy.inner.read()).toMatchObject({ halted: false, riskMode: "DEFENSIVE" });
    expect(await decidedBy(rig, "s0")).toHaveLength(1);
  });
});

onBothPaths("orders that wait for one another", () => {
  it("are written in the order in which they were given, retries among them", async () => {
    const { rig, policy } = await opened();
    policy.away = true;
    await ordered(rig, HALT, 0);
    policy.away = false;
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    policy.gate = promise;
    const regime = rig.engine.policy.change({ currentRegime: "BULL" });
    await rig.pass(1_000);
    const goOn = rig.engine.policy.change(GO_ON);
    expect(await ordered(rig, HALT)).toMatchObject({ pending: true, policy: { halted: true } });
    letGo();
    await rig.pass(5_000);
    await Promise.all([regime, goOn]);
    expect(await policy.inner.read()).toMatchObject({ halted: true });
    expect(await decidedBy(rig, "s0")).toEqual([]);
  });

  it("are obeyed where the store takes them and cannot be read any more", async () => {
    const { rig, policy } = await opened();
    policy.away = true;
    await ordered(rig, HALT, 0);
    policy.away = false;
    policy.readsHang = true;
    policy.plant({ riskMode: "RECKLESS" });
    await rig.pass(1_000);
    expect(await decidedBy(rig, "s0")).toEqual([]);
    expect(rig.engine.runtime.status().whyNot.join()).toContain('risk mode is "RECKLESS"');
  });

  it("let through only what the list ordered and the one that another has written both name", async () => {
    const { rig, policy } = await opened();
    policy.changesHang = true;
    await ordered(rig, { allowedStrategies: ["s0", "s1"] });
    policy.plant({ allowedStrategies: ["s1", "s2"] });
    await rig.pass(1_000);
    expect(rig.engine.runtime.status().policy).toMatchObject({ allowedStrategies: ["s1"] });
    policy.plant({ allowedStrategies: ["s2"] });
    await rig.pass(1_000);
    const { decisions, summary } = await rig.sweep();
    expect(decisions).toEqual([]);
    expect(summary.outcomes).toEqual({ HALTED: 12 });
    policy.changesHang = false;
  });
});

onBothPaths("an order that is pending when the engine ends", () => {
  it("is written where the store can be reached", async () => {
    const { rig, policy } = await opened();
    policy.away = true;
    await ordered(rig, HALT, 0);
    policy.away = false;
    expect(await rig.engine.close()).toEqual([]);
    expect(await policy.inner.read()).toMatchObject({ halted: true });
  });

  it("is in force in the engine that is started in its place, and written as soon as it can be", async () => {
    const { rig, policy } = await opened();
    policy.away = true;
    await ordered(rig, HALT, 0);
    const unwritten = await rig.engine.close();
    expect(unwritten).toEqual([HALT]);
    policy.away = false;
    policy.changesHang = true;
    const next = await startRig({ stores: rig.stores, feed: rig.feed, clock: rig.clock, symbols: [], unwritten });
    expect(await decidedBy(next, "s0")).toEqual([]);
    expect(next.engine.runtime.status().policy).toMatchObject({ halted: true, haltReason: "enough" });
    policy.changesHang = false;
    await next.pass(1_000);
    await next.pass(10_000);
    expect(await policy.inner.read()).toMatchObject({ halted: true });
    expect(next.events).toContainEqual({ kind: "recovered", what: "policy orders" });
  });
});

onBothPaths("an order that lets more through", () => {
  const orders: readonly (readonly [string, PolicyChange])[] = [
    ["going on", GO_ON],
    ["a larger risk mode", { riskMode: "AGGRESSIVE" }],
    ["a lower least confidence", { globalMinConfidence: 0 }],
    ["a longer allow-list", { allowedStrategies: [] }],
    ["a regime", { currentRegime: "BULL" }],
  ];
  it.each(orders)("is refused where the store is away, and nothing of it is in force: %s", async (_, change) => {
    const { rig, policy } = await opened();
    const before = { riskMode: "NORMAL", globalMinConfidence: 0.1, allowedStrategies: ["s1"], ...HALT } as const;
    await ordered(rig, before, 0);
    policy.away = true;
    expect(await ordered(rig, change, 0)).toMatchObject({ code: "unavailable" });
    expect(rig.engine.runtime.status().policy).toMatchObject(before);
    policy.away = false;
    await rig.pass(5_000);
    expect(await policy.inner.read()).toMatchObject(before);
  });

  it("leaves a halt that is pending in force where it cannot be written", async () => {
    const { rig, policy } = await opened();
    policy.away = true;
    await ordered(rig, HALT, 0);
    expect(await ordered(rig, GO_ON, 0)).toMatchObject({ code: "unavailable" });
    expect(await decidedBy(rig, "s0")).toEqual([]);
    policy.away = false;
    await rig.pass(1_000);
    expect(await policy.inner.read()).toMatchObject({ halted: true });
  });
});

onBothPaths("reads of the policy", () => {
  it("are shared by all who ask meanwhile", async () => {
    const { rig, policy } = await opened();
    let reads = 0;
    const { read } = policy;
    policy.read = () => {
      reads++;
      return read.call(policy);
    };
    await Promise.all(Array.from({ length: 900 }, () => rig.engine.policy.get()));
    expect(reads).toBeLessThanOrEqual(2);
  });

  it("that hang are given up, and others follow", async () => {
    const { rig, policy } = await opened();
    policy.readsHang = true;
    await rig.pass(12_000);
    expect(await decidedBy(rig, "s0")).toEqual([]);
    expect(rig.engine.runtime.status().whyNot.join()).toContain("has not answered within 8 s");
    policy.readsHang = false;
    await rig.pass(9_000);
    expect(await decidedBy(rig, "s1")).toHaveLength(1);
  });
});

onBothPaths("a decision that is on its way to the journal when an order is given", () => {
  async function onItsWay() {
    const slow = slowJournal();
    const rig = await startRig({
      stores: { journal: slow.journal, policy: memoryPolicy({ globalMinConfidence: 0 }) },
      symbols: [],
      prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]),
    });
    await rig.save("s", "CLOSE > 1");
    const sweep = rig.sweep();
    await rig.pass(0);
    return { rig, slow, sweep };
  }

  it("is journaled before the order is answered", async () => {
    const { rig, slow, sweep } = await onItsWay();
    let isAnswered = false;
    const order = rig.engine.policy.change(HALT).finally(() => {
      isAnswered = true;
    });
    await rig.pass(500);
    expect(isAnswered).toBe(false);
    slow.letGo();
    expect(await order).toMatchObject({ pending: false, policy: { halted: true } });
    expect((await sweep).decisions).toHaveLength(1);
    expect((await rig.sweep()).decisions).toEqual([]);
  });

  it("that takes longer than a second makes the answer pending; the order is in force all the same", async () => {
    const { rig, slow, sweep } = await onItsWay();
    expect(await ordered(rig, HALT)).toMatchObject({ pending: true, policy: { halted: true } });
    slow.letGo();
    await sweep;
    expect(await ordered(rig, GO_ON)).toMatchObject({ pending: false, policy: { halted: false } });
  });
});
