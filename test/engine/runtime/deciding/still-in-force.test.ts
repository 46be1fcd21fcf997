import { describe, expect, it } from "vitest";
import { memoryJournal } from "../../../../src/adapters/memory/memory-journal.ts";
import type { DecisionJournal } from "../../../../src/ports/decision-journal.ts";
import { history, MINUTE, startRig } from "../../rig.ts";

/** Of two calls on the bar that closed at the start, the second waits for the first one's write. */
async function judgedBehindWrite() {
  const journal = memoryJournal();
  const written = Promise.withResolvers<void>();
  const slow: DecisionJournal = {
    ...journal,
    append: (decisions) => written.promise.then(() => journal.append(decisions)),
  };
  const rig = await startRig({
    stores: { journal: slow },
    prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]),
  });
  await rig.save("first", "CLOSE > 1");
  await rig.save("behind", "CLOSE > 1");
  const first = rig.sweep({ strategyIds: ["first"] });
  await rig.pass(0);
  const behind = rig.sweep({ strategyIds: ["behind"] });
  await rig.pass(0);
  return { rig, first, behind, write: written.resolve };
}

describe("a candidate that waits for the write before it (R7)", () => {
  it("is decided while its bar is in force", async () => {
    const { rig, first, behind, write } = await judgedBehindWrite();
    await rig.pass(MINUTE - 5_000);
    write();
    await first;
    expect((await behind).decisions).toMatchObject([{ strategyId: "behind", sequence: 2 }]);
  });

  it("is refused once its decision would be born expired", async () => {
    const { rig, first, behind, write } = await judgedBehindWrite();
    await rig.pass(MINUTE);
    write();
    await first;
    const { decisions, outcomes, suppressions } = await behind;
    expect([decisions, outcomes]).toEqual([[], { "behind BTC": "MARKET_DATA_UNAVAILABLE" }]);
    expect(suppressions[0]?.explanation).toContain("would have expired at");
    expect(await rig.journaled()).toMatchObject([{ strategyId: "first" }]);
  });
});
