import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/domain/decision.ts";
import { ManualClock } from "../manual-clock.ts";
import { scriptedFeed } from "../scripted-feed.ts";
import { history, type Rig, startRig, T0 } from "./rig.ts";

const CLOSES = [101, 99, 103, 95, 104];

/** So many engines on one feed and one clock, each with stores of its own. */
async function enginesOnOneFeed(count: number): Promise<readonly Rig[]> {
  const clock = new ManualClock(T0);
  const feed = scriptedFeed(clock, ["BTC"]);
  history(feed, "BTC", "1m", [100]);
  const rigs: Rig[] = [];
  for (let i = 0; i < count; i++) {
    rigs.push(await startRig({ clock, feed }));
  }
  return rigs;
}

async function saveRising(rig: Rig): Promise<void> {
  await rig.save("s", "CLOSE > 100");
  await rig.save("rising", "CLOSE > 100; CLOSE > 102");
}

async function saveFalling(rig: Rig): Promise<void> {
  await rig.save("s", "CLOSE < 96", { side: "SHORT" });
  await rig.save("falling", "CLOSE < 100", { side: "SHORT" });
}

/** All that an engine keeps and sends of these bars, with strategies saved by `save`. */
async function alone(save: (rig: Rig) => Promise<void>): Promise<readonly Decision[]> {
  const [rig] = (await enginesOnOneFeed(1)) as [Rig];
  await save(rig);
  const followed = rig.follow();
  for (const close of CLOSES) {
    await rig.close({ BTC: close });
  }
  const journaled = await rig.journaled();
  expect(followed.decisions).toEqual(journaled);
  return journaled;
}

const summary = (decisions: readonly Decision[]) =>
  decisions.map(({ strategyId, entryPrice }) => [strategyId, entryPrice]);

describe("two engines in one process", () => {
  it("judge different strategies on one feed, each as if it were alone", async () => {
    const [rising, falling] = (await enginesOnOneFeed(2)) as [Rig, Rig];
    await saveRising(rising);
    await saveFalling(falling);
    const followed = [rising.follow(), falling.follow()];
    for (const close of CLOSES) {
      await rising.close({ BTC: close });
    }
    const journals = [await rising.journaled(), await falling.journaled()];
    expect(journals).toEqual([await alone(saveRising), await alone(saveFalling)]);
    expect(journals.map(summary)).toEqual([
      [
        ["s", 101],
        ["rising", 103],
        ["s", 103],
        ["rising", 104],
        ["s", 104],
      ],
      [
        ["falling", 99],
        ["falling", 95],
        ["s", 95],
      ],
    ]);
    expect(followed.map(({ decisions }) => decisions)).toEqual(journals);
  });

  it("share no strategy, policy, position or end", async () => {
    const [one, other] = (await enginesOnOneFeed(2)) as [Rig, Rig];
    await one.save("s", "CLOSE > 1", { maxPositions: 1 });
    await one.engine.policy.change({ halted: true, haltReason: "one only" });
    await expect(other.engine.strategies.get("s")).rejects.toMatchObject({ code: "not_found" });
    await other.save("s", "CLOSE > 1");
    await one.close({ BTC: 101 });
    expect([one, other].map(({ engine }) => engine.runtime.status().ready)).toEqual([false, true]);
    expect(await one.journaled()).toEqual([]);
    expect(summary(await other.journaled())).toEqual([["s", 101]]);
    await one.engine.close();
    await other.close({ BTC: 102 });
    expect(summary(await other.journaled())).toEqual([
      ["s", 101],
      ["s", 102],
    ]);
  });

  it("share no module's memory but what follows from its key alone", () => {
    const folder = join(import.meta.dirname, "..", "..", "src", "engine");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
    const kept = files.flatMap((path) => {
      const source = readFileSync(join(folder, path), "utf8");
      const found = source.matchAll(/^(?:export )?(?:let (\w+)|const (\w+)(?:: (?!Readonly).+)? = new .+\(\);)/gm);
      return [...found].map(([, variable, name]) => `${path.replaceAll("\\", "/")} ${variable ?? name}`);
    });
    expect(kept.sort()).toEqual([
      "rules/conditions/compiled-condition.ts CONDITIONS",
      "rules/conditions/compiled-rule.ts SHAPES",
      "rules/conditions/compiled-strategy.ts READS",
      "rules/conditions/observed-indicators.ts NAMES",
      "rules/conditions/required-series.ts REQUIRED",
      "rules/exits/exit-rule.ts COMPILED",
      "rules/sets/feature-values.ts STEPS",
      "rules/sets/set-rule.ts RULES",
      "runtime/bar-closes/close-sweep.ts ORDERS",
      "strategies/unfollowed.ts FOLDED",
      "validation/conditions.ts CANONICAL",
      "validation/contradictions.ts ALONE",
    ]);
  });
});
