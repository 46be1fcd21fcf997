import { expect, it, onTestFinished } from "vitest";
import { memoryPolicy } from "../../src/adapters/memory/memory-policy.ts";
import { memoryPositions } from "../../src/adapters/memory/memory-positions.ts";
import type { OneShotQuery } from "../../src/engine/api.ts";
import { settled } from "../manual-clock.ts";
import { collected, freshStores, history, openingOf, type Rig, type RigOptions, startRig } from "./rig.ts";

const ONE_SHOT: OneShotQuery = {
  symbols: ["BTC"],
  includeShadow: false,
  strategyIds: [],
  includeSuppressions: false,
  dryRun: false,
  includeEmitted: false,
};

/** A policy store whose changes are made when `gate` resolves, where there is one. */
function shakyPolicy() {
  const inner = memoryPolicy({ globalMinConfidence: 0 });
  const policy = {
    ...inner,
    gate: undefined as Promise<void> | undefined,
    async change(change: Parameters<typeof inner.change>[0]) {
      await policy.gate;
      return await inner.change(change);
    },
  };
  return policy;
}

/**
 * An engine that can be ended and followed by another one on the same stores, as in a process that
 * starts anew.
 */
async function first(stores: RigOptions["stores"]): Promise<{ readonly rig: Rig; next(): Promise<Rig> }> {
  const shared = { stores: freshStores(stores) };
  const rig = await startRig({ ...shared, prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]) });
  const next = () => startRig({ ...shared, clock: rig.clock, feed: rig.feed });
  return { rig, next };
}

it("an order that waits for its turn when the engine ends does not undo what the next engine is told", async () => {
  const policy = shakyPolicy();
  const { rig, next } = await first({ policy });
  const gate = Promise.withResolvers<void>();
  policy.gate = gate.promise;
  const regime = rig.engine.policy.change({ currentRegime: "BULL" });
  const goOn = rig.engine.policy.change({ halted: false, haltReason: "" });
  const refused = expect(goOn).rejects.toMatchObject({ code: "unavailable" });
  await rig.stop();
  const after = await next();
  policy.gate = undefined;
  await after.engine.policy.change({ halted: true, haltReason: "enough" });
  gate.resolve();
  await Promise.all([regime, refused]);
  expect(await policy.read()).toMatchObject({ halted: true, currentRegime: "BULL" });
});

it("a report that is being written when the engine ends is known to the next one", async () => {
  const inner = memoryPositions();
  const gate = Promise.withResolvers<void>();
  const positions = {
    ...inner,
    async put(position: Parameters<typeof inner.put>[0]) {
      await gate.promise;
      await inner.put(position);
    },
  };
  const { rig, next } = await first({ positions });
  await rig.save("s", "CLOSE > 1", { maxPositions: 1 });
  const opened = rig.engine.performance.opened(openingOf("p1"));
  const waiting = rig.engine.performance.opened(openingOf("p2"));
  const refused = expect(waiting).rejects.toMatchObject({ code: "unavailable" });
  const following = rig.stop().then(next);
  await settled();
  gate.resolve();
  await opened;
  const after = await following;
  await refused;
  await after.close({ BTC: 103 });
  // No second position: the open one alone has its levels told (R85).
  const journaled = await after.journaled();
  expect(journaled.map(({ action, positionId }) => [action, positionId])).toEqual([["ADJUST", "p1"]]);
  expect(await inner.open()).toMatchObject([{ positionId: "p1" }]);
});

it("a call that comes to its decisions when its engine has ended decides nothing", async () => {
  const { rig, next } = await first({});
  await rig.save("s", "CLOSE > 1");
  const { price } = rig.feed;
  const gate = Promise.withResolvers<void>();
  rig.feed.price = async (symbol) => {
    await gate.promise;
    return await price.call(rig.feed, symbol);
  };
  onTestFinished(() => gate.resolve());
  const call = collected(rig.engine.runtime.generate(ONE_SHOT, new AbortController().signal));
  const refused = expect(call).rejects.toMatchObject({ code: "unavailable" });
  await settled();
  await rig.stop();
  const after = await next();
  gate.resolve();
  await refused;
  expect(await after.journaled()).toEqual([]);
});
