import { expect, it } from "vitest";
import type { StrategyDraft } from "../../../src/domain/strategy.ts";
import { startRig } from "../rig.ts";
import { conditionOf, draftOf } from "../validation/drafts.ts";

const RULE = { kind: "condition", condition: conditionOf("CLOSE > 1000") } as const;
const GONE = (field: string) =>
  `${field}: is stored, and this save removes it: give it again if your client is older than the field`;

it.each<[string, Partial<StrategyDraft>]>([
  ["entry", { entryIndicators: [], entry: RULE }],
  ["exit", { exit: RULE }],
  ["stop_loss_at", { stopLossPct: 0, stopLossAt: "LOWEST_10" }],
  ["take_profit_at", { takeProfitPct: 0, takeProfitAt: "HIGHEST_10" }],
  ["trailing_stop", { trailingStop: { distancePct: 0.1 } }],
  ["max_holding_time", { maxHoldingTimeMs: 86_400_000 }],
  ["target_steps", { takeProfitPct: 0, targetSteps: [{ afterMs: 0, takeProfitPct: 0.1 }] }],
])("a save that removes %s is accepted with a warning (R89)", async (field, changes) => {
  const rig = await startRig();
  const { strategies } = rig.engine;
  const plain = draftOf({ timeframe: "1m", side: "LONG", symbols: ["BTC"] });
  const save = async (draft: StrategyDraft, validateOnly = false) =>
    (await strategies.save(draft, { validateOnly })).warnings;
  expect(await save({ ...plain, ...changes })).toEqual([]);
  expect(await save(plain, true)).toEqual([GONE(field)]);
  const [batch] = await strategies.saveMany([plain]);
  expect(batch).toMatchObject({ warnings: [GONE(field)] });
  expect(await save(plain)).toEqual([]);
});
