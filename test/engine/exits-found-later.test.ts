import { describe, expect, it } from "vitest";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { StrategyDraft } from "../../src/domain/strategy.ts";
import { barsFrom, type ScriptedFeed } from "../scripted-feed.ts";
import { history, MINUTE, openingOf, type Rig, type RigOptions, startRig, T0 } from "./rig.ts";
import { conditionOf } from "./validation/drafts.ts";

/** A stop at 90, and a decision at the first close. */
async function entered(changes: Partial<StrategyDraft> = {}, options: RigOptions = {}): Promise<Rig> {
  const rig = await startRig(options);
  await rig.save("s", "CLOSE == 100", { stopLossPct: 0.1, takeProfitPct: 0.5, ...changes });
  await rig.close({ BTC: 100 });
  return rig;
}

async function opened(rig: Rig, changes: { decisionId?: string; strategyId?: string } = {}): Promise<void> {
  const [decision] = await rig.journaled();
  await rig.engine.performance.opened({
    ...openingOf("p", decision?.decisionId),
    openedAt: rig.clock.now(),
    ...changes,
  });
}

async function exits(rig: Rig): Promise<readonly unknown[]> {
  return (await rig.journaled()).flatMap(({ action, exitReason }) => (action ? [exitReason ?? action] : []));
}

const away = async (): Promise<never> => {
  throw new RuntimeError("unavailable", "the store is away");
};

describe("a position that nothing could be found of", () => {
  it("is judged once the journal answers again", async () => {
    const rig = await entered();
    const [decision] = await rig.journaled();
    const { get } = rig.stores.journal;
    rig.stores.journal.get = away;
    await opened(rig, { decisionId: decision?.decisionId ?? "" });
    expect(rig.engine.runtime.status().unguardedPositions).toMatchObject([{ positionId: "p" }]);
    rig.stores.journal.get = get;
    await rig.close({ BTC: 95 });
    await rig.close({ BTC: 89 });
    expect(await exits(rig)).toEqual(["STOP"]);
    expect(rig.engine.runtime.status()).not.toHaveProperty("unguardedPositions");
  });

  it("is judged by its plan where the strategies cannot be asked at the start", async () => {
    const first = await entered();
    await opened(first);
    await first.engine.strategies.setStatus("s", "DISABLED", "test");
    await first.stop();
    const { stores, clock, feed } = first;
    stores.strategies.get = away;
    const second = await startRig({ stores, clock, feed });
    await second.close({ BTC: 95 });
    await second.close({ BTC: 89 });
    expect(await exits(second)).toEqual(["STOP"]);
  });

  it("is judged once its strategy is stored", async () => {
    const rig = await entered();
    await opened(rig, { decisionId: "", strategyId: "later" });
    await rig.close({ BTC: 99 });
    await rig.save("later", "CLOSE == 1", { stopLossPct: 0.1 });
    await rig.close({ BTC: 95 });
    await rig.close({ BTC: 89 });
    expect(await exits(rig)).toEqual(["ADJUST", "STOP"]);
  });
});

describe("closes that come late", () => {
  it.each([1, 2, 3])("count for the best price, as they do after a restart (R82): %i", async (missing) => {
    const rig = await entered({ trailingStop: { distancePct: 0.05 } });
    await opened(rig);
    for (let i = 0; i < missing; i++) {
      await rig.close({});
      await rig.pass(20_000);
    }
    const late = barsFrom(
      T0 + MINUTE,
      "1m",
      Array.from({ length: missing }, (_, i) => (i === 0 ? 120 : 116)),
    );
    rig.feed.record("BTC", "1m", late);
    for (const bar of late) {
      await rig.send("BTC", "1m", bar);
    }
    await rig.close({ BTC: 115 });
    expect(await exits(rig)).toEqual(["ADJUST"]);
    expect((await rig.journaled()).at(-1)).toMatchObject({ action: "ADJUST", stopLoss: 114 });
    await rig.close({ BTC: 113 });
    expect(await exits(rig)).toEqual(["ADJUST", "TRAILING_STOP"]);
  });
});

it("an exit rule waits a moment for the bars that it reads, whether or not its strategy trades", async () => {
  const prepare = (feed: ScriptedFeed) => history(feed, "BTC", "5m", [99, 99]);
  const rule = { kind: "condition", condition: conditionOf("CLOSE@5m > 120") } as const;
  const rig = await entered({ exit: rule }, { prepare });
  await opened(rig);
  await rig.engine.strategies.setStatus("s", "DISABLED", "test");
  for (const close of [101, 101, 101, 125]) {
    await rig.close({ BTC: close });
  }
  await rig.pass(100);
  expect(await exits(rig)).toEqual([]);
  await rig.send("BTC", "5m", { openTime: T0, open: 100, high: 125, low: 100, close: 125, volume: 1 });
  expect(await exits(rig)).toEqual(["EXIT_RULE"]);
  for (let i = 0; i < 5; i++) {
    await rig.close({ BTC: 80 });
  }
  expect((await exits(rig)).length).toBe(5);
  // A bar that does not come keeps nobody waiting for longer.
  await rig.pass(500);
  expect((await exits(rig)).length).toBe(6);
});

it("a position that is to be closed is so whatever becomes of its strategy's side (R87)", async () => {
  const rig = await entered();
  await opened(rig, { decisionId: "" });
  await rig.close({ BTC: 95 });
  await rig.close({ BTC: 89 });
  await rig.save("s", "CLOSE == 100", { side: "SHORT", stopLossPct: 0.1, takeProfitPct: 0.5 });
  await rig.close({ BTC: 95 });
  expect(await exits(rig)).toEqual(["ADJUST", "STOP", "STOP"]);
  await rig.stop();
  const { stores, clock, feed } = rig;
  const again = await startRig({ stores, clock, feed });
  await again.close({ BTC: 96 });
  expect(await exits(again)).toEqual(["ADJUST", "STOP", "STOP", "STOP"]);
});
