import { describe, expect, it } from "vitest";
import { barsFrom } from "../scripted-feed.ts";
import { history, MINUTE, type RigOptions, startRig, T0 } from "./rig.ts";

const WITH_HISTORY: RigOptions = { prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]) };

describe("R5: gaps", () => {
  it("are filled from the feed's history", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "CLOSE > MOM_2");
    await rig.close({ BTC: 103 });
    // The next bar is missed by the subscription, but the venue has it.
    rig.feed.record("BTC", "1m", barsFrom(T0 + MINUTE, "1m", [200]));
    await rig.pass(MINUTE);
    await rig.close({ BTC: 104 });
    // MOM_2 reads the bar two before: 104 - 103 with the bar that was missed between them.
    expect((await rig.journaled()).at(-1)?.conditions[0]).toMatchObject({ left: 104, right: 1 });
  });

  it("that the history lacks too are filled flat", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "CLOSE > MOM_2");
    await rig.close({ BTC: 103 });
    await rig.pass(MINUTE);
    await rig.close({ BTC: 110 });
    await rig.close({ BTC: 120 });
    // Two bars before 120 is the flat bar at 103.
    expect((await rig.journaled()).at(-1)?.conditions[0]).toMatchObject({ left: 120, right: 17 });
  });

  it.each([
    { missing: 48, decisions: 1 },
    { missing: 49, decisions: 0 },
  ])(
    "of $missing bars that the history lacks leave $decisions decision on the next",
    async ({ missing, decisions }) => {
      const rig = await startRig(WITH_HISTORY);
      await rig.pass(missing * MINUTE);
      await rig.save("s", "CLOSE > 1");
      await rig.close({ BTC: 110 });
      expect(await rig.journaled()).toHaveLength(decisions);
      const { outcome, explanation } = await rig.evaluate({});
      expect(outcome).toBe(decisions === 1 ? "ALREADY_DECIDED" : "MARKET_DATA_UNAVAILABLE");
      expect(explanation).toContain(decisions === 1 ? "was made" : "gap too long to fill");
    },
  );
});
