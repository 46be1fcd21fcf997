import { describe, expect, it } from "vitest";
import type { Rig } from "./rig.ts";
import { MINUTE, startRig, T0 } from "./rig.ts";

const TRAILING = { takeProfitPct: 0, trailingStop: { distancePct: 0.01 } };

/** A plain strategy and one that trails, both of which fire once at the next close. */
async function bothFire(rig: Rig): Promise<void> {
  await rig.save("plain", "CLOSE > 100", { cooldownMs: 3_600_000 });
  await rig.save("trailing", "CLOSE > 100", { cooldownMs: 3_600_000, ...TRAILING });
  await rig.close({ BTC: 110 });
}

describe("a decision whose exit takes more than its stop and target", () => {
  it("carries its plan (R81), and a plain one carries none", async () => {
    const rig = await startRig();
    await bothFire(rig);
    const [plain, trailing] = await rig.journaled();
    expect(plain).not.toHaveProperty("exitPlan");
    expect(trailing).toMatchObject({ exitPlan: { targets: [], trailingDistancePct: 0.01 }, stopLoss: 110 * 0.99 });
    expect(trailing).not.toHaveProperty("takeProfit");
  });

  it("goes to callers alone that know of exits; others hear how many were withheld (R87)", async () => {
    const rig = await startRig();
    const plain = rig.follow();
    const knowing = rig.follow({ includeExits: true });
    await bothFire(rig);
    await rig.pass(1_000);
    expect(plain.decisions.map(({ strategyId }) => strategyId)).toEqual(["plain"]);
    expect(plain.batches.at(-1)).toMatchObject({ withheldDecisions: 1 });
    expect(knowing.decisions.map(({ strategyId }) => strategyId)).toEqual(["plain", "trailing"]);
    expect(knowing.batches.some((batch) => "withheldDecisions" in batch)).toBe(false);
    expect(rig.events.filter(({ kind }) => kind === "withheld")).toHaveLength(1);
  });

  it("is withheld from streams that resume, too, and their place moves past it", async () => {
    const rig = await startRig();
    await bothFire(rig);
    const late = rig.follow({ resumeToken: "start" });
    await rig.pass(1_000);
    expect(late.decisions.map(({ strategyId }) => strategyId)).toEqual(["plain"]);
    expect(late.batches.at(-1)).toMatchObject({ withheldDecisions: 1 });
    const resumed = rig.follow({ resumeToken: late.token });
    await rig.pass(1_000);
    expect(resumed.batches.at(-1)).not.toHaveProperty("withheldDecisions");
  });

  it("is left out of lists unless it is asked for", async () => {
    const rig = await startRig();
    await bothFire(rig);
    const query = { strategyIds: [], symbols: [], includeShadow: false, after: 0, limit: 10 };
    expect(await rig.engine.runtime.decisions(query)).toHaveLength(1);
    expect(await rig.engine.runtime.decisions({ ...query, includeExits: true })).toHaveLength(2);
  });

  it("is withheld from one-shot calls, which say so", async () => {
    const rig = await startRig();
    await rig.close({ BTC: 110 });
    await rig.save("trailing", "CLOSE > 100", { cooldownMs: 0, ...TRAILING });
    const withheld = await rig.sweep({ dryRun: true });
    expect(withheld.decisions).toEqual([]);
    expect(withheld.summary.outcomes).toEqual({ DECIDED: 1 });
    expect(withheld.batches.at(-1)).toMatchObject({ withheldDecisions: 1 });
    expect((await rig.sweep({ dryRun: true, includeExits: true })).decisions).toHaveLength(1);
  });

  it("has times from its bar's close (R81)", async () => {
    const rig = await startRig();
    await rig.save("steps", "CLOSE > 100", {
      takeProfitPct: 0,
      targetSteps: [
        { afterMs: 0, takeProfitPct: 0.1 },
        { afterMs: 2 * MINUTE, takeProfitPct: 0.01 },
      ],
      maxHoldingTimeMs: 5 * MINUTE,
    });
    await rig.close({ BTC: 200 });
    const [decision] = await rig.journaled();
    expect(decision).toMatchObject({
      barCloseTime: T0 + MINUTE,
      takeProfit: 200 * 1.1,
      exitPlan: {
        targets: [
          { time: T0 + MINUTE, price: 200 * 1.1 },
          { time: T0 + 3 * MINUTE, price: 202 },
        ],
        exitBy: T0 + 6 * MINUTE,
      },
    });
  });
});
