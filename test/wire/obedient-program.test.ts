import { describe, expect, it } from "vitest";
import { mended } from "./obedient-program.ts";
import { serveWebRig } from "./serve-web-rig.ts";

const FINE = {
  strategy_id: "s",
  name: "Buy the dip",
  status: "LIVE",
  side: "LONG",
  timeframe: "1h",
  entry_indicators: [{ name: "RSI", operator: "<", value: 30 }],
  base_size_usd: 500,
  stop_loss_pct: 0.02,
  take_profit_pct: 0.05,
};

function without(...keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(FINE).filter(([key]) => !keys.includes(key)));
}

/** Strategies with five faults each, of thirty-five kinds. */
const CASES: readonly (readonly [string, object])[] = [
  [
    "in another schema's keys",
    {
      ...without("strategy_id", "entry_indicators", "stop_loss_pct", "side", "timeframe"),
      id: "dip_1",
      conditions: [{ name: "RSI", operator: "<", value: 30 }],
      stopLoss: 0.02,
      direction: "LONG",
      tf: "1h",
    },
  ],
  [
    "in other words",
    {
      ...FINE,
      status: "paper",
      side: "BUY",
      timeframe: "60m",
      entry_indicators: [{ name: "RSI", operator: "less_than", value: 30 }],
      entry_logic: "AND",
    },
  ],
  [
    "in values of another kind",
    {
      ...FINE,
      base_size_usd: "$1,000",
      stop_loss_pct: "2%",
      cooldown: 300,
      symbols: "BTCUSDT,ETHUSDT",
      labels: { generation: 3 },
    },
  ],
  [
    "with conditions as others write them",
    {
      ...FINE,
      entry_indicators: [
        "RSI < 30",
        { name: "EMA_9", operator: ">", value: "EMA_21" },
        { indicator: "MFI_14", operator: "<", value: 40 },
        { name: "SMA", params: { length: 50 }, operator: "<", indicator: "CLOSE" },
        { name: "CLOSE", operator: "crosses above", indicator: "EMA_50" },
      ],
    },
  ],
  [
    "with more than there is",
    {
      ...FINE,
      description: "Buys when it is cheap",
      exit_indicators: [{ name: "RSI", operator: ">", value: 70 }],
      trailing_stop_pct: 0.01,
      leverage: 3,
      risk_reward: 2,
    },
  ],
  [
    "slightly wrong",
    {
      ...without("take_profit_pct"),
      take_profit_ptc: 0.05,
      cooldown_minutes: 5,
      confidence_scaling: "true",
      trigger: "EGDE",
      entry_indicators: [{ name: "EMA_9", operator: ">", value: 0, indicator: "EMA_21" }],
    },
  ],
  [
    "in percent, and in names of others",
    {
      ...FINE,
      timeframe: "1H",
      stop_loss_pct: 2,
      take_profit_pct: 4,
      min_confidence: 60,
      entry_indicators: [{ name: "CLOSE", operator: "<", indicator: "BBL_20_2.0" }],
    },
  ],
];

describe("a program that mends a strategy by what answers say, and by nothing else", () => {
  it.each(CASES)("is refused once: a strategy %s", async (_, strategy) => {
    const { post } = await serveWebRig();
    const refusals: number[] = [];
    let at = strategy;
    for (;;) {
      const answer = await post("StrategyService/SaveStrategy", { strategy: at, validate_only: true });
      if (answer.status === 200) {
        break;
      }
      refusals.push(answer.violations.length);
      expect(refusals.length, JSON.stringify([at, answer.violations], null, 1)).toBeLessThan(2);
      at = mended(at, answer.violations);
    }
    expect(refusals).toEqual([5]);
  });
});
