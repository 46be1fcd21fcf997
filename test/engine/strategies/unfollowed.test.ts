import { describe, expect, it } from "vitest";
import { unfollowedWarnings } from "../../../src/engine/strategies/unfollowed.ts";
import { startRig } from "../rig.ts";
import { draftOf } from "../validation/drafts.ts";

const FOLLOWED = new Set(["BTCUSDT", "ETHUSDT", "SOLUSDT", "币安人生USDT"]);

describe("R42: symbols of a strategy that nobody follows", () => {
  it.each([
    [["btcusdt"], "symbols[0]", "BTCUSDT"],
    [["ETHUSDT", "BTC/USDT"], "symbols[1]", "BTCUSDT"],
    [["SOL-USDT"], "symbols[0]", "SOLUSDT"],
    [["ETHUSTD"], "symbols[0]", "ETHUSDT"],
    [["币安人生usdt"], "symbols[0]", "币安人生USDT"],
  ])("%j are warned of, with the followed one of nearly the same name", (symbols, field, meant) => {
    const warnings = unfollowedWarnings(symbols, FOLLOWED);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${field}: `);
    expect(warnings[0]).toContain(`${meant} is: is that meant?`);
  });

  it("are warned of without a suggestion where none is near", () => {
    expect(unfollowedWarnings(["AAPL"], FOLLOWED)).toEqual([
      'symbols[0]: "AAPL" is not followed (SYMBOLS), so no close of it is judged',
    ]);
    expect(unfollowedWarnings(["btcusdt"], new Set())).toHaveLength(1);
  });

  it("are named as far as helps, and the others counted", () => {
    const many = Array.from({ length: 100 }, (_, i) => `X${i}`);
    const warnings = unfollowedWarnings(many, FOLLOWED);
    expect(warnings).toHaveLength(4);
    expect(warnings.at(-1)).toBe("symbols: 97 more are not followed (SYMBOLS)");
  });

  it("are no matter where all are followed, or none is named", () => {
    expect(unfollowedWarnings([...FOLLOWED], FOLLOWED)).toEqual([]);
    expect(unfollowedWarnings([], FOLLOWED)).toEqual([]);
  });

  it("are saved all the same, alone, in batches and in rehearsal; a stream that names one ends the warning", async () => {
    const rig = await startRig({ symbols: ["BTCUSDT"], venue: ["BTCUSDT", "ETHUSDT"] });
    const { strategies } = rig.engine;
    const draft = draftOf({ symbols: ["btcusdt"] });
    for (const validateOnly of [true, false, false]) {
      const { warnings } = await strategies.save(draft, { validateOnly });
      expect(warnings).toEqual([expect.stringMatching(/^symbols\[0\]: "btcusdt" .*BTCUSDT/)]);
    }
    const [inBatch] = await strategies.saveMany([draft]);
    expect(inBatch).toMatchObject({ warnings: [expect.stringContaining("BTCUSDT")] });
    const eth = draftOf({ strategyId: "eth", symbols: ["ETHUSDT"] });
    expect((await strategies.save(eth, { validateOnly: true })).warnings).toHaveLength(1);
    rig.follow({ symbols: ["ETHUSDT"] });
    await rig.pass(0);
    expect((await strategies.save(eth, { validateOnly: true })).warnings).toEqual([]);
  });
});
