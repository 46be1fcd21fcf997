import { expect, it } from "vitest";
import { startRig } from "../engine/rig.ts";
import { ExamplePage, shown, table } from "./example-page.ts";

it("exits.md: computed levels", async () => {
  const page = new ExamplePage("exits");
  const rig = await startRig();
  await rig.engine.strategies.save(await page.strategy("leveled"), { validateOnly: false });
  const rows: string[][] = [];
  for (const { "close time": time = "", close = "" } of page.rows("prices")) {
    await rig.close({ BTC: Number(close) });
    const [[outcome = ""] = []] = Object.entries(rig.summaries().at(-1)?.outcomes ?? {});
    if (outcome === "LEVELS_INVALID") {
      const { suppressions } = await rig.sweep({ dryRun: true });
      expect(page.text("because")).toBe(`${suppressions[0]?.explanation}\n`);
    }
    const decision = (await rig.journaled()).find(({ barCloseTime }) => barCloseTime === rig.clock.now());
    rows.push([time, close, outcome, shown(decision?.stopLoss), shown(decision?.takeProfit)]);
  }
  expect(page.text("judged")).toBe(table([["close time", "close", "outcome", "stop", "target"], ...rows]));
});
